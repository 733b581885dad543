/**
 * What happens at each way in which a wrapped app can end, from the plan: the answer to "does my Job finish?". Pure.
 *
 * | the app             | any exit is the end (restartPolicy Never)         | only exit code 0 is (OnFailure)        |
 * |---------------------|---------------------------------------------------|----------------------------------------|
 * | exits               | the wrapper asks the sidecars to exit             | … after exit code 0; else a restart    |
 * | is killed           | the guard asks them; without a guard the pod hangs | a restart                             |
 * | does not start      | the guard asks them, after a time; without it the pod hangs | the kubelet tries again      |
 */
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { endsOthersThanProxy, findGuardGap } from '../inject/plan-sidecars.ts';
import { proxyContainerName } from '../pod/names.ts';
import {
  describeGap,
  describeHang,
  describeKeepers,
  describeLeftOut,
  describeNever,
  describeQuit,
  describeRestart,
  describeUnasked,
  describeWait,
  formatSeconds,
  listKeepers,
  nameSidecars,
} from './ending-words.ts';

/** `hangs`: a sidecar keeps the pod running, until its activeDeadlineSeconds or its deletion. */
export type Ending = { when: EndingToken; result: string; hangs: boolean };

/** Every way for an app to end, in the words of the table. */
export const ways = {
  'exit-zero': 'exits with code 0',
  'exit-other': 'exits with another code, or by a signal',
  killed: 'is killed with its wrapper (SIGKILL, memory)',
  'no-program': 'does not exist, or is not executable',
  'not-started': 'does not start (StartError, no image)',
  deleted: 'is asked to exit (deletion, deadline)',
  'proxy-late': 'has to wait for the proxy',
  'proxy-silent': 'has ended, and no quit request succeeds',
  'proxy-native': 'gets a native sidecar from Istio',
} as const;

export type EndingToken = keyof typeof ways;

/** What is known of a pod besides its plan. */
export type Context = {
  /** Whether Istio has yet to add its sidecar, which may be a native one. */
  isExpected?: boolean;
  /** The names of sidecars that nothing ends. */
  endless?: readonly string[];
  /** The names of containers for which Clockout does not wait, but the pod does. */
  leftOut?: readonly string[];
};

export function listEndings(
  plan: WrapPlan,
  container: WrappedContainer,
  { isExpected = plan.sidecar === 'expected', endless = [], leftOut = [] }: Context = {},
): Ending[] {
  const app: App = { plan, container, failure: classifyFailure(container), endless, leftOut };
  return [
    exitZero(app),
    exitOther(app),
    killed(app),
    noProgram(app),
    notStarted(app),
    deleted(plan, container),
    ...(plan.sidecar === 'other' ? [] : [row('proxy-late', describeWait(plan, container))]),
    proxySilent(app),
    ...(isExpected ? [proxyNative(plan)] : []),
  ];
}

// --- internal ---

/**
 * What a failure of the app means:
 * - `end`: the app has ended
 * - `retry`: the kubelet starts the app again
 * - `unasked`: the app has ended, but the sidecars are not asked to exit (quit: on-success)
 * - `retry-without-sidecar`: the sidecars are asked to exit, and then the kubelet starts the app again (quit: always)
 */
type Failure = 'end' | 'retry' | 'unasked' | 'retry-without-sidecar';

type App = { plan: WrapPlan; container: WrappedContainer; failure: Failure } & Required<
  Pick<Context, 'endless' | 'leftOut'>
>;

const row = (when: EndingToken, result: string, hangs = false): Ending => ({ when, result, hangs });

function classifyFailure({ end, restarts }: WrappedContainer): Failure {
  if (end === 'any') return restarts ? 'retry-without-sidecar' : 'end';
  return restarts ? 'retry' : 'unasked';
}

const asksNothing = ({ quit }: WrapPlan) => quit === 'never';

/** The end of a pod whose sidecars are asked to exit. */
function finish(when: EndingToken, { endless, leftOut }: App, asked: string, then: string): Ending {
  return endless.length > 0
    ? row(when, `${asked}, but ${describeKeepers(endless)}`, true)
    : row(when, `${asked}; ${describeLeftOut(leftOut)}${then}`);
}

function exitZero(app: App): Ending {
  const { plan } = app;
  return asksNothing(plan)
    ? row('exit-zero', describeNever(plan), true)
    : finish('exit-zero', app, describeQuit(plan), 'the pod succeeds');
}

