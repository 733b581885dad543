/** The first line of a report: how many pod templates became what. Pure. */

import type { Outcome } from '../admission/outcome.ts';
import type { SkipReason } from '../decide/reasons.ts';
import { formatCount } from '../util/count.ts';

type Kind = SkipReason | 'wrapped' | 'native' | 'wrapped-already' | 'native-already' | 'repaired' | 'incomplete';

export type Counts = Map<Kind, number>;

/** @returns how many there are of its kind now */
export const countOutcome = (counts: Counts, outcome: Outcome): number => countOne(counts, kindOf(outcome));

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
  return [sorted.map(([kind, count]) => `${formatCount(count)} ${wordsOf(kind, count)}`).join(', ')];
}

// --- internal ---

function kindOf(outcome: Outcome): Kind {
  if (outcome.kind === 'skipped') return outcome.reason;
  const { kind, plan } = outcome;
  // A pod that was skipped has a plan only if a native sidecar in it was repaired.
  if (plan.strategy === 'none') return 'repaired';
  const isNative = plan.strategy === 'native';
  if (kind === 'complete') return isNative ? 'native-already' : 'wrapped-already';
  return isNative ? 'native' : 'wrapped';
}

const order: readonly Kind[] = [
  'wrapped',
  'native',
  'repaired',
  'wrapped-already',
  'native-already',
  'not-a-job',
  'no-entrypoint',
];

/** What is not in the order comes last. */
const rank = (kind: Kind) => order.indexOf(kind) >>> 0;

function wordsOf(kind: Kind, count: number): string {
  const isOne = count === 1;
  switch (kind) {
    case 'wrapped':
      return 'wrapped';
    case 'native':
      return 'made native';
    case 'repaired':
      return 'repaired';
    case 'wrapped-already':
      return 'wrapped already';
    case 'native-already':
      return 'made native already';
    case 'not-a-job':
      return isOne ? 'not a Job' : 'not Jobs';
    case 'no-entrypoint':
      return isOne ? 'needs a command' : 'need a command';
    case 'incomplete':
      return 'incomplete';
    default:
      return `skipped (${kind})`;
  }
}
