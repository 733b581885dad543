/** The sentences of which the table of endings is made: what sidecars are asked, and what keeps a pod running. Pure. */
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap } from '../inject/plan-sidecars.ts';
import { proxyContainerName } from '../pod/names.ts';

/** Seconds as people write them: 90s, 2m, 1h. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** The sidecars to end, in words. */
export const nameSidecars = ({ sidecar, sidecars }: WrapPlan) =>
  sidecar !== 'other' && sidecars.length < 2 ? 'the proxy' : 'each sidecar';

/** The names of the sidecars that Clockout ends. */
export function listKeepers({ sidecar, sidecars }: WrapPlan): string[] {
  const names = sidecars.flatMap(({ name, quitUrl, termAfter }) =>
    quitUrl === undefined && termAfter === undefined ? [] : [name],
  );
  return sidecar === 'expected' ? [proxyContainerName, ...names] : names;
}

/** `istio-proxy keeps the pod running until …` */
export function describeKeepers(names: readonly string[]): string {
  const [verb, who] = names.length === 1 ? ['keeps', names[0]] : ['keep', names.slice(0, 10).join(' and ')];
  return `${who || 'what clockout.dev/quit-urls names'} ${verb} the pod running until its activeDeadlineSeconds or its deletion`;
}

/** `when … has exited, too, `; empty if the pod waits for no container that Clockout does not wait for */
export function describeLeftOut(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `when ${names.slice(0, 10).join(' and ')} ${names.length === 1 ? 'has' : 'have'} exited, too, `;
}

/** What a pod hangs on if nothing ends its sidecars. */
export const describeHang = (plan: WrapPlan) => describeKeepers(listKeepers(plan));

/** An end of a pod that forbids Clockout to ask. */
export const describeNever = (plan: WrapPlan) =>
  `Clockout does not ask ${nameSidecars(plan)} to exit (clockout.dev/quit: never): if nothing else does, ${describeHang(plan)}`;

/** An end that is no success, where only success counts. */
export const describeUnasked = (plan: WrapPlan) =>
  `${nameSidecars(plan)} is not asked to exit (clockout.dev/quit: on-success): ${describeHang(plan)}`;

/** When the wrapper asks the sidecars to exit. */
export function describeQuit(plan: WrapPlan): string {
  const { quitDelay, containers } = plan;
  const others = containers.length > 1 ? 'when the other wrapped containers have ended, too, ' : '';
  return `${others}${nameSidecars(plan)} is asked to exit${quitDelay > 0 ? ` after ${quitDelay}s` : ''}`;
}

/** How long the wrapper waits for the proxy before the app starts, and what then. */
export function describeWait({ port }: WrapPlan, { wait, onWaitTimeout }: WrappedContainer): string {
  if (wait === 0 || port === 0) return 'it does not wait: it starts at once';
  const then = onWaitTimeout === 'start' ? 'starts anyway' : 'fails with code 124, without starting';
  return `it waits up to ${formatSeconds(wait)} (clockout.dev/wait-timeout); then it ${then}`;
}

/** A guard that asks a sidecar to exit leaves a step that the next wrapper sees. */
export function describeRestart(plan: WrapPlan, container: WrappedContainer): string {
  const again = 'the kubelet starts it again, without its sidecar';
  if (plan.sidecars.some(({ guard }) => guard.runs)) return `${again}, and it fails with code 124`;
  return `${again} (there is no guard to prevent that): ${describeWait(plan, container)}`;
}

/** The webhook, unlike `clockout inject`, sees the proxy and can add a guard to it. */
export function describeGap(plan: WrapPlan, task: string): string {
  const hang = `there is no guard to ${task}: ${describeKeepers(listUnguarded(plan))}`;
  return findGuardGap(plan) === 'proxy-not-in-view'
    ? `if clockout inject wraps it, ${hang}; if the webhook wraps it, its guard ends ${nameSidecars(plan)}`
    : hang;
}

// --- internal ---

/** The names of the sidecars that keep running if no wrapper asks them to exit. */
function listUnguarded(plan: WrapPlan): string[] {
  const guarded = new Set(plan.sidecars.flatMap(({ name, guard }) => (guard.runs ? [name] : [])));
  return listKeepers(plan).filter((name) => !guarded.has(name));
}
