/** What `explain` says of a pod that is wrapped. Pure. */
import type { Admitted } from '../admission/outcome.ts';
import { listLeftOut } from '../admission/plan-problems.ts';
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap, type PlannedSidecar } from '../inject/plan-sidecars.ts';
import type { Facts } from '../pod/facts.ts';
import { isGuardHook } from '../pod/own-parts.ts';
import { isEndless } from '../pod/sidecars/read.ts';
import { expectsProxy } from './as-webhook.ts';
import { type Context, type Ending, listEndings } from './endings.ts';
import { isInCluster, isWrappedPod } from './missed.ts';
import type { Subject } from './subject.ts';
import { judgeEndings, type Verdict } from './verdict.ts';

export type WrappedExplanation = Pick<WrapPlan, 'sidecar' | 'port' | 'quit'> & {
  wrapped: true;
  /** Whether the input is wrapped already. */
  complete: boolean;
  guard: 'runs' | GuardGap;
  /** The names of the sidecars that Clockout ends, and of those of them in which a guard runs. */
  sidecars: string[];
  guards: string[];
  containers: ExplainedContainer[];
  /** See `Outcome`. */
  note?: string;
};

/** `wait` is in seconds; 0 = it does not wait. */
export type ExplainedContainer = Pick<
  WrappedContainer,
  'name' | 'entrypoint' | 'wait' | 'atOnce' | 'onWaitTimeout' | 'end'
> & { endings: Ending[] };

export function explainWrapped(
  kind: Admitted['kind'],
  planned: WrapPlan,
  { template, facts, injected, mesh }: Subject,
): WrappedExplanation & { verdict: Verdict } {
  const plan = isInCluster(template) ? { ...planned, sidecars: planned.sidecars.map(asItIs(facts)) } : planned;
  const { port, quit, sidecars } = plan;
  const isPredicted = mesh !== undefined && template.kind !== 'Pod' && plan.sidecar === 'injected';
  const isOpen = plan.sidecar === 'expected' || (injected !== undefined && expectsProxy(injected));
  const isExpected = isOpen || (isPredicted && mesh.expected?.sidecar !== 'classic');
  const endless = facts.sidecars.filter(isEndless).map(({ container }) => container.name);
  const context = { isExpected, endless, leftOut: listLeftOut(facts, plan) };
  const containers = plan.containers.map((each) => explainContainer(plan, each, context));
  return {
    wrapped: true,
    verdict: judgeEndings(containers.flatMap(({ endings }) => endings)),
    complete: kind === 'complete' || injected?.kind === 'complete' || isWrappedPod(template),
    sidecar: isExpected || isPredicted ? 'expected' : plan.sidecar,
    port,
    quit,
    guard: findGuardGap(plan) ?? 'runs',
    sidecars: sidecars.map(({ name }) => name),
    guards: sidecars.filter(({ guard }) => guard.runs).map(({ name }) => name),
    containers,
  };
}

// --- internal ---

/** The guard of a sidecar in a cluster is there, or will never be. */
const asItIs =
  ({ spec }: Facts) =>
  (sidecar: PlannedSidecar): PlannedSidecar => {
    const hook = spec.containers[sidecar.index]?.lifecycle?.postStart?.exec?.command;
    return sidecar.guard.runs && !isGuardHook(hook)
      ? { ...sidecar, guard: { runs: false, reason: 'not-called' } }
      : sidecar;
  };

function explainContainer(plan: WrapPlan, wrapped: WrappedContainer, context: Context): ExplainedContainer {
  const { name, entrypoint, wait, atOnce, onWaitTimeout, end } = wrapped;
  const endings = listEndings(plan, wrapped, context);
  return { name, entrypoint, wait, ...(atOnce && { atOnce }), onWaitTimeout, end, endings };
}
