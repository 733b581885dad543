/** What a pod shows of Istio: which kind of sidecar it has or will have, and where pilot-agent can be reached. */
import { proxyContainerName } from './names.ts';
import { asPort, statusPortIn } from './proxy-config/read.ts';
import type { Container, Pod } from './schema.ts';

const statusAnnotation = 'sidecar.istio.io/status';
const defaultStatusPort = 15020;

/**
 * - `injected`: istio-proxy is a plain container that Istio's template rendered
 * - `native`: it is an init container that the kubelet keeps running, or the pod asks for that
 * - `requested`: it is not there, but the pod itself asks for it: Istio injects it after us, classic or native
 * - `declined`: it is not there, and will not come: the pod itself asks for none, or Istio has put none in
 * - `none`: it is not there, and the namespace decides
 */
export type SidecarFact = 'injected' | 'native' | 'requested' | 'declined' | 'none';

/** @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export function sidecarOf(pod: Pod): SidecarFact {
  const annotations = pod.metadata?.annotations ?? {};
  // A user may write an istio-proxy container of their own to override fields: only the status says that it was injected.
  if (findProxy(pod) && statusAnnotation in annotations) return 'injected';
  const native = pod.spec.initContainers?.some((c) => c.name === proxyContainerName && c.restartPolicy === 'Always');
  if (native || annotations['sidecar.istio.io/nativeSidecar'] === 'true') return 'native';
  // Istio was here and put no proxy in, as its template grpc-simple does.
  return statusAnnotation in annotations ? 'declined' : wishOf(pod);
}

/**
 * Istio's own rule, as far as a pod alone decides: its label beats its annotation, and a revision label asks as well.
 * | label inject | annotation inject | label istio.io/rev | the pod |
 * |---|---|---|---|
 * | true  | any   | any   | asks |
 * | false | any   | any   | declines |
 * | else  | false | any   | declines, unless there is a label at all |
 * | else  | else  | set   | asks |
 * | else  | any   | unset | leaves it to its namespace: the selectors of Istio's webhook do not see annotations |
 * @see https://github.com/istio/istio/blob/master/pkg/kube/inject/inject.go (injectRequired) and its webhook's selectors in
 *   manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
 */
function wishOf({ metadata }: Pod): 'requested' | 'declined' | 'none' {
  const label = metadata?.labels?.['sidecar.istio.io/inject'];
  if (label === 'true') return 'requested';
  if ((label ?? metadata?.annotations?.['sidecar.istio.io/inject']) === 'false') return 'declined';
  return metadata?.labels?.['istio.io/rev'] ? 'requested' : 'none';
}

/** The classic sidecar among the pod's containers, and where it stands. */
export function findProxy(pod: Pod): { index: number; container: Container } | undefined {
  const index = pod.spec.containers.findIndex(({ name }) => name === proxyContainerName);
  const container = pod.spec.containers[index];
  return container && { index, container };
}

/**
 * Port of pilot-agent's status server, by the agent's own precedence; 0 = it has none.
 * @see https://github.com/istio/istio/blob/master/pkg/istio-agent/config.go and pilot/cmd/pilot-agent/app
 */
export function statusPortOf(pod: Pod): number {
  const annotations = pod.metadata?.annotations ?? {};
  const environment = findProxy(pod)?.container.env?.find(({ name }) => name === 'PROXY_CONFIG')?.value;
  return (
    asPort(annotations['status.sidecar.istio.io/port']) ??
    // In a mesh config, 0 is protobuf's "not set"; only the annotation above can turn the status server off.
    (statusPortIn(annotations['proxy.istio.io/config']) || statusPortIn(environment) || defaultStatusPort)
  );
}
