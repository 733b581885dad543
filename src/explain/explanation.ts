/** What `explain` says about a pod template, as data: the shape of `-o json`. Pure. */
import { type Admitted, listRepaired, readReason } from '../admission/outcome.ts';
import type { SkipReason } from '../decide/reasons.ts';
import type { NativePlan } from '../inject/native/plan.ts';
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
import type { AdmittedTemplate } from '../manifests/admit-manifests.ts';
import { describeReason, selectWarnings } from '../manifests/report.ts';
import { type Ending, listEndings } from './endings.ts';
import { whyMissed } from './missed.ts';
import { type NativeEnding, nativeEndings } from './native-endings.ts';

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
      /** The native sidecars that got their restartPolicy back. */
      repaired?: string[];
    }
  | ({
      wrapped: false;
      strategy: 'native';
      /** Whether the input has native sidecars already. */
      complete: boolean;
      /** The names of the sidecars that are native then. */
      sidecars: readonly string[];
      /** The names of the containers that Kubernetes waits for. */
      containers: readonly string[];
      endings: NativeEnding[];
      note?: string;
    } & Pick<NativePlan, 'asksIstio'>)
  | (Pick<WrapPlan, 'sidecar' | 'port' | 'quit'> & {
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
  const missed = whyMissed(template, outcome, namespaceLabels);
  if (missed) return { ...place, wrapped: false, reason: 'missed', sentence: missed };
  const [reason, repaired] = [readReason(outcome), listRepaired(outcome)];
  if (reason !== undefined)
    return {
      ...place,
      wrapped: false,
      reason,
      sentence: describeReason(template, reason),
      ...(repaired.length > 0 && { repaired }),
    };
  if (outcome.kind === 'skipped') throw new Error('expected a reason for a pod that is skipped');
  const { kind: result, plan, note } = outcome;
  const noted = note !== undefined && { note };
  switch (plan.strategy) {
    case 'wrap':
      return { ...place, wrapped: true, ...explainWrapped(result, plan), ...noted };
    case 'native':
      return { ...place, wrapped: false, ...explainNative(result, plan), ...noted };
    case 'none':
      throw new Error('expected a reason for a pod that is skipped');
  }
}

// --- internal ---

function explainNative(kind: Admitted['kind'], plan: NativePlan) {
  const { strategy, names: sidecars, apps: containers, asksIstio } = plan;
  return { strategy, complete: kind === 'complete', sidecars, asksIstio, containers, endings: nativeEndings };
}

function explainWrapped(kind: Admitted['kind'], plan: WrapPlan) {
  const { sidecar, port, quit, sidecars, containers } = plan;
  return {
    complete: kind === 'complete',
    sidecar,
    port,
    quit,
    guard: findGuardGap(plan) ?? ('runs' as const),
    sidecars: sidecars.map(({ name }) => name),
    containers: containers.map((container) => explainContainer(plan, container)),
  };
}

function explainContainer(plan: WrapPlan, wrapped: WrappedContainer): ExplainedContainer {
  const { name, entrypoint, wait, onWaitTimeout, end } = wrapped;
  return { name, entrypoint, wait, onWaitTimeout, end, endings: listEndings(plan, wrapped) };
}
