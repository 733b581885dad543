/**
 * The way of a pod, from what was sent to its outcome: read its facts, decide, resolve entrypoints if it is to be wrapped, plan, build the
 * patch, check it. This is the only file that names every step. All of them are pure and synchronous, except for the lookup. response.ts
 * makes an answer of the outcome, also for `mode: observe`.
 */

import type { ClusterVersions, StrategySettings } from '../decide/cluster-versions.ts';
import { podNeedsPid1 } from '../decide/commands.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Origin } from '../decide/origin.ts';
import type { SkipReason } from '../decide/reasons.ts';
import type { WrapDecision } from '../decide/wrap-rules.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import { type ResolvedAll, resolveEntrypoints } from '../entrypoint/resolve-all.ts';
import { createPatch } from '../inject/create-patch.ts';
import { createNativePlan } from '../inject/native/plan.ts';
import { patchToBase64 } from '../inject/patch/patch-base64.ts';
import { createWrapPlan, type Plan, type Settings as PlanSettings } from '../inject/plan.ts';
import type { AllowedAnnotations } from '../pod/annotations/parse.ts';
import type { Defaults } from '../pod/annotations/read-defaults.ts';
import { checkBounds, podBounds } from '../pod/bounds.ts';
import { createFacts, type Facts } from '../pod/facts.ts';
import type { Pod } from '../pod/schema.ts';
import { firstWithNative } from '../pod/sidecars/native.ts';
import { countCharacters } from '../util/count-characters.ts';
import { applyPatch } from './apply-patch.ts';
import { checkPatched } from './check-patch.ts';
import type { Outcome } from './outcome.ts';
import { describeApps, findPlanProblems } from './plan-problems.ts';
import { type Problem, toWarnings } from './warnings.ts';

export { type ClusterVersions, firstWithNative, type Origin };

/** The operator's settings that a decision and its patch depend on. */
export type Settings = PlanSettings & {
  allowedAnnotations?: AllowedAnnotations;
  /** What the installation sets for pods that do not set it themselves, and whose namespace does not. */
  defaults?: Defaults;
  /** Left out: every pod is wrapped that does not ask otherwise, and nothing is known of the cluster. */
  strategies?: StrategySettings;
};

/**
 * @param lookup asks a registry for an image's entrypoint; left out if no registry may be asked
 * @throws for a bug of Clockout, such as a patch that fails its check
 */
export async function admitPod(
  pod: Pod,
  origin: Origin,
  settings: Settings,
  lookup?: LookupImageConfig,
): Promise<Outcome> {
  const facts = readFacts(pod, origin, settings);
  const decision = decide(facts, origin, settings.strategies);
  const planning = planPod(pod, facts, decision, settings, lookup);
  const planned = planning instanceof Promise ? await planning : planning;
  if (planned.plan.strategy === 'none' && planned.plan.repairs.length === 0)
    return skip(planned.plan.reason, planned.problems);

  const { plan } = planned;
  const warnings = toWarnings([...planned.problems, ...findPlanProblems(facts, origin, plan)]);
  const note = describeApps(facts, plan);
  const admitted = { plan, warnings, ...(note !== undefined && { note }) };
  const patch = createPatch(facts, plan);
  if (patch.length === 0) return { kind: 'complete', ...admitted };
  const muchTooLarge = checkBounds({ patch: countCharacters(patch, podBounds.patch.most) });
  if (muchTooLarge) return skip('too-large', [muchTooLarge]);
  const base64 = patchToBase64(patch);
  const tooLarge = checkBounds({ patch: (base64.length / 4) * 3 });
  if (tooLarge) return skip('too-large', [tooLarge]);

  const patched = applyPatch(pod, patch);
  checkPatched(pod, patched, plan);
  return { kind: 'patched', patch, base64, patched, ...admitted };
}

/** What is known of a pod, with the options that hold for it. */
export function readFacts(
  pod: Pod,
  { namespaceDefaults: namespace }: Pick<Origin, 'namespaceDefaults'>,
  { allowedAnnotations, defaults: installation }: Settings,
): Facts {
  return createFacts(pod, allowedAnnotations, installation || namespace ? { installation, namespace } : undefined);
}

// --- internal ---

type Planned = { plan: Plan; problems: readonly Problem[] };

type Wrap = WrapDecision & Pick<Decision, 'problems' | 'repairs' | 'orElse'>;

/** At once, unless an image has to be looked up. */
function planPod(
  pod: Pod,
  facts: Facts,
  decision: Decision,
  settings: Settings,
  lookup: LookupImageConfig | undefined,
): Planned | Promise<Planned> {
  if (decision.strategy === 'wrap') return planWrapped(pod, facts, decision, settings, lookup);
  const { problems, repairs } = decision;
  return decision.strategy === 'native'
    ? { plan: createNativePlan(facts, decision, settings.version), problems }
    : { plan: { strategy: 'none', reason: decision.reason, repairs }, problems };
}

function planWrapped(
  pod: Pod,
  facts: Facts,
  decision: Wrap,
  settings: Settings,
  lookup: LookupImageConfig | undefined,
): Planned | Promise<Planned> {
  const resolved = resolveEntrypoints(facts, lookup && ((image) => lookup(image, pod)));
  return resolved instanceof Promise
    ? resolved.then((each) => planResolved(facts, decision, settings, each))
    : planResolved(facts, decision, settings, resolved);
}

function planResolved(facts: Facts, decision: Wrap, settings: Settings, resolved: ResolvedAll): Planned {
  const { repairs, orElse } = decision;
  const orSkip = (reason: SkipReason, problems: readonly Problem[]): Planned =>
    orElse
      ? { plan: createNativePlan(facts, { ...orElse, repairs }, settings.version), problems: orElse.problems }
      : { plan: { strategy: 'none', reason, repairs }, problems };
  if (!resolved.ok)
    return orSkip(
      resolved.problem.some(({ code }) => code === 'over-bound') ? 'too-large' : 'no-entrypoint',
      resolved.problem,
    );
  const { entrypoints, problems } = resolved.value;
  const argvs = entrypoints.map(({ argv }) => argv);
  if (podNeedsPid1(facts, argvs)) return orSkip('needs-pid-1', [{ code: 'needs-pid-1' }]);
  const plan = createWrapPlan(facts, decision, entrypoints, settings);
  return { plan, problems: [...decision.problems, ...problems] };
}

const skip = (reason: SkipReason, problems: readonly Problem[]): Outcome => ({
  kind: 'skipped',
  reason,
  warnings: toWarnings(problems),
});
