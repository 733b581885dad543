/** What a verdict does not know yet, and when to audit again: CronJobs that run rarely may not have run since something changed. Pure. */
import { formatDay, formatTime } from '../live-status/times.ts';
import { formatCount, plural } from '../util/count.ts';
import { listed, shortened } from '../util/text.ts';
import type { PodRecord } from './pod-record.ts';
import type { JobRecord } from './records.ts';
import type { Verdict } from './verdict.ts';
import { formatObject } from './words.ts';

export type Horizon = {
  cronJobs: number;
  /** CronJobs without a pod, at most 100: the verdict knows only their templates. Times are RFC 3339. */
  unseen: { namespace: string; name: string; last: string | null; next: string | null }[];
  /** The day on which the last of the CronJobs runs next; null if none is known to run again. */
  wait: string | null;
  /** All of that for people. */
  sentences: string[];
};

/** @returns undefined for a verdict that says to keep Clockout, and if there are no CronJobs */
export function describeHorizon(
  { kind }: Verdict,
  jobs: readonly JobRecord[],
  pods: readonly PodRecord[],
): Horizon | undefined {
  const cronJobs = jobs.filter((job) => job.kind === 'CronJob');
  if (cronJobs.length === 0 || (kind !== 'safe-to-remove' && kind !== 'not-needed')) return undefined;
  const seen = findSeen(jobs, pods);
  const unseen = cronJobs.filter((each) => !seen.has(keyOf(each)));
  const rarest = cronJobs.reduce((a, b) => ((b.runs?.next ?? 0) > (a.runs?.next ?? 0) ? b : a));
  const wait = rarest.runs?.next === undefined ? null : formatDay(rarest.runs.next);
  return {
    cronJobs: cronJobs.length,
    unseen: unseen.slice(0, mostUnseen).map(({ namespace, name, runs }) => ({
      namespace,
      name,
      last: runs?.last === undefined ? null : formatTime(runs.last),
      next: runs?.next === undefined ? null : formatTime(runs.next),
    })),
    wait,
    sentences: [
      ...describeUnseen(unseen, cronJobs.length),
      ...(wait === null ? [] : [describeWait(wait, rarest, cronJobs.length)]),
      ...describeIdle(cronJobs),
    ],
  };
}

// --- internal ---

const mostUnseen = 100;
const mostNamed = 5;

const keyOf = ({ namespace, name }: Pick<JobRecord, 'namespace' | 'name'>) => `${namespace}/${name}`;

/** The CronJobs of which a pod is there. */
function findSeen(jobs: readonly JobRecord[], pods: readonly PodRecord[]): ReadonlySet<string> {
  const withPod = new Set(pods.map(({ namespace, job = '' }) => keyOf({ namespace, name: job })));
  return new Set(
    jobs.flatMap(({ namespace, name, cronJob }) =>
      cronJob !== undefined && withPod.has(keyOf({ namespace, name })) ? [keyOf({ namespace, name: cronJob })] : [],
    ),
  );
}

const nameAll = (cronJobs: readonly JobRecord[], describe: (job: JobRecord) => string = () => ''): string =>
  listed(
    cronJobs.map((job) => `${formatObject(job)} in ${shortened(job.namespace, 63)}${describe(job)}`),
    mostNamed,
  ).join(', ');

function describeUnseen(unseen: readonly JobRecord[], all: number): string[] {
  if (unseen.length === 0) return [];
  const names = nameAll(unseen, ({ runs }) =>
    runs?.last === undefined ? ', which has never run' : `, which ran last on ${formatDay(runs.last)}`,
  );
  if (all === 1) return [`The one CronJob has no pod, so the verdict knows only its template: ${names}.`];
  const [have, their] = unseen.length === 1 ? ['has no pod', 'its template'] : ['have no pods', 'their templates'];
  const some = `${formatCount(unseen.length)} of ${formatCount(all)} CronJobs`;
  return [`${some} ${have}, so the verdict knows only ${their}: ${names}.`];
}

const describeWait = (day: string, rarest: JobRecord, all: number): string =>
  all === 1
    ? `Audit again after ${day}, when ${nameAll([rarest])} runs next.`
    : `Audit again after ${day}, when ${nameAll([rarest])} runs next. All others with a next run have it before that.`;

function describeIdle(cronJobs: readonly JobRecord[]): string[] {
  const idle = cronJobs.filter(({ runs }) => runs?.next === undefined);
  if (idle.length === 0) return [];
  return [
    `No next run is known of ${plural(idle.length, 'CronJob')}: ${nameAll(idle)}. A CronJob can be suspended, or have a schedule that never comes or that cannot be read. To see a run, start one: kubectl create job TRY -n NAMESPACE --from=cronjob/NAME`,
  ];
}