function exitOther(app: App): Ending {
  const { plan, failure } = app;
  if (failure === 'retry')
    return row(
      'exit-other',
      `the kubelet starts it again; ${nameSidecars(plan)} stays until it exits with code 0, or the Job fails and deletes the pod`,
    );
  if (asksNothing(plan)) return row('exit-other', describeNever(plan), true);
  if (failure === 'unasked') return row('exit-other', describeUnasked(plan), true);
  return failure === 'end'
    ? finish('exit-other', app, describeQuit(plan), 'the pod fails, with the same code')
    : row('exit-other', `${describeQuit(plan)}; ${describeRestart(plan, app.container)}`);
}

function killed(app: App): Ending {
  const { plan, failure } = app;
  const isSeen = findGuardGap(plan) === undefined;
  if (failure === 'retry' || (failure === 'retry-without-sidecar' && !isSeen))
    return row('killed', `the kubelet starts it again; ${nameSidecars(plan)} stays`);
  if (asksNothing(plan)) return row('killed', describeNever(plan), true);
  if (failure === 'unasked') return row('killed', describeUnasked(plan), true);
  if (!isSeen) return row('killed', describeGap(plan, 'see it'), true);
  const asked = `the guard sees it within a second and asks ${nameSidecars(plan)} to exit`;
  return failure === 'end'
    ? finish('killed', app, asked, 'the pod fails')
    : row('killed', `${asked}; ${describeRestart(plan, app.container)}`);
}

function noProgram(app: App): Ending {
  const then =
    'the container exits with code 127 (not found) or 126 (not executable) and a line in its log; then as with any other code';
  if (!exitOther(app).hangs) return row('no-program', then);
  const keepers = app.endless.length > 0 && !asksNothing(app.plan) ? app.endless : listKeepers(app.plan);
  return row('no-program', `${then}: ${describeKeepers(keepers)}`, true);
}

function notStarted(app: App): Ending {
  const { plan, failure } = app;
  const { startTimeout, restarts } = app.container;
  if (restarts) return row('not-started', `the kubelet tries again; ${nameSidecars(plan)} stays`);
  if (asksNothing(plan)) return row('not-started', describeNever(plan), true);
  if (findGuardGap(plan)) return row('not-started', describeGap(plan, 'stop waiting for it'), true);
  if (failure === 'unasked' || startTimeout === 0) return row('not-started', describeHang(plan), true);
  const asked = `the guard stops waiting after ${formatSeconds(startTimeout)} (clockout.dev/start-timeout) and asks ${nameSidecars(plan)} to exit`;
  return finish('not-started', app, asked, 'the pod fails');
}

function deleted(plan: WrapPlan, { badStop }: WrappedContainer): Ending {
  if (badStop)
    return row('deleted', `the app does not get ${badStop.signal}, and is killed when its grace period ends`);
  return row(
    'deleted',
    `the app gets the same signal as without a wrapper; ${nameSidecars(plan)} gets its own, and the pod ends no later`,
  );
}

const proxyNative = (plan: WrapPlan): Ending =>
  row(
    'proxy-native',
    endsOthersThanProxy({ ...plan, sidecars: plan.sidecars.filter(({ name }) => name !== proxyContainerName) })
      ? 'Kubernetes ends it; the wrapper stays for the other sidecars'
      : 'the app runs as without a wrapper: Kubernetes ends a native sidecar',
  );

function proxySilent({ plan, endless }: App): Ending {
  const { quit, port, quitUrls, sidecars } = plan;
  if (quit === 'never') return row('proxy-silent', describeNever(plan), true);
  const tries =
    port === 0 && quitUrls.length === 0
      ? "its container exits with the app's code"
      : `its container tries for up to ${formatSeconds(quit)}, then exits with the app's code`;
  const gap = findGuardGap(plan);
  if (gap === 'proxy-not-in-view')
    return row('proxy-silent', `${tries}; if the proxy has not started by then, it tries for up to 10m`);
  const stubborn = sidecars.filter(({ termAfter, guard }) => termAfter === undefined || !guard.runs);
  if (gap === undefined && stubborn.length + endless.length === 0)
    return row('proxy-silent', `${tries}; the guard continues, and sends SIGTERM to ${nameSidecars(plan)} after 10s`);
  if (endless.length > 0) return row('proxy-silent', `${tries}; ${describeKeepers(endless)}`, true);
  const names = stubborn.map(({ name }) => name).join(', ') || 'what clockout.dev/quit-urls names';
  return row('proxy-silent', `${tries}; the pod hangs until ${names} accepts one`, true);
}
