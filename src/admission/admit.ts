/**
 * The way of a pod, from what was sent to what is answered: read its facts, decide, resolve entrypoints, plan, build the patch,
 * check it. This is the only file that names every step. All of them are pure and synchronous, except for the lookup.
 */

import { needsPid1 } from '../decide/commands.ts';
import { decide, type Origin } from '../decide/decide.ts';
import type { SkipReason } from '../decide/reasons.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import { resolveEntrypoints } from '../entrypoint/resolve-all.ts';
import { createPatch } from '../inject/patch/build-patch.ts';
import { patchToBase64 } from '../inject/patch/patch-base64.ts';
import { createPlan, type Settings as PlanSettings } from '../inject/plan.ts';
import type { AllowedAnnotations } from '../pod/annotations/table.ts';
import { checkBounds } from '../pod/bounds.ts';
import { createFacts } from '../pod/facts.ts';
import type { Pod } from '../pod/schema.ts';
import { applyPatch } from './apply-patch.ts';
import { checkPatched } from './check-patch.ts';
import type { Outcome } from './outcome.ts';
import { describeApps, findPlanProblems } from './plan-problems.ts';
import { type Problem, toWarnings } from './warnings.ts';

export type { Origin };

/** The operator's settings that a decision and its patch depend on. */
export type Settings = PlanSettings & { allowedAnnotations?: AllowedAnnotations };

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
  const facts = createFacts(pod, settings.allowedAnnotations);
  const decision = decide(facts, origin);
  if (!decision.wrap) return skip(decision.reason, decision.problems);

  const resolved = await resolveEntrypoints(facts, lookup && ((image) => lookup(image, pod)));
  if (!resolved.ok) return skip('no-entrypoint', resolved.problem);
  const { entrypoints, problems } = resolved.value;
  if (entrypoints.some(({ argv }) => needsPid1(argv))) return skip('needs-pid-1', [{ code: 'needs-pid-1' }]);

  const plan = createPlan(facts, decision, entrypoints, settings);
  const warnings = toWarnings([...problems, ...findPlanProblems(facts, origin, plan)]);
  const note = describeApps(facts, plan);
  const wrapped = { plan, warnings, ...(note !== undefined && { note }) };
  const patch = createPatch(facts, plan);
  if (patch.length === 0) return { kind: 'complete', ...wrapped };
  const base64 = patchToBase64(patch);
  const tooLarge = checkBounds({ patch: (base64.length / 4) * 3 });
  if (tooLarge) return skip('too-large', [tooLarge]);

  const patched = applyPatch(pod, patch);
  checkPatched(patched, plan);
  return { kind: 'patched', patch, base64, patched, ...wrapped };
}

const skip = (reason: SkipReason, problems: readonly Problem[]): Outcome => ({
  kind: 'skipped',
  reason,
  warnings: toWarnings(problems),
});
