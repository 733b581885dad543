/** What `clockout end` prints: a plan, or what became of it, as rows. Pure. */

import { describeWay } from '../live-status/ways.ts';
import { formatAge } from '../util/age.ts';
import { groupBy } from '../util/group-by.ts';
import { type Column, formatTable } from '../util/table.ts';
import { printable, shortened } from '../util/text.ts';
import type { Action, Planned } from './choose-pods.ts';
import type { Outcome } from './end-pods.ts';
import { hangsSince } from './hanging-pod.ts';

/** In the place of a namespace, where no pods could be listed at all. */
export const everywhere = '*';

/** One pod, one Job without a pod, or one namespace (`*`: all) whose pods could not be listed: the shape of `-o json`. */
export type Row = {
  namespace: string;
  pod?: string;
  job?: string;
  /** When its last app ended. */
  hangsSince?: string;
  exitCodes?: Record<string, number>;
  /** How its sidecars are ended. */
  ends?: string[];
  result: RowResult;
  message: string;
};

type RowResult = 'would end' | 'not listed' | Exclude<Action, 'end'> | Outcome['result'];

/** Something hangs, or may hang, that should have ended. `cannot end` is found out by a dry run, too, but is no failure of it. */
export const hasFailed = ({ result }: Row, isDryRun: boolean): boolean =>
  failures.has(result) || (result === 'cannot end' && !isDryRun);

/** @param outcome left out before pods are ended, and for pods that are not */
export function createRow({ pod, action, reason = '' }: Planned, outcome?: Outcome): Row {
  const since = hangsSince(pod);
  const isHanging = pod.state === 'hangs';
  return {
    namespace: pod.namespace,
    pod: pod.name,
    ...(pod.job && { job: pod.job.name }),
    ...(isHanging && since !== undefined && { hangsSince: new Date(since).toISOString() }),
    ...(pod.apps.length > 0 && {
      exitCodes: Object.fromEntries(pod.apps.map(({ name, exitCode }) => [name, exitCode])),
    }),
    ...(pod.ways.length > 0 && { ends: pod.ways.map(describeWay) }),
    ...(outcome ?? (action === 'end' ? { result: 'would end', message: '' } : { result: action, message: reason })),
  };
}

export type TableOptions = {
  /** Whether rows may be of several namespaces. */
  hasNamespaces: boolean;
  width: number | undefined;
  /** In milliseconds since 1970. */
  now: number;
  paint: (format: 'green' | 'yellow' | 'red', text: string) => string;
};

/** Before pods are ended: what would be done with each. */
export const planTable = (rows: readonly Row[], options: TableOptions): string =>
  formatTable<Row>(
    [
      ...nameColumns(options),
      {
        title: 'HANGS FOR',
        cell: ({ hangsSince: since }) => (since === undefined ? '' : formatAge(options.now - Date.parse(since))),
      },
      { title: 'EXIT CODE', cell: ({ exitCodes = {} }) => formatCodes(exitCodes) },
      {
        title: 'PLAN',
        cell: ({ result, ends = [], message }) =>
          result === 'would end' ? `end ${ends.map(nameIn).join(', ')}` : `${result}: ${message}`,
        least: 20,
        paint: paintBy(options),
      },
    ],
    rows,
    options.width,
  );

/** Afterwards. */
export const resultTable = (rows: readonly Row[], options: TableOptions): string =>
  formatTable<Row>(
    [
      ...nameColumns(options),
      { title: 'RESULT', cell: ({ result }) => result, paint: paintBy(options) },
      { title: 'MESSAGE', cell: ({ message }) => message, least: 20 },
    ],
    rows,
    options.width,
  );

/** What went wrong, in full: a narrow table cuts it. Once for pods that it is the same for. */
export function listFailures(rows: readonly Row[]): string[] {
  const failed = rows.filter((row) => hasFailed(row, false));
  const byMessage = groupBy(failed, ({ message }) => message);
  return [...byMessage].map(([message, same]) => {
    const [{ namespace, pod } = { namespace: '' }] = same;
    // What could not be listed says its namespace itself.
    if (pod === undefined) return printable(message);
    const more = same.length > 1 ? ` and ${same.length - 1} more` : '';
    return `${shortened(`${namespace}/${pod}`, 320)}${more}: ${printable(message)}`;
  });
}

/** `ended: 2, still runs: 1` */
export function countResults(rows: readonly Row[]): string {
  const counts = new Map<RowResult, number>();
  for (const { result } of rows) counts.set(result, (counts.get(result) ?? 0) + 1);
  return [...counts].map(([result, count]) => `${result}: ${count}`).join(', ');
}

// --- internal ---

const failures: ReadonlySet<RowResult> = new Set([
  'not listed',
  'not known',
  'still runs',
  'not ended',
  'lost',
  'not tried',
]);

const nameColumns = ({ hasNamespaces }: TableOptions): Column<Row>[] => [
  ...(hasNamespaces ? [{ title: 'NAMESPACE', cell: ({ namespace }: Row) => namespace, least: 12 }] : []),
  { title: 'POD', cell: ({ pod = '' }) => pod, least: 16 },
];

const paintBy =
  ({ paint }: TableOptions) =>
  (text: string, row: Row): string => {
    if (row.result === 'ended' || row.result === 'would end') return paint('green', text);
    return hasFailed(row, false) ? paint('red', text) : paint('yellow', text);
  };

/** The container alone: a POST and its path are too long for a table. */
const nameIn = (end: string): string => end.slice(0, end.indexOf(':'));

function formatCodes(codes: Record<string, number>): string {
  const all = Object.entries(codes);
  if (all.length < 2) return all.map(([, code]) => `${code}`).join('');
  return all.map(([name, code]) => `${shortened(name, 20)}=${code}`).join(', ');
}
