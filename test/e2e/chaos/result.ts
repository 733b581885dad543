/** What became of the pods that were made around a fault. Pure. */
import { table } from '../../../scripts/markdown.ts';
import type { Made } from '../cluster/suite/stream.ts';
import type { Expected } from './fault.ts';

export type Policy = 'Fail' | 'Ignore';

export type Result = {
  fault: Pick<Expected, 'name' | 'title'>;
  policy: Policy;
  counts: Record<Made['result'], number>;
  /** In seconds: how long after the fault ended the last pod was not wrapped; 0 if none was. */
  recovery: number;
  /** Of the slowest answer to a pod that was wrapped, in seconds. */
  slowest: number;
  /** Sentences: what the failurePolicy does not explain. */
  wrong: string[];
};

type Times = {
  /** In seconds since the stream began. */
  begin: number;
  end: number;
};

/** Full service again within so many seconds after a fault. */
const mostRecovery = 5;

export function judge(fault: Expected, policy: Policy, made: readonly Made[], { begin, end }: Times): Result {
  const over = fault.window === undefined ? end : begin + fault.window;
  const counts = { wrapped: 0, unwrapped: 0, refused: 0, unreachable: 0 };
  for (const { result } of made) counts[result]++;
  const troubled = made.filter(({ result }) => result !== 'wrapped');
  const last = Math.max(0, ...troubled.map(({ at }) => at - over));
  const allowed: readonly Made['result'][] = [
    policy === 'Fail' ? 'refused' : 'unwrapped',
    ...(fault.mayLeaveUnwrapped ? (['unwrapped'] as const) : []),
    ...(fault.hitsApiServer ? (['unreachable', 'refused'] as const) : []),
  ];
  const odd = troubled.filter(({ result }) => !allowed.includes(result));
  const early = troubled.filter(({ at }) => at < begin - 0.5);
  const wrong = [
    ...odd.slice(0, 3).map(({ at, result, message = '' }) => `${result} at ${at.toFixed(1)} s: ${message}`),
    ...early
      .slice(0, 3)
      .map(({ at, result, message = '' }) => `${result} at ${at.toFixed(1)} s, before the fault: ${message}`),
    ...(last > mostRecovery
      ? [`not every pod was wrapped ${mostRecovery} s after it, but ${last.toFixed(1)} s after it`]
      : []),
  ];
  const slowest = Math.max(0, ...made.map(({ took, result }) => (result === 'wrapped' ? took : 0)));
  return { fault, policy, counts, recovery: last, slowest, wrong };
}

/** @returns rows of a table */
export function renderResults(results: readonly Result[], date: string): string {
  const rows = results.map(({ fault, policy, counts, recovery, slowest, wrong }) => [
    fault.title,
    policy,
    ...[counts.wrapped, counts.unwrapped, counts.refused, counts.unreachable].map(String),
    `${slowest.toFixed(2)} s`,
    `${recovery.toFixed(1)} s`,
    wrong.length === 0 ? 'yes' : 'no',
    date,
  ]);
  return table(
    [
      ...['Fault', 'Policy', 'Wrapped', 'Unwrapped', 'Refused', 'No answer', 'Slowest', 'Full service after'],
      ...['As planned', 'Run of'],
    ],
    rows,
  );
}

/**
 * @param titles of all faults, in their order
 * @returns the new table, with the rows of the old one for what it has not
 */
export function mergeRows(old: string, rendered: string, titles: readonly string[]): string {
  const [head = '', line = '', ...rows] = rendered.trimEnd().split('\n');
  const keyOf = (row: string) => row.split(' | ').slice(0, 2).join(' | ');
  const fresh = new Set(rows.map(keyOf));
  const isKept = (row: string) => row.startsWith('| ') && !fresh.has(keyOf(row));
  const all = [...old.split('\n').filter(isKept), ...rows];
  const ofTitle = (title: string) => all.filter((row) => row.startsWith(`| ${title} | `));
  return [head, line, ...titles.flatMap(ofTitle), ''].join('\n');
}
