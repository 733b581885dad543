/** Which kind of sidecar Istio has given a pod or will give it. */
import { istioStatus, proxyContainerName } from './names.ts';
import { type Container, type ContainerAt, findContainer, type Pod } from './schema.ts';
import { findStripped } from './stripped.ts';

/**
 * - `injected`: istio-proxy is a classic sidecar from Istio's template
 * - `native`: istio-proxy is a native sidecar, or the pod asks for one
 * - `requested`: the pod has no istio-proxy and asks for one: Istio injects it after Clockout, classic or native
 * - `declined`: the pod has no istio-proxy and gets none: it declines one, or Istio has not injected one
 * - `undecided`: the pod has no istio-proxy, and the namespace decides
 */
type ProxyState = 'injected' | 'native' | 'requested' | 'declined' | 'undecided';

/** `classic`: the container istio-proxy among the pod's containers. With another state than `injected`, its author wrote it. */
export type ProxyFacts = { state: ProxyState; classic: ContainerAt | undefined };

/** @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export function readProxy(pod: Pod): ProxyFacts {
  const classic = findContainer(pod.spec.containers, ({ name }) => name === proxyContainerName);
  return { state: readState(pod, classic !== undefined), classic };
}

type Labels = Readonly<Record<string, string | null>>;

/** A label because of which Istio adds no sidecar, and what has it. */
export type SidecarBar = { of: 'pod' | 'namespace'; key: string; value: string };

/**
 * Why Istio adds no sidecar to a pod, by the labels of the pod and of its namespace, and the selectors of Istio's webhooks. Of a pod
 * that asks both for ambient mode and for a sidecar, Istio says that the sidecar wins.
 * | istio-injection of the namespace | its istio.io/rev | istio.io/dataplane-mode of either | the pod asks | the namespace decides |
 * |---|---|---|---|---|
 * | enabled | any   | any     | adds one | adds one |
 * | else    | any   | any     | no       | no |
 * | unset   | set   | any     | adds one | adds one |
 * | unset   | unset | ambient | adds one | no |
 * | unset   | unset | else    | adds one | not known |
 * @param namespace its labels, if they are known
 * @see https://istio.io/latest/docs/ambient/usage/add-workloads/ and the selectors above
 */
export function findSidecarBar(state: ProxyState, pod: Labels, namespace: Labels = {}): SidecarBar | undefined {
  if (state !== 'requested' && state !== 'undecided') return undefined;
  const injection = namespace['istio-injection'];
  if (injection === 'enabled') return undefined;
  if (injection != null) return { of: 'namespace', key: 'istio-injection', value: injection };
  if (state === 'requested' || namespace['istio.io/rev']) return undefined;
  const ambient = { key: 'istio.io/dataplane-mode', value: 'ambient' };
  if (pod[ambient.key] === ambient.value) return { of: 'pod', ...ambient };
  return namespace[ambient.key] === ambient.value ? { of: 'namespace', ...ambient } : undefined;
}

/** Whether a namespace's labels ask Istio for sidecars. findSidecarBar knows what keeps them away nevertheless. */
export const asksForSidecars = (namespace: Labels = {}): boolean =>
  namespace['istio-injection'] === 'enabled' || Boolean(namespace['istio.io/rev']);

// --- internal ---

function readState(pod: Pod, hasClassic: boolean): ProxyState {
  const { metadata, spec } = pod;
  const annotations = metadata?.annotations ?? {};
  // An author can write a container istio-proxy to override fields of Istio's: only the status says that it was injected.
  if (hasClassic && istioStatus in annotations) return 'injected';
  if (
    isNative(spec.initContainers) ||
    findStripped(pod).some(isProxy) ||
    annotations['sidecar.istio.io/nativeSidecar'] === 'true'
  )
    return 'native';
  // Istio has seen the pod and injected no proxy, as its template grpc-simple does.
  return istioStatus in annotations ? 'declined' : readRequest(metadata);
}

const isNative = (initContainers: readonly Container[] | null | undefined) =>
  initContainers?.some(({ name, restartPolicy }) => name === proxyContainerName && restartPolicy === 'Always');

const isProxy = ({ container }: ContainerAt) => container.name === proxyContainerName;

/**
 * Istio's own rule, as far as the pod alone decides: the label beats the annotation, and a revision label also asks.
 * | label inject | annotation inject | label istio.io/rev | the pod |
 * |---|---|---|---|
 * | true  | any   | any   | asks |
 * | false | any   | any   | declines |
 * | else  | false | any   | declines, unless it has the label inject |
 * | else  | else  | set   | asks |
 * | else  | any   | unset | leaves it to its namespace: the selectors of Istio's webhook do not see annotations |
 * @see https://github.com/istio/istio/blob/master/pkg/kube/inject/inject.go (injectRequired) and its webhook's selectors in
 *   manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
 */
function readRequest(metadata: Pod['metadata']): 'requested' | 'declined' | 'undecided' {
  const label = metadata?.labels?.['sidecar.istio.io/inject'];
  if (label === 'true') return 'requested';
  if ((label ?? metadata?.annotations?.['sidecar.istio.io/inject']) === 'false') return 'declined';
  return metadata?.labels?.['istio.io/rev'] ? 'requested' : 'undecided';
}
