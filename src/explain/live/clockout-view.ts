/** Whether Clockout is installed, and which of its webhooks is called for a new pod. Pure. */
import type { MeshPod } from '../../mesh/istio-injection.ts';
import { readLabel } from '../../mesh/label-selector.ts';
import { findOwnCaller, isObserving, isOwn, type Mode, readMode } from '../../mesh/own-webhooks.ts';
import { type DecidingLabel, type Webhook, whySeen } from '../../mesh/webhooks.ts';
import { injectLabel } from '../../pod/names.ts';

/** A webhook by its names. */
export type Named = { configuration: string; webhook: string };

export type ClockoutView = {
  installed: boolean;
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

export function viewClockout(webhooks: readonly Webhook[], pod: MeshPod, isJob: boolean): ClockoutView {
  const own = webhooks.filter(isOwn);
  if (own.length === 0) return { installed: false };
  const mode = readMode(own);
  const found = findOwnCaller(own, pod, isJob);
  const label = findInjectLabel(pod);
  const installed = { installed: true, ...(mode && { mode }), ...(label && { label }) };
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

/** The pod's own beats that of its namespace. */
function findInjectLabel({ labels, namespaceLabels = {} }: MeshPod): DecidingLabel | undefined {
  const [own, shared] = [readLabel(labels, injectLabel), readLabel(namespaceLabels, injectLabel)];
  if (own !== undefined) return { of: 'pod', key: injectLabel, value: own };
  return shared === undefined ? undefined : { of: 'namespace', key: injectLabel, value: shared };
}
