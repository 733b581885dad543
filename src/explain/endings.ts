/**
 * What happens at each way in which a wrapped app can end, from the plan: the answer to "will my Job finish?". Pure.
 *
 * | the app            | any exit is the end (restartPolicy Never)    | only exit 0 is (OnFailure)        |
 * |--------------------|----------------------------------------------|-----------------------------------|
 * | exits              | the wrapper tells the proxy to quit          | … after exit 0; else a restart    |
 * | dies, wrapper too  | the guard tells the proxy; without it: hangs | a restart                         |
 * | never starts       | the guard gives it up; without it: hangs     | the kubelet tries again           |
 */
import type { EndRule, Plan, WrappedContainer } from '../inject/plan.ts';
import { noGuard, staysBesideNative } from '../inject/plan-sidecars.ts';

/** `hangs`: a sidecar runs on, and with it the pod, until its activeDeadlineSeconds or its deletion. */
export type Ending = { when: EndingToken; result: string; hangs: boolean };

/** Every way, with its words for the table. */
export const ways = {
  'exit-zero': 'exits 0',
  'exit-other': 'exits with another code, or by a signal',
  killed: 'is killed with its wrapper (SIGKILL, memory)',
  'no-program': 'is not there, or may not be run',
  'not-started': 'never starts (StartError, no image)',
  deleted: 'is told to end (deletion, deadline)',
  'proxy-late': 'has to wait for the proxy',
  'proxy-silent': 'has ended, and no quit is taken',
  'proxy-native': 'gets a native sidecar from Istio',
} as const;

export type EndingToken = keyof typeof ways;

/** @param restarts whether the kubelet starts the container again when it fails */
export function endingsOf(plan: Plan, container: WrappedContainer, restarts: boolean): Ending[] {
  const facts: Facts = { plan, container, restarts, kind: kindOf(container.end, restarts) };
  return [
    exitZero(facts),
    exitOther(facts),
    killed(facts),
    row(
      'no-program',
      '127 (not found) or 126 (not executable) and a line in its log; then as with any other code',
      exitOther(facts).hangs,
    ),
    notStarted(facts),
    row('deleted', `it gets the signal as it would alone; ${sidecar(plan)} gets its own, and the pod ends no later`),
    ...(plan.sidecar === 'other' ? [] : [proxyLate(facts)]),
    proxySilent(facts),
    ...(plan.sidecar === 'expected' ? [proxyNative(plan)] : []),
  ];
}

