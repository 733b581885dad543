/** May a container wait for the proxy before it starts its app? Not where that could deadlock, or get it killed. */
import { findProxy } from '../pod/istio.ts';
import { isGuardHook } from '../pod/names.ts';
import type { Container, Pod, Probe } from '../pod/schema.ts';
import { isOurProbe } from './patch/probes.ts';

/**
 * @param index the container's position in spec.containers
 * @param timeout the longest wait, in milliseconds
 */
export function mayWait(pod: Pod, index: number, timeout: number): boolean {
  const container = pod.spec.containers[index];
  return container !== undefined && !hookHoldsProxyBack(pod, index) && !probeRunsOut(container, timeout);
}

/**
 * The kubelet starts containers in their order, and the next one only when a postStart hook has ended: a hook that waits
 * for an app that waits for a proxy behind that hook would wait for ever. Istio puts a sidecar it has yet to add last.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer)
 */
function hookHoldsProxyBack({ spec: { containers }, ...pod }: Pod, index: number): boolean {
  const proxy = findProxy({ ...pod, spec: { containers } })?.index ?? containers.length;
  return index < proxy && containers.slice(0, proxy).some(hasSlowHook);
}

/** The guard's hook returns at once, unless there was another in its place. */
function hasSlowHook({ lifecycle }: Container): boolean {
  const command = lifecycle?.postStart?.exec?.command ?? [];
  return lifecycle?.postStart != null && !(isGuardHook(command) && command.at(-1) === '--');
}

/** A startup probe keeps the liveness probe back, so only the first of the two counts. */
function probeRunsOut({ startupProbe, livenessProbe }: Container, timeout: number): boolean {
  const probe = startupProbe ?? livenessProbe;
  // A probe of ours asks the proxy, not the app: it gives the proxy its time by itself.
  return probe != null && !isOurProbe(probe) && budget(probe) <= timeout;
}

/**
 * Milliseconds from a container's start to the last failure that a probe forgives.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe for the defaults
 */
function budget({ initialDelaySeconds, periodSeconds, failureThreshold }: Probe): number {
  return 1000 * ((initialDelaySeconds ?? 0) + (periodSeconds ?? 10) * ((failureThreshold ?? 3) - 1));
}
