/** A row for each Job and CronJob, with its pods folded in, and for each pod without a Job that has a sidecar. Pure. */
import { groupBy } from '../util/group-by.ts';
import type { Because, Judged, SpecFate } from './job-fate.ts';
import type { Hang, PodRecord, PodState } from './pod-record.ts';
import type { JobRecord, JobState } from './records.ts';

/**
 * Besides the fates of a pod:
 * - `hangs`: the apps of one of its pods have ended, and a sidecar still runs
 * - `refused`: none of its pods could be created
 * - `finished`: it will not run again
 * - `unreadable`: it is not as Kubernetes documents it
 */
export type Fate = SpecFate | 'hangs' | 'refused' | 'finished' | 'unreadable';

/** What it does now: as its pods do, if it has any. */
export type Now = PodState | JobState;

export type Row = {
  kind: 'Job' | 'CronJob' | 'Pod';
  namespace: string;
  name: string;
  fate: Fate;
  now: Now;
  because?: Because;
  /** The names of the sidecars that keep its pods running, or would. */
  sidecars: readonly string[];
  /** Pods that have not finished. */
  pods: number;
  /** Pods that hang, and what they hold together. `since` is that of the first, in milliseconds since 1970. */
  hangs?: Hang & { pods: number };
  /** Whether Clockout makes the sidecars native, rather than Istio. */
  converted?: true;
  /** What the API server said when a pod was refused, or what is wrong with the object. */
  message?: string;
};

/** Why the pods of a Job could not be created, by namespace/name of the Job. */
export type Refusals = ReadonlyMap<string, string>;

export type Records = { jobs: readonly JobRecord[]; pods: readonly PodRecord[]; refusals: Refusals };

/** @returns the rows in the order of their fates, those that hang longest first */
export function foldRows({ jobs, pods, refusals }: Records): Row[] {
  const ofJobs = groupBy(pods, ({ namespace, job }) => (job === undefined ? '' : `${namespace}/${job}`));
  const known = new Set(jobs.filter(({ kind }) => kind === 'Job').map(keyOf));
  const newest = findNewest(jobs, ofJobs);
  const rows = jobs.flatMap((job) => {
    if (job.kind === 'CronJob') return [foldCronJob(job, newest.get(keyOf(job)))];
    const own = ofJobs.get(keyOf(job)) ?? [];
    const row = foldJob(job, own, refusals.get(keyOf(job)));
    // A CronJob tells of the Jobs that it has created, until one of them is in trouble.
    return job.cronJob !== undefined && row.fate === 'finished' ? [] : [row];
  });
  const alone = pods.filter((pod) => pod.job === undefined || !known.has(`${pod.namespace}/${pod.job}`));
  return [...rows, ...alone.flatMap(foldPod)].sort(compareRows);
}

/** Worst first. */
export const fateOrder: readonly Fate[] = [
  'hangs',
  'refused',
  'stripped',
  'would-hang',
  'unwrappable',
  'unreadable',
  'opted-out',
  'wrapped',
  'native',
  'ambient',
  'outside',
  'finished',
];

// --- internal ---

const keyOf = ({ namespace, name }: JobRecord) => `${namespace}/${name}`;

/** The newest pod of each CronJob. */
function findNewest(
  jobs: readonly JobRecord[],
  ofJobs: ReadonlyMap<string, readonly PodRecord[]>,
): ReadonlyMap<string, PodRecord> {
  const newest = new Map<string, PodRecord>();
  for (const job of jobs) {
    if (job.kind !== 'Job' || job.cronJob === undefined) continue;
    const key = `${job.namespace}/${job.cronJob}`;
    for (const pod of ofJobs.get(keyOf(job)) ?? []) {
      if (pod.created >= (newest.get(key)?.created ?? 0)) newest.set(key, pod);
    }
  }
  return newest;
}

/** A template does not show what other injectors add. Its newest pod does. */
function foldCronJob(job: JobRecord, newest: PodRecord | undefined): Row {
  const judged = newest && tellsMore(newest.judged, job) ? newest.judged : job.judged;
  return { ...start(job), now: job.state, pods: 0, ...describe(judged, job.problem) };
}

/**
 * Whether a pod shows what its template does not: sidecars that were added and that nobody ends; or another kind of sidecar of
 * Istio, where it is not known which one Istio adds.
 */
