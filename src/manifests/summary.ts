/** The first line of a report: how many pod templates became what. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import type { SkipReason } from '../decide/reasons.ts';

type Kind = SkipReason | 'wrapped' | 'complete' | 'patch';

export type Counts = Map<Kind, number>;

/** @returns how many there are of its kind now */
export const countOutcome = (counts: Counts, outcome: Outcome): number =>
  countOne(counts, outcome.kind === 'skipped' ? outcome.reason : outcome.kind === 'patched' ? 'wrapped' : 'complete');

export function countOne(counts: Counts, kind: Kind): number {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return count;
}

/** `158 wrapped, 3,207 not Jobs, 12 need a command`; nothing if there is only one. */
export function summarize(counts: Counts): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total < 2) return [];
  const sorted = [...counts].sort(([a], [b]) => rank(a) - rank(b));
  return [sorted.map(([kind, count]) => `${count.toLocaleString('en-US')} ${wordsOf(kind, count)}`).join(', ')];
}

// --- internal ---

const rank = (kind: Kind) => ['wrapped', 'complete', 'not-a-job', 'no-entrypoint'].indexOf(kind) >>> 0;

function wordsOf(kind: Kind, count: number): string {
  const isOne = count === 1;
  switch (kind) {
    case 'wrapped':
      return 'wrapped';
    case 'complete':
      return 'wrapped already';
    case 'not-a-job':
      return isOne ? 'not a Job' : 'not Jobs';
    case 'no-entrypoint':
      return isOne ? 'needs a command' : 'need a command';
    case 'patch':
      return 'without containers';
    default:
      return `skipped (${kind})`;
  }
}