/** Seconds as people write them: 90s, 2m, 1h. */
export function duration(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

// --- internal ---

/**
 * What a failure means. `last`: the end. `retry`: the kubelet starts the app again. `lost`: the end, but nobody tells the
 * proxy (quit: on-success). `bare`: the proxy is told, and then the app started again (quit: always).
 */
type Kind = 'last' | 'retry' | 'lost' | 'bare';

type Facts = { plan: Plan; container: WrappedContainer; restarts: boolean; kind: Kind };

const row = (when: EndingToken, result: string, hangs = false): Ending => ({ when, result, hangs });

function kindOf(end: EndRule, restarts: boolean): Kind {
  if (end === 'any') return restarts ? 'bare' : 'last';
  return restarts ? 'retry' : 'lost';
}

const isQuiet = ({ quit }: Plan) => quit === 'never';
/** The one to end, in words: Istio's alone, or all that the pod has. */
const sidecar = ({ sidecar, sidecars }: Plan) =>
  sidecar !== 'other' && sidecars.length < 2 ? 'the proxy' : 'each sidecar';

const hang = (plan: Plan) =>
  `${sidecar(plan)} runs on and the pod with it, until its activeDeadlineSeconds or its deletion`;
const quiet = (plan: Plan) =>
  `nobody tells ${sidecar(plan)} to quit (clockout.dev/quit: never): unless something else does, ${hang(plan)}`;
const toldNothing = (plan: Plan) => `${sidecar(plan)} is told nothing (clockout.dev/quit: on-success): ${hang(plan)}`;

/** A guard that tells a sidecar to quit leaves word of it for wrappers to come. */
function restartedBare({ plan, container }: Facts): string {
  const again = 'the kubelet starts it again, without its sidecar';
  if (plan.sidecars.some(({ guard }) => guard.runs)) return `${again}, and it fails with 124`;
  return `${again} (no guard is there to keep it from that): ${waits(plan, container)}`;
}

/** The webhook, unlike `clockout inject`, sees the proxy and can put a guard beside it. */
function unguarded(plan: Plan, what: string): string {
  const absent = `no guard is there to ${what}: ${hang(plan)}`;
  const isManifest = noGuard(plan) === 'proxy-not-in-view';
  return isManifest
    ? `if clockout inject wraps it, ${absent}; if the webhook does, its guard ends ${sidecar(plan)}`
    : absent;
}

function told(plan: Plan): string {
  const { containers, quitDelay } = plan;
  const others = containers.length > 1 ? 'when the other wrapped containers have ended too, ' : '';
  return `${others}${sidecar(plan)} is told to quit${quitDelay > 0 ? ` after ${quitDelay}s` : ''}`;
}

function exitZero({ plan }: Facts): Ending {
  return isQuiet(plan) ? row('exit-zero', quiet(plan), true) : row('exit-zero', `${told(plan)}; the pod succeeds`);
}

function exitOther(facts: Facts): Ending {
  const { plan, kind } = facts;
  if (kind === 'retry')
    return row(
      'exit-other',
      `the kubelet starts it again; ${sidecar(plan)} stays until it exits 0, or the Job gives up and deletes the pod`,
    );
  if (isQuiet(plan)) return row('exit-other', quiet(plan), true);
  if (kind === 'lost') return row('exit-other', toldNothing(plan), true);
  const after = kind === 'bare' ? restartedBare(facts) : 'the pod fails, with the same code';
  return row('exit-other', `${told(plan)}; ${after}`);
}

function killed(facts: Facts): Ending {
  const { plan, kind } = facts;
  const isSeen = noGuard(plan) === undefined;
  if (kind === 'retry' || (kind === 'bare' && !isSeen))
    return row('killed', `the kubelet starts it again; ${sidecar(plan)} stays`);
  if (isQuiet(plan)) return row('killed', quiet(plan), true);
  if (kind === 'lost') return row('killed', toldNothing(plan), true);
  if (!isSeen) return row('killed', unguarded(plan, 'see it'), true);
  const seen = `the guard sees it within a second and tells ${sidecar(plan)} to quit`;
  return row('killed', `${seen}; ${kind === 'bare' ? restartedBare(facts) : 'the pod fails'}`);
}

function notStarted({ plan, container: { startTimeout }, kind, restarts }: Facts): Ending {
  if (restarts) return row('not-started', `the kubelet tries again; ${sidecar(plan)} stays`);
  if (isQuiet(plan)) return row('not-started', quiet(plan), true);
  if (noGuard(plan)) return row('not-started', unguarded(plan, 'give it up'), true);
  if (kind === 'lost' || startTimeout === 0) return row('not-started', hang(plan), true);
  return row(
    'not-started',
    `the guard gives it up after ${duration(startTimeout)} (clockout.dev/start-timeout) and tells ${sidecar(plan)} to quit`,
  );
}

const proxyLate = ({ plan, container }: Facts): Ending => row('proxy-late', waits(plan, container));

function waits({ port }: Plan, { wait, onWaitTimeout }: WrappedContainer): string {
  if (wait === 0 || port === 0) return 'it does not wait: it starts at once';
  const then = onWaitTimeout === 'start' ? 'starts all the same' : 'fails with 124, without having started';
  return `it waits up to ${duration(wait)} (clockout.dev/wait-timeout); then it ${then}`;
}

const proxyNative = (plan: Plan): Ending =>
  row(
    'proxy-native',
    staysBesideNative(plan)
      ? 'Kubernetes ends that one; the wrapper stays for the other sidecars'
      : 'the app runs as it would alone: Kubernetes ends a native sidecar',
  );

function proxySilent({ plan }: Facts): Ending {
  if (plan.quit === 'never') return row('proxy-silent', 'nobody asks for one (clockout.dev/quit: never)');
  const tries =
    plan.port === 0 && plan.quitUrls.length === 0
      ? "its container ends with the app's code"
      : `its container tries for up to ${duration(plan.quit)}, then ends with the app's code`;
  if (noGuard(plan) === 'proxy-not-in-view')
    return row('proxy-silent', `${tries}; if the proxy has not come up by then, it goes on for up to 10m`);
  const stubborn = plan.sidecars.filter(({ termAfter, guard }) => termAfter === undefined || !guard.runs);
  if (noGuard(plan) === undefined && stubborn.length === 0)
    return row('proxy-silent', `${tries}; the guard goes on, and after 10s ends ${sidecar(plan)} with a TERM`);
  const names = stubborn.map(({ name }) => name).join(', ') || 'what clockout.dev/quit-urls names';
  return row('proxy-silent', `${tries}; until ${names} takes one, the pod hangs`, true);
}