function tellsMore(pod: Judged, { judged, isAssumed }: JobRecord): boolean {
  if (isAssumed && formOf(pod) !== formOf(judged)) return true;
  const isMore = pod.because === 'unknown-sidecar' || pod.because === 'unknown-end';
  return isMore && pod.fate === 'would-hang' && judged.keepers.length === 0;
}

function formOf({ fate, converted }: Judged): 'none' | 'native' | 'classic' {
  if (fate === 'outside' || fate === 'ambient') return 'none';
  return fate === 'native' && !converted ? 'native' : 'classic';
}

function foldJob(job: JobRecord, own: readonly PodRecord[], refusal: string | undefined): Row {
  const pods = own.filter(({ state }) => state !== 'finished');
  const hanging = pods.flatMap(({ hang }) => hang ?? []);
  const row = { ...start(job), pods: pods.length };
  if (hanging.length > 0) return { ...row, ...describeHang(hanging), ...pick(pods) };
  if (job.state === 'finished') return { ...row, fate: 'finished', now: 'finished', sidecars: [] };
  if (pods.length === 0 && refusal !== undefined)
    return { ...row, fate: 'refused', now: 'idle', sidecars: [], message: refusal };
  const worst = pods.toSorted(comparePods)[0];
  if (worst) return { ...row, now: worst.state, ...describe(worst.judged, worst.problem), ...askedFor(worst, job) };
  const last = own.find(({ judged }) => tellsMore(judged, job));
  return { ...row, now: job.state, ...describe(last?.judged ?? job.judged, job.problem) };
}

/** The sidecar is native because Clockout asked Istio for that, which the pod does not show. */
const askedFor = ({ judged }: PodRecord, job: JobRecord): Pick<Row, 'converted'> =>
  judged.fate === 'native' && job.judged.converted ? { converted: true } : {};

/** Pods of other controllers, and those without one, are only told of if they have a sidecar. */
function foldPod(pod: PodRecord): Row[] {
  const { state, judged, hang, problem, namespace, name } = pod;
  if (state === 'finished' || (problem === undefined && (judged.fate === 'outside' || judged.fate === 'ambient')))
    return [];
  const row = { kind: 'Pod' as const, namespace, name, pods: 1 };
  return hang
    ? [{ ...row, ...describeHang([hang]), ...pick([pod]) }]
    : [{ ...row, now: state, ...describe(judged, problem) }];
}

const start = ({ kind, namespace, name }: JobRecord) => ({ kind, namespace, name });

function describe(
  judged: Judged,
  problem: string | undefined,
): Pick<Row, 'fate' | 'sidecars' | 'because' | 'converted' | 'message'> {
  if (problem !== undefined) return { fate: 'unreadable', sidecars: [], message: problem };
  const { fate, keepers, because, converted } = judged;
  return { fate, sidecars: keepers, ...(because && { because }), ...(converted && { converted }) };
}

function describeHang(hanging: readonly Hang[]): Pick<Row, 'fate' | 'now' | 'sidecars' | 'hangs'> {
  const sidecars = [...new Set(hanging.flatMap((hang) => hang.sidecars))];
  const sum = (of: 'cpu' | 'memory') => hanging.reduce((all, hang) => all + hang[of], 0);
  return {
    fate: 'hangs',
    now: 'hangs',
    sidecars,
    hangs: {
      pods: hanging.length,
      since: Math.min(...hanging.map(({ since }) => since)),
      code: hanging.find(({ code }) => code !== 0)?.code ?? 0,
      sidecars,
      cpu: sum('cpu'),
      memory: sum('memory'),
    },
  };
}

/** Why those that hang were not ended. */
function pick(pods: readonly PodRecord[]): Pick<Row, 'because'> {
  const because = pods.find(({ hang }) => hang)?.judged.because;
  return because ? { because } : {};
}

const comparePods = (a: PodRecord, b: PodRecord) => fateOrder.indexOf(a.judged.fate) - fateOrder.indexOf(b.judged.fate);

const compareRows = (a: Row, b: Row): number =>
  fateOrder.indexOf(a.fate) - fateOrder.indexOf(b.fate) ||
  (a.hangs?.since ?? 0) - (b.hangs?.since ?? 0) ||
  compare(a.namespace, b.namespace) ||
  compare(a.name, b.name);

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
