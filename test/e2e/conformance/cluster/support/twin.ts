/**
 * Makes a case of a Job that is run three times at the same time: with a classic sidecar under Clockout's strategy `wrap`, with one
 * under `native`, and without any sidecar. Whoever looks at the three must see the same.
 */
import { expect } from 'vitest';
import { isWantedNative } from '../../../../project/cross-section.ts';
import type { KubeObject } from '../../../cluster/api.ts';
import { TimedOut } from '../../../cluster/progress.ts';
import { api, createJob, type JobOptions, removeJob } from '../../../cluster/suite/kube.ts';
import type { Case } from '../../case.ts';
import { pathOf } from './act.ts';
import { describeSeen } from './describe.ts';
import { expectBare, expectNative, expectOutlived, expectSidecarsEnded, expectWrapped } from './expect-pods.ts';
import type { ClusterPlace } from './place.ts';
import { asFarAsTold, failedOnce, inWords, type Verdict, verdictOf } from './verdict.ts';
import type { Seen, SeenPod } from './watch-namespace.ts';

/** How a sidecar is ended; `bare`: there is none. */
type Way = 'wrapped' | 'native' | 'bare';

/** One of the three. */
export type Subject = ClusterPlace & {
  /** The Job's name. */
  name: string;
  way: Way;
  wrapped: boolean;
  hasProxy: boolean;
  seen: () => Seen;
  /** Waits until what was seen of it fits. */
  when: (what: string, fits: (seen: Seen) => boolean | undefined, seconds?: number) => Promise<Seen>;
};

export type Twin = JobOptions &
  Omit<Case<ClusterPlace>, 'run'> & {
    /** Makes them where a Job alone won't do. */
    create?: (subject: Subject, options: JobOptions) => Promise<unknown>;
    /** Under Clockout the test app checks, at each start, that the proxy is there. */
    needsProxy?: boolean;
    /** What somebody does to each of them while it runs. */
    act?: (subject: Subject) => Promise<unknown>;
    /** When it is over, if that isn't when the Job has ended, or is gone, and so are its pods. */
    until?: (seen: Seen) => boolean;
    /** Seconds in which all must be over. */
    within?: number;
    /** A documented difference: from an end without a sidecar to the one under Clockout; and that the Job fails. */
    differs?: Difference;
    /** The same for the one under `native`, or why there is none. */
    native?: Difference | { leftOut: string };
    /** How many ends of each container count, if the next one is luck: the Job controller gives up while the container starts. */
    ends?: number;
    /** Seconds from the end of the last app to the end of its pod. */
    bound?: number;
    /** The classic sidecars that keep the wrapped one from ending: istio-proxy alone unless told. */
    sidecars?: string[];
    /** How these may end: `Completed 0` unless told. */
    proxyEnds?: string[];
    /** What else must hold for the wrapped one. What it returns is shown in the docs. */
    also?: (subject: Subject) => unknown;
    /** The same for the one under `native`. */
    alsoNative?: (subject: Subject) => unknown;
  };

type Difference = { why: string; ends?: Record<string, string>; failsJob?: boolean };

export function twin(options: Twin): Case<ClusterPlace> {
  const { name, title, origins, alone, annotations = {}, spec = {}, pod = { annotations, spec } } = options;
  return {
    name,
    title,
    ...(origins && { origins }),
    ...(alone && { alone }),
    pod,
    run: (place) => runTwin(place, options),
  };
}

async function runTwin(place: ClusterPlace, options: Twin): Promise<string> {
  const [wrapped, bare] = [subjectOf(place, options, 'wrapped'), subjectOf(place, options, 'bare')];
  const runsNative = isWantedNative(options.name) && !hasReason(options.native);
  const native = runsNative ? subjectOf(place, options, 'native') : undefined;
  const all = [bare, wrapped, ...(native ? [native] : [])];
  await Promise.all(all.map((subject) => live(subject, options)));
  const { sidecars = ['istio-proxy'], proxyEnds: mayEnd = ['Completed 0'], bound = 5 } = options;
  for (const { pod } of podsOf(bare)) expectBare(pod);
  for (const { pod } of podsOf(wrapped)) expectWrapped(pod, sidecars);
  const names = [...(options.spec?.containers ?? []), ...(options.spec?.initContainers ?? [])].map(({ name }) => name);
  const would = verdictOf(bare.seen(), names, options.ends);
  const had = expectSame(verdictOf(wrapped.seen(), names, options.ends), changed(would, options.differs), 'wrap');
  for (const pod of podsOf(wrapped)) await expectSidecarsEnded(pod, names, { sidecars, mayEnd, bound });
  const more = await options.also?.(wrapped);
  const seen = typeof more === 'string' ? more : inWords(had);
  const without = options.differs
    ? `without a sidecar ${inWords(would)}: ${options.differs.why}`
    : 'as without a sidecar';
  const asNative = native ? expectNativeSame(native, names, would, options) : '';
  if (native) await options.alsoNative?.(native);
  await Promise.all(all.map(remove));
  return `${seen}; ${without}${asNative}`;
}

