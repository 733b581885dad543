/** What `explain` says of a pod that Clockout leaves as it is. Pure. */
import { listRepaired } from '../admission/outcome.ts';
import { isInCluster } from './missed.ts';
import { adviseOn, describeHang, describeUnknown, type Unwrapped } from './skipped.ts';
import type { Subject } from './subject.ts';
import { findKeepers, judgeSkipped, type Verdict } from './verdict.ts';

export type SkippedExplanation = {
  wrapped: false;
  reason: Unwrapped;
  sentence: string;
  /** The sidecars that keep the pod running, and what to do about it. */
  hangs?: { sidecars: string[]; sentence: string; advice: string };
  /** The native sidecars that got their restartPolicy back. */
  repaired?: string[];
};

export function explainSkipped(
  subject: Subject,
  reason: Unwrapped,
  sentence: string,
): SkippedExplanation & { verdict: Verdict } {
  const { facts, origin, outcome, asked, template, mesh } = subject;
  const repaired = listRepaired(outcome);
  const keepers = findKeepers(reason, facts, origin);
  const verdict = judgeSkipped(reason, keepers, asked);
  return {
    wrapped: false,
    reason,
    sentence: verdict === 'unknown' ? describeUnknown(facts, isInCluster(template)) : sentence,
    verdict,
    ...(keepers.length > 0 && {
      hangs: {
        sidecars: keepers,
        sentence: describeHang(keepers, facts, origin, mesh),
        advice: adviseOn(reason, template, mesh),
      },
    }),
    ...(repaired.length > 0 && { repaired }),
  };
}
