/** What `explain` says about a pod template, as data: the shape of `-o json`. Pure. */
import type { Wrapped } from '../admission/outcome.ts';
import { reasons, type SkipReason } from '../decide/reasons.ts';
import type { Plan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
import type { AdmittedTemplate } from '../manifests/admit-manifests.ts';
import { selectWarnings } from '../manifests/report.ts';
import { type Ending, listEndings } from './endings.ts';
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
  | (Pick<Plan, 'sidecar' | 'port' | 'quit'> & {
      wrapped: true;
      /** Whether the input is wrapped already. */
      complete: boolean;
      guard: 'runs' | GuardGap;
      /** The sidecars in the pod that Clockout ends. */
      sidecars: string[];
      containers: ExplainedContainer[];
      /** See `Outcome`. */
      note?: string;
    })
);

/** `wait` is in seconds; 0 = it does not wait. */
export type ExplainedContainer = Pick<WrappedContainer, 'name' | 'entrypoint' | 'wait' | 'onWaitTimeout' | 'end'> & {
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
  const place = {
    file,
    document,
    kind,
    ...(namespace && { namespace }),
    name,
    path,
    warnings: selectWarnings(outcome),
  };
  if (outcome.kind === 'skipped') {
    return { ...place, wrapped: false, reason: outcome.reason, sentence: reasons[outcome.reason] };
  }
  const missed = whyMissed(template, outcome, namespaceLabels);
  return missed
    ? { ...place, wrapped: false, reason: 'missed', sentence: missed }
    : { ...place, wrapped: true, ...explainWrapped(outcome) };
}

// --- internal ---

function explainWrapped({ kind, plan, note }: Wrapped) {
  const { sidecar, port, quit, sidecars, containers } = plan;
  return {
    complete: kind === 'complete',
    sidecar,
    port,
    quit,
    guard: findGuardGap(plan) ?? ('runs' as const),
    sidecars: sidecars.map(({ name }) => name),
    containers: containers.map((container) => explainContainer(plan, container)),
    ...(note !== undefined && { note }),
  };
}

function explainContainer(plan: Plan, wrapped: WrappedContainer): ExplainedContainer {
  const { name, entrypoint, wait, onWaitTimeout, end } = wrapped;
  return { name, entrypoint, wait, onWaitTimeout, end, endings: listEndings(plan, wrapped) };
}
