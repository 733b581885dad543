/** Is Clockout needed? In numbers. Pure. */
import { firstWithNative, firstWithSafeNative } from '../pod/sidecars/native.ts';
import { formatCount, plural } from '../util/count.ts';
import { describeScope } from '../util/scope.ts';
import { shortened } from '../util/text.ts';
import type { Installation } from './installation.ts';
import { isStripped } from './native.ts';
import type { JobRecord } from './records.ts';
import type { Row } from './rows.ts';
import { formatObject } from './words.ts';

/**
 * - `needed`: Jobs hang, or would hang without it
 * - `could-be-native`: the same, and all that is wrapped could have native sidecars: `strategy: native`
 * - `safe-to-remove`: it is installed, and has nothing to do
 * - `not-needed`: it is not installed, and nothing would hang
 * - `unknown`: too little could be read, or there is nothing to judge by
 */
type VerdictKind = 'needed' | 'could-be-native' | 'safe-to-remove' | 'not-needed' | 'unknown';

export type Verdict = { kind: VerdictKind; sentence: string; reasons: string[] };

export type Evidence = {
  rows: readonly Row[];
  jobs: readonly JobRecord[];
  installations: readonly Installation[];
  /** The namespaces that were looked at; undefined: all. */
  scope: readonly string[] | undefined;
  /** The labels of the Jobs and CronJobs that were looked at; undefined: all. */
  selector?: string | undefined;
  /** Of the API server and the oldest node. */
  versions: { apiServer?: number | undefined; oldestNode?: number | undefined };
  /** Whether all was read that the verdict depends on. */
  isComplete: boolean;
};

export function judge(evidence: Evidence): Verdict {
  const { rows, installations, isComplete, scope, selector } = evidence;
  const isWhole = scope === undefined && selector === undefined;
  const isInstalled = installations.length > 0;
  const live = rows.filter(({ fate }) => fate !== 'finished');
  const needing = findNeeding(evidence, live);
  const finished = findFinished(evidence);
  const reasons = [
    ...listReasons(live),
    ...(finished.length > 0 ? [`${formatCount(finished.length)} finished that Clockout would help again`] : []),
  ];
  const where = isWhole ? '' : ` in ${describeScope(scope, selector)}`;
  if (needing.length > 0) return judgeNeeded(evidence, { needing, all: live.length, where, reasons });
  if (finished.length > 0) return { kind: 'needed', sentence: describeFinished(finished, where), reasons };
  if (!isComplete || live.some(({ fate }) => fate === 'unreadable'))
    return { kind: 'unknown', sentence: `not known${where}: not everything could be read`, reasons };
  if (live.length === 0)
    return { kind: 'unknown', sentence: `not known${where}: there is no Job or CronJob to judge by`, reasons };
  if (!isInstalled)
    return {
      kind: 'not-needed',
      sentence: `not needed${where}: ${none(live.length)} would hang`,
      reasons,
    };
  return isWhole
    ? { kind: 'safe-to-remove', sentence: `safe to remove: ${none(live.length)} needs it`, reasons }
    : {
        kind: 'not-needed',
        sentence: `not needed${where}: ${none(live.length)} needs it`,
        reasons,
      };
}

/** How the sentence of a verdict begins. */
export const subjectOf = ({ kind }: Verdict): string =>
  kind === 'unknown' ? 'Whether Clockout is needed is' : 'Clockout is';

// --- internal ---

type Counted = { needing: readonly Row[]; all: number; where: string; reasons: string[] };

function judgeNeeded(evidence: Evidence, { needing, all, where, reasons }: Counted): Verdict {
  const { installations, isComplete } = evidence;
  const few = needing.length <= mostNamed ? ` (${needing.map(nameOf).join(', ')})` : '';
  const sentence = isComplete
    ? `needed for ${countJobs(needing.length, all)}${where}${few}`
    : `needed for at least ${plural(needing.length, 'Job or CronJob', 'Jobs and CronJobs')}${where}${few}: not everything could be read`;
  if (installations.length === 0 || !isComplete || !canBeNative(evidence)) return { kind: 'needed', sentence, reasons };
  return {
    kind: 'could-be-native',
    sentence: `${sentence}; all that it wraps could have native sidecars (strategy: native)`,
    reasons,
  };
}

