/** What `explain` has to say about one pod template, as data: the shape of `-o json`. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import { planNote } from '../admission/warnings.ts';
import { restartPolicyOf } from '../decide/decide.ts';
import { reasons, type SkipReason } from '../decide/reasons.ts';
import type { EndRule, Plan, WrappedContainer } from '../inject/plan.ts';
import { type NoGuard, noGuard } from '../inject/plan-sidecars.ts';
import type { AdmittedTemplate } from '../manifests/admit-manifests.ts';
import { warningsOf } from '../manifests/report.ts';
import type { Pod } from '../pod/schema.ts';
import { type Ending, endingsOf } from './endings.ts';
import { whyMissed } from './missed.ts';

export type Explanation = {
  file: string;
  /** Position among the documents of its file, from 1. */
  document: number;
  kind: string;
  namespace?: string;
  name: string;
  /** JSON pointer from the root of the document to the pod. */
  path: string;
  warnings: string[];
} & (
  | {
      wrapped: false;
      /** `missed`: see missed.ts. */
      reason: SkipReason | 'missed';
      sentence: string;
    }
  | {
      wrapped: true;
      /** Whether the input was wrapped before. */
      complete: boolean;
      sidecar: Plan['sidecar'];
      port: number;
      quit: Plan['quit'];
      guard: 'runs' | NoGuard;
      /** Those that Clockout ends, as far as they are in view. */
      sidecars: string[];
      containers: ExplainedContainer[];
      /** What its owner may not have meant. */
      note?: string;
    }
);

export type ExplainedContainer = {
  name: string;
  entrypoint: WrappedContainer['entrypoint'];
  /** Seconds; 0 = it does not wait. */
  wait: number;
  onWaitTimeout: 'start' | 'fail';
  end: EndRule;
  endings: Ending[];
};

/** @param namespaceLabels those of its namespace, if they are known */
export function explain(
  file: string,
  document: number,
  { template, outcome }: AdmittedTemplate,
  namespaceLabels?: Record<string, string>,
): Explanation {
  const { kind, namespace, name, path } = template;
  const place = { file, document, kind, ...(namespace && { namespace }), name, path, warnings: warningsOf(outcome) };
  if (outcome.kind === 'skipped') {
    return { ...place, wrapped: false, reason: outcome.reason, sentence: reasons[outcome.reason] };
  }
  const missed = whyMissed(template, outcome, namespaceLabels);
  return missed
    ? { ...place, wrapped: false, reason: 'missed', sentence: missed }
    : { ...place, wrapped: true, ...wrapping(template.pod as Pod, outcome) };
}

// --- internal ---

function wrapping(pod: Pod, { kind, plan }: Exclude<Outcome, { kind: 'skipped' }>) {
  const { sidecar, port, quit, sidecars } = plan;
  const note = planNote(pod, plan);
  return {
    complete: kind === 'complete',
    sidecar,
    port,
    quit,
    guard: noGuard(plan) ?? ('runs' as const),
    sidecars: sidecars.map(({ name }) => name),
    containers: plan.containers.map((container) => explainContainer(pod, plan, container)),
    ...(note !== undefined && { note }),
  };
}

function explainContainer(pod: Pod, plan: Plan, wrapped: WrappedContainer): ExplainedContainer {
  const { name, index, entrypoint, wait, onWaitTimeout, end } = wrapped;
  const container = pod.spec.containers[index];
  const restarts = container !== undefined && restartPolicyOf(pod, container) !== 'Never';
  return { name, entrypoint, wait, onWaitTimeout, end, endings: endingsOf(plan, wrapped, restarts) };
}
