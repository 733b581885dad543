/** What `clockout inject` does with a manifest, beside what the webhook does with its pods. Pure. */
import { type Outcome, readReason } from '../admission/outcome.ts';
import type { WrapPlan } from '../inject/plan.ts';
import { findGuardGap } from '../inject/plan-sidecars.ts';
import { describeGuards } from '../manifests/report.ts';

/**
 * @param webhook what the webhook does
 * @param asked whether registries were asked
 */
export function describeInject(outcome: Outcome, webhook: Outcome, asked: boolean): string {
  const reason = readReason(outcome);
  if (reason === 'no-entrypoint' && !asked) return 'skips it, unless --registry finds its command';
  if (reason !== undefined) return readReason(webhook) === reason ? 'skips it, too' : `skips it (${reason})`;
  if (outcome.kind === 'skipped') throw new Error('expected a reason for a pod that is skipped');
  const isChanged = outcome.kind === 'patched';
  if (outcome.plan.strategy === 'native') return isChanged ? 'makes its sidecars native' : 'has nothing to change';
  const too = readReason(webhook) === undefined ? ', too' : ', because you choose the files';
  const does = isChanged ? `wraps it${too}` : 'has wrapped it already';
  return outcome.plan.strategy === 'wrap' ? does + describeGap(outcome.plan) : does;
}

// --- internal ---

function describeGap(plan: WrapPlan): string {
  const gap = findGuardGap(plan);
  return gap ? `; ${describeGuards(gap, [])}` : '';
}