/** So many are named. */
const mostNamed = 5;

const nameOf = ({ kind, namespace, name }: Pick<Row, 'kind' | 'namespace' | 'name'>) =>
  `${formatObject({ kind, name })} in ${shortened(namespace, 63)}`;

const countAll = (count: number): string =>
  count === 1 ? 'the one Job or CronJob' : `${formatCount(count)} Jobs and CronJobs`;

const none = (count: number): string => `none of ${plural(count, 'Job or CronJob', 'Jobs and CronJobs')}`;

function countJobs(count: number, all: number): string {
  if (all === 1) return countAll(all);
  return count === all ? `all ${countAll(all)}` : `${formatCount(count)} of ${countAll(all)}`;
}

/** Those that would hang or would not start without Clockout. What could not start yet counts by its template. */
function findNeeding({ jobs }: Evidence, live: readonly Row[]): Row[] {
  const judged = new Map(jobs.map((job) => [keyOf(job), job.judged]));
  const needs = ({ fate, converted }: Pick<Row, 'fate' | 'converted'>) =>
    needing.has(fate) || (fate === 'native' && converted === true);
  return live.filter((row) => {
    if (row.fate !== 'refused') return needs(row);
    const template = judged.get(keyOf(row));
    return isStripped(row.message) || (template !== undefined && needs(template));
  });
}

const needing: ReadonlySet<Row['fate']> = new Set(['hangs', 'stripped', 'would-hang', 'unwrappable', 'wrapped']);

const keyOf = ({ kind, namespace, name }: Pick<Row, 'kind' | 'namespace' | 'name'>) => `${kind}/${namespace}/${name}`;

/** Jobs without a CronJob that Clockout would help if they came again: whatever has created them may do so. */
const findFinished = ({ jobs }: Evidence): JobRecord[] =>
  jobs.filter(
    ({ kind, state, cronJob, judged: { fate, converted } }) =>
      kind === 'Job' && state === 'finished' && cronJob === undefined && (fate === 'wrapped' || converted === true),
  );

function describeFinished(finished: readonly JobRecord[], where: string): string {
  const few = finished.length <= mostNamed ? ` (${finished.map(nameOf).join(', ')})` : '';
  const [are, they] =
    finished.length === 1
      ? ['1 Job that has', 'it comes']
      : [`${formatCount(finished.length)} Jobs that have`, 'they come'];
  return `needed${where} for ${are} finished, if ${they} again: ask who creates such Jobs${few}`;
}

/** All that are wrapped now, or that would hang. */
function canBeNative({ jobs, installations, versions }: Evidence): boolean {
  const { oldestNode, apiServer } = versions;
  if ((oldestNode ?? 0) < firstWithSafeNative || (apiServer ?? 0) < firstWithNative) return false;
  if (installations.some(({ strategies }) => strategies.strategy !== 'wrap')) return false;
  const counted = jobs.filter(({ state, judged }) => state !== 'finished' && judged.fate === 'wrapped');
  return counted.length > 0 && counted.every(({ asNative }) => asNative === 'native');
}

function listReasons(rows: readonly Row[]): string[] {
  const count = (wanted: (row: Row) => boolean) => rows.filter(wanted).length;
  const parts: [number, string][] = [
    [count(({ fate }) => fate === 'hangs'), 'hang now'],
    [count(({ fate }) => fate === 'would-hang'), 'would hang'],
    [count(({ fate }) => fate === 'unwrappable'), 'would hang, and Clockout cannot help'],
    [count(({ fate }) => fate === 'stripped' || fate === 'refused'), 'cannot start'],
    [count(({ fate }) => fate === 'wrapped'), 'wrapped by Clockout'],
    [count(({ fate, converted }) => fate === 'native' && converted === true), 'made native by Clockout'],
    [count(({ fate, converted }) => fate === 'native' && !converted), 'native without Clockout'],
    [count(({ fate }) => fate === 'opted-out'), 'opted out'],
    [count(({ fate }) => fate === 'ambient' || fate === 'outside'), 'without a sidecar'],
    [count(({ fate }) => fate === 'unreadable'), 'not readable'],
  ];
  return parts.filter(([number]) => number > 0).map(([number, text]) => `${number} ${text}`);
}
