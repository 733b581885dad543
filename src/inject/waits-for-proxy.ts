/**
 * Does a container wait for the proxy before it starts its app? Not if that could deadlock, or get the container killed. How long it waits
 * is in pod/annotations/table.ts.
 */
import type { WrapDecision } from '../decide/wrap-rules.ts';
import type { App, Facts } from '../pod/facts.ts';
import { busyboxPath } from '../pod/names.ts';
import { isGuardHook } from '../pod/own-parts.ts';
import type { Container, Probe } from '../pod/schema.ts';

/**
 * Why an app starts at once: the pod has no proxy, its author says so, a postStart hook would keep the proxy from starting, or a
 * probe would fail first.
 */
export type AtOnce = 'no-proxy' | 'asked' | 'hook' | 'probe';

/** @returns undefined if the app waits */
export function whyAtOnce(facts: Facts, app: App, sidecar: WrapDecision['sidecar']): AtOnce | undefined {
  const { 'wait-for-proxy': waits, 'wait-timeout': timeout } = facts.options;
  if (sidecar === 'other') return 'no-proxy';
  if (waits === false || timeout === 0) return 'asked';
  if (waits) return undefined;
  return whyNotWait(facts, app, timeout);
}

/** `hook`: a postStart hook, of the app or before it, holds the proxy back; `probe`: a probe of the app fails before. */
export function whyNotWait(facts: Facts, { index, container }: App, timeout: number): 'hook' | 'probe' | undefined {
  if (isProxyHeldBack(facts, index)) return 'hook';
  return probeRunsOut(container, timeout) ? 'probe' : undefined;
}

/** Whether Clockout has added it. */
export const isOwnProbe = (probe: Probe): boolean => probe.exec?.command?.[0] === busyboxPath;

// --- internal ---

/**
 * The kubelet starts containers in their order, and each one only when the postStart hook of the one before has ended. So a hook
 * that waits for its app would wait forever, if that app waits for a proxy behind the hook. Istio adds its sidecar last.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer)
 */
function isProxyHeldBack({ spec: { containers }, proxy }: Facts, index: number): boolean {
  const proxyIndex = proxy.classic?.index ?? containers.length;
  return index < proxyIndex && containers.slice(0, proxyIndex).some(hasSlowHook);
}

/** The guard's hook returns at once, unless it also runs a hook that was there before. */
function hasSlowHook({ lifecycle }: Container): boolean {
  const command = lifecycle?.postStart?.exec?.command ?? [];
  return lifecycle?.postStart != null && !(isGuardHook(command) && command.at(-1) === '--');
}

/** A startup probe holds the liveness probe back, so only the startup probe counts. */
function probeRunsOut({ startupProbe, livenessProbe }: Container, timeout: number): boolean {
  const probe = startupProbe ?? livenessProbe;
  // A probe of Clockout asks the proxy, and gives it time by itself.
  return probe != null && !isOwnProbe(probe) && budgetOf(probe) <= timeout;
}

/**
 * Milliseconds from a container's start to the last failure that a probe allows.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe for the defaults
 */
const budgetOf = ({ initialDelaySeconds, periodSeconds, failureThreshold }: Probe) =>
  1000 * ((initialDelaySeconds ?? 0) + (periodSeconds ?? 10) * ((failureThreshold ?? 3) - 1));
