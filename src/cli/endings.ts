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

/** `hangs`: the proxy runs on, and with it the pod, until its activeDeadlineSeconds or its deletion. */
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
  'proxy-silent': 'has ended, and the proxy does not answer',
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
    row('deleted', 'it gets the signal as it would alone; the proxy gets its own, and the pod ends no later'),
    proxyLate(facts),
    proxySilent(facts),
    ...(plan.sidecar === 'expected'
      ? [row('proxy-native', 'the app runs as it would alone: Kubernetes ends a native sidecar')]
      : []),
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
const hang = 'the proxy runs on and the pod with it, until its activeDeadlineSeconds or its deletion';
const quiet = `nobody tells the proxy to quit (clockout.dev/quit: never): unless something else does, ${hang}`;

const restartedBare = 'the kubelet starts it again, without its proxy, and it fails with 124';

/** The webhook, unlike `clockout inject`, sees the proxy and can put a guard beside it. */
function unguarded({ guard }: Plan, what: string): string {
  const absent = `no guard is there to ${what}: ${hang}`;
  const isManifest = !guard.runs && guard.because === 'proxy-not-in-view';
  return isManifest ? `if clockout inject wraps it, ${absent}; if the webhook does, its guard ends the proxy` : absent;
}

function told({ containers, quitDelay }: Plan): string {
  const others = containers.length > 1 ? 'when the other wrapped containers have ended too, ' : '';
  return `${others}the proxy is told to quit${quitDelay > 0 ? ` after ${quitDelay}s` : ''}`;
}

function exitZero({ plan }: Facts): Ending {
  return isQuiet(plan) ? row('exit-zero', quiet, true) : row('exit-zero', `${told(plan)}; the pod succeeds`);
}

function exitOther({ plan, kind }: Facts): Ending {
  if (kind === 'retry')
    return row(
      'exit-other',
      'the kubelet starts it again; the proxy stays until it exits 0, or the Job gives up and deletes the pod',
    );
  if (isQuiet(plan)) return row('exit-other', quiet, true);
  if (kind === 'lost')
    return row('exit-other', `the proxy is told nothing (clockout.dev/quit: on-success): ${hang}`, true);
  const after = kind === 'bare' ? restartedBare : 'the pod fails, with the same code';
  return row('exit-other', `${told(plan)}; ${after}`);
}

function killed({ plan, kind }: Facts): Ending {
  const isSeen = plan.guard.runs;
  if (kind === 'retry' || (kind === 'bare' && !isSeen))
    return row('killed', 'the kubelet starts it again; the proxy stays');
  if (isQuiet(plan)) return row('killed', quiet, true);
  if (kind === 'lost') return row('killed', `the proxy is told nothing (clockout.dev/quit: on-success): ${hang}`, true);
  if (!isSeen) return row('killed', unguarded(plan, 'see it'), true);
  const seen = 'the guard sees it within a second and tells the proxy to quit';
  return row('killed', `${seen}; ${kind === 'bare' ? restartedBare : 'the pod fails'}`);
}

function notStarted({ plan, container: { startTimeout }, kind, restarts }: Facts): Ending {
  if (restarts) return row('not-started', 'the kubelet tries again; the proxy stays');
  if (isQuiet(plan)) return row('not-started', quiet, true);
  if (!plan.guard.runs) return row('not-started', unguarded(plan, 'give it up'), true);
  if (kind === 'lost' || startTimeout === 0) return row('not-started', hang, true);
  return row(
    'not-started',
    `the guard gives it up after ${duration(startTimeout)} (clockout.dev/start-timeout) and tells the proxy to quit`,
  );
}

function proxyLate({ plan: { port }, container: { wait, onWaitTimeout } }: Facts): Ending {
  if (wait === 0 || port === 0) return row('proxy-late', 'it does not wait: it starts at once');
  const then = onWaitTimeout === 'start' ? 'starts all the same' : 'fails with 124, without having started';
  return row('proxy-late', `up to ${duration(wait)} (clockout.dev/wait-timeout); then it ${then}`);
}

function proxySilent({ plan }: Facts): Ending {
  if (plan.quit === 'never') return row('proxy-silent', 'nobody asks it anything (clockout.dev/quit: never)');
  const tries = `its container tries for up to ${duration(plan.quit)}, then ends with the app's code`;
  if (plan.guard.runs)
    return row('proxy-silent', `${tries}; the guard goes on, and after 10s ends the proxy with a TERM`);
  return row('proxy-silent', `${tries}; if the proxy has not come up by then, it goes on for up to 10m`);
}