/** @returns for the docs, what differs under `native` */
function expectNativeSame(native: Subject, names: string[], would: Verdict, options: Twin): string {
  const { native: given, sidecars = ['istio-proxy'], spec, proxyEnds } = options;
  const apps = (spec?.containers ?? []).map(({ name }: KubeObject) => name);
  for (const seen of podsOf(native)) {
    for (const sidecar of sidecars) expectNative(seen.pod, sidecar);
    if (!proxyEnds) expectOutlived(seen, apps, sidecars);
  }
  const differs = given && 'why' in given ? given : undefined;
  const had = expectSame(verdictOf(native.seen(), names, options.ends), changed(would, differs), 'native');
  if (differs) return `; under \`native\` ${inWords(had)}: ${differs.why}`;
  return options.differs ? '; under `native` as without a sidecar' : '; the same under `native`';
}

function expectSame(found: Verdict, would: Verdict, strategy: string): Verdict {
  const [had, should] = asFarAsTold(found, would);
  expect(had, `with a classic sidecar and Clockout's strategy ${strategy}, against without a sidecar`).toEqual(should);
  return had;
}

const hasReason = (native: Twin['native']) => native !== undefined && 'leftOut' in native;

function subjectOf(place: ClusterPlace, { name }: Twin, way: Way): Subject {
  const own = `${name}-${way}`;
  return {
    ...place,
    name: own,
    way,
    wrapped: way === 'wrapped',
    hasProxy: way !== 'bare',
    seen: () => place.observer.of(own),
    when: (what, fits, seconds = 90) => place.observer.when(own, what, seconds, fits),
  };
}

/** None would prove nothing. */
function podsOf({ name, seen }: Subject): SeenPod[] {
  const { pods } = seen();
  if (pods.length === 0) throw new Error(`expected a pod of ${name}`);
  return pods;
}

/** What is over goes on costing the kubelet, and all cases that come after. Pods go with their Jobs. */
async function remove({ namespace, seen }: Subject): Promise<void> {
  const { jobs, pods } = seen();
  for (const { job } of jobs) await removeJob(namespace, job.metadata.name);
  for (const { pod } of pods.filter(({ pod }) => !pod.metadata.ownerReferences)) await api.delete(pathOf(pod));
}

const noSidecar = { 'sidecar.istio.io/inject': 'false', 'clockout.dev/inject': 'false' };

async function live(subject: Subject, options: Twin): Promise<void> {
  const { job } = options;
  const spec = options.needsProxy && subject.hasProxy ? needingProxy(options.spec) : options.spec;
  const labels = { ...options.labels, ...(!subject.hasProxy && noSidecar) };
  const annotations = {
    ...options.annotations,
    ...(subject.way === 'native' && { 'clockout.dev/strategy': 'native' }),
  };
  const given = { labels, spec, annotations, ...(job && { job }) };
  const create = options.create ?? (({ namespace, name }: Subject) => createJob(namespace, name, given));
  await create(subject, given);
  await options.act?.(subject);
  try {
    await subject.when('is over', options.until ?? isOver, options.within ?? 90);
  } catch (error) {
    throw new TimedOut(`${error instanceof Error ? error.message : error}\n${await describeSeen(subject.seen())}`);
  }
}

const needingProxy = ({ containers, ...rest }: KubeObject): KubeObject => ({
  ...rest,
  containers: containers.map((each: KubeObject) => ({
    ...each,
    env: [...each.env, { name: 'NEED_PROXY', value: '1' }],
  })),
});

/** The Job has ended or is gone, and nothing of its pods runs. */
export const isOver = (seen: Seen): boolean =>
  seen.jobs.length > 0 && seen.jobs.every(({ job, deleted }) => deleted || hasEnded(job)) && nothingRuns(seen);

/** The same for a pod that no Job made. */
export const podsEnded = (seen: Seen): boolean => seen.pods.length > 0 && nothingRuns(seen);

const nothingRuns = ({ pods }: Seen): boolean =>
  pods.every(({ pod, deleted }) => deleted || ['Succeeded', 'Failed'].includes(pod.status.phase));

const hasEnded = ({ status }: KubeObject): boolean =>
  (status.conditions ?? []).some(
    ({ type, status }: KubeObject) => /^(Complete|Failed)$/.test(type) && status === 'True',
  );

function changed(verdict: Verdict, differs: Difference | undefined): Verdict {
  if (!differs) return verdict;
  const { ends = {}, failsJob } = differs;
  const change = (all: string[]) => all.map((end) => ends[end] ?? end);
  const pods = verdict.pods.map((pod) => ({
    ...pod,
    ...(failsJob && { phase: 'Failed' }),
    ends: Object.fromEntries(Object.entries(pod.ends).map(([name, all]) => [name, change(all)])),
  }));
  const jobs = failsJob ? [failedOnce] : verdict.jobs;
  return { jobs, pods };
}
