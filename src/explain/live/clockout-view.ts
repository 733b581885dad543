/** Whether Clockout is installed, which installation a new pod belongs to, and which of its webhooks is called. Pure. */
import { findInstallationOf, nameServer, type OwnInstallation } from '../../mesh/installations.ts';
import type { MeshPod } from '../../mesh/istio-injection.ts';
import { readLabel } from '../../mesh/label-selector.ts';
import { findOwnCaller, isObserving, type Mode, readMode } from '../../mesh/own-webhooks.ts';
import { type DecidingLabel, type Webhook, whySeen } from '../../mesh/webhooks.ts';
import { injectLabel } from '../../pod/names.ts';

/** A webhook by its names. */
export type Named = { configuration: string; webhook: string };

export type ClockoutView = {
  installed: boolean;
  /** If there are several: the one that the pod belongs to, as its namespace and its name, and the others. */
  installation?: string;
  otherInstallations?: string[];
  mode?: Mode;
  /** The label clockout.dev/inject of the pod, or else of its namespace. */
  label?: DecidingLabel;
  /** The one that is called for a new pod, if any is. */
  caller?: Named & {
    failurePolicy: Webhook['failurePolicy'];
    because: DecidingLabel[];
    isSure: boolean;
    /** It decides, and changes nothing. */
    observes?: true;
    /** When its configuration was created. */
    created?: string;
  };
};

export const nameOf = ({ configuration, name }: Webhook): Named => ({ configuration, webhook: name });

export function viewClockout(installations: readonly OwnInstallation[], pod: MeshPod, isJob: boolean): ClockoutView {
  const own = findInstallationOf(installations, pod, isJob);
  if (!own) return { installed: false };
  const others = installations.filter((each) => each !== own).map(nameInstallation);
  const mode = readMode(own.webhooks);
  const found = findOwnCaller(own.webhooks, pod, isJob);
  const label = findInjectLabel(pod);
  const installed = {
    installed: true,
    ...(others.length > 0 && { installation: nameInstallation(own), otherInstallations: others }),
    ...(mode && { mode }),
    ...(label && { label }),
  };
  if (!found) return installed;
  const { webhook, isSure } = found;
  const { failurePolicy, created } = webhook;
  const caller = {
    ...nameOf(webhook),
    failurePolicy,
    because: whySeen(webhook, pod),
    isSure,
    ...(isObserving(webhook) && { observes: true as const }),
    ...(created && { created }),
  };
  return { ...installed, caller };
}

// --- internal ---

const nameInstallation = ({ server, webhooks }: OwnInstallation): string =>
  server ? nameServer(server) : (webhooks[0]?.configuration ?? '');

/** The pod's own beats that of its namespace. */
function findInjectLabel({ labels, namespaceLabels = {} }: MeshPod): DecidingLabel | undefined {
  const [own, shared] = [readLabel(labels, injectLabel), readLabel(namespaceLabels, injectLabel)];
  if (own !== undefined) return { of: 'pod', key: injectLabel, value: own };
  return shared === undefined ? undefined : { of: 'namespace', key: injectLabel, value: shared };
}
