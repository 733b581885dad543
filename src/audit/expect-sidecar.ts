/** What Istio adds to a new pod: by its webhooks, its control planes, and the nodes. Pure. */
import { findInjection } from '../mesh/istio-injection.ts';
import { type Istiod, readIstiod } from '../mesh/istiod.ts';
import { type Labels, readLabels } from '../mesh/label-selector.ts';
import { chooseNative, type OldestNode } from '../mesh/native-choice.ts';
import type { SeenPod, Webhook } from '../mesh/webhooks.ts';
import type { Facts } from '../pod/facts.ts';
import { findSidecarBar } from '../pod/istio.ts';
import { findValue, listAt } from '../util/find-value.ts';
import { shortened } from '../util/text.ts';
import { readText } from './read-text.ts';

/** An istiod. */
export type ControlPlane = Istiod & {
  namespace: string;
  name: string;
  revision: string;
  /** The tag of its image. */
  version: string;
};

/** What is known of the mesh. Undefined: not known. */
export type Mesh = {
  webhooks: readonly Webhook[] | undefined;
  controlPlanes: readonly ControlPlane[] | undefined;
  /** Null: there are none. */
  oldestNode: OldestNode | null | undefined;
};

/** `assumed`: by labels alone, or without the setting of Istio. */
export type Expected = { form: 'classic' | 'native' | 'none' | 'ambient'; assumed: boolean };

/** @param deployment of Istio, with the label app=istiod */
export function readControlPlane(deployment: unknown): ControlPlane {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  const discovery = containers.find((each) => readText(each, 'name') === 'discovery') ?? containers[0];
  const image = readText(discovery, 'image') ?? '';
  return {
    ...readIstiod(deployment),
    namespace: readText(deployment, 'metadata', 'namespace') ?? '',
    name: readText(deployment, 'metadata', 'name') ?? '',
    revision: readLabels(findValue(deployment, 'metadata', 'labels'))['istio.io/rev'] ?? 'default',
    version: shortened(/:([^:@/]+)(?:@|$)/.exec(image.slice(-300))?.[1] ?? '', 60),
  };
}

/** Whether a control plane makes sidecars native, for pods that do not say themselves. */
export const makesNative = (istiod: ControlPlane, oldestNode: Mesh['oldestNode']): boolean =>
  chooseNative({ annotations: {}, istiod, oldestNode }).native === true;

export function expectSidecar({ webhooks, controlPlanes, oldestNode }: Mesh, facts: Facts, seen: SeenPod): Expected {
  const ambient = isAmbient(facts, seen.namespaceLabels) ? 'ambient' : 'none';
  const annotations = textsOf(facts.annotations);
  if (!webhooks) {
    const adds = asksByLabels(facts, seen.namespaceLabels ?? {});
    const { native } = chooseNative({ annotations, istiod: undefined, oldestNode });
    return { form: adds ? (native ? 'native' : 'classic') : ambient, assumed: true };
  }
  const injection = findInjection(webhooks, { ...seen, annotations, hostNetwork: facts.spec.hostNetwork === true });
  if (!injection.injects) return { form: ambient, assumed: false };
  const istiod = controlPlanes?.find(({ revision }) => revision === injection.revision);
  const { native } = chooseNative({ annotations, istiod, oldestNode });
  return { form: native ? 'native' : 'classic', assumed: native === undefined || !injection.isSure };
}

/** Of a pod without a sidecar. */
export function isAmbient({ labels, annotations }: Facts, namespace: Labels | undefined): boolean {
  if (annotations['ambient.istio.io/redirection'] === 'enabled') return true;
  const mode = labels['istio.io/dataplane-mode'] ?? namespace?.['istio.io/dataplane-mode'];
  return mode === 'ambient';
}

/** What its webhooks see of a pod. */
export const asSeen = (
  { labels }: Pick<Facts, 'labels'>,
  namespace: string,
  namespaceLabels: Labels | undefined,
): SeenPod => ({
  namespace,
  labels: textsOf(labels),
  namespaceLabels,
});

// --- internal ---

/** As far as labels show. */
function asksByLabels({ proxy, labels, spec }: Facts, namespace: Labels): boolean {
  const { state } = proxy;
  if (spec.hostNetwork || state === 'declined' || findSidecarBar(state, labels, namespace)) return false;
  return state === 'requested' || namespace['istio-injection'] === 'enabled' || namespace['istio.io/rev'] !== undefined;
}

const textsOf = (texts: Facts['labels']): Labels =>
  Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => entry[1] != null));
