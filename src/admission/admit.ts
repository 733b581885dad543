/**
 * The way of a pod, from what was sent to what is answered: decide, resolve the entrypoints, plan, inject, check.
 * This is the only file that names every step; all of them are pure and synchronous but the lookup that is handed in.
 */

import { needsPid1 } from '../decide/commands.ts';
import { type Decision, decide, type Origin } from '../decide/decide.ts';
import { reasons, type SkipReason } from '../decide/reasons.ts';
import {
  imageToLookUp,
  type LookupImageConfig,
  type Resolution,
  resolveEntrypoint,
  tooManyImages,
} from '../entrypoint/resolve.ts';
import { createPatch } from '../inject/patch/build-patch.ts';
import { patchToBase64 } from '../inject/patch/patch-base64.ts';
import { readStatus, type Status } from '../inject/patch/status.ts';
import { makePlan, type Settings as PlanSettings } from '../inject/plan.ts';
import type { AppContainer } from '../pod/annotations/select-containers.ts';
import type { AllowedAnnotations } from '../pod/annotations/table.ts';
import { firstOver } from '../pod/bounds.ts';
import { splitWrapped } from '../pod/names.ts';
import type { Pod } from '../pod/schema.ts';
import { applyPatch, checkPatched } from './check-patch.ts';
import type { Outcome } from './outcome.ts';
import { boundedWarnings, planWarnings } from './warnings.ts';

export type { Origin };

/** What the operator sets, for a decision and its patch. */
export type Settings = PlanSettings & { allowedAnnotations?: AllowedAnnotations };

/**
 * @param lookup asks a registry for an image's entrypoint; left out where none may be asked
 * @throws for a bug of ours, such as a patch that fails its check
 */
export async function admitPod(
  pod: Pod,
  origin: Origin,
  settings: Settings,
  lookup?: LookupImageConfig,
): Promise<Outcome> {
  const decision = decide(pod, origin, settings.allowedAnnotations);
  if (!decision.wrap) return skipped(decision.reason, decision.warnings);

  const tooMany = lookup && tooManyImages(imagesToLookUp(decision));
  if (tooMany) return skipped('no-entrypoint', [tooMany]);
  const status = readStatus(pod);
  const resolutions = await Promise.all(decision.containers.map((app) => resolve(app, decision, status, pod, lookup)));
  const problems = resolutions.flatMap((resolution) => (resolution.ok ? [] : resolution.problems));
  if (problems.length > 0) return skipped('no-entrypoint', problems);
  const resolved = resolutions.filter((resolution) => resolution.ok);
  const entrypoints = resolved.map(({ entrypoint }) => entrypoint);
  if (entrypoints.some(({ argv }) => needsPid1(argv))) return skipped('needs-pid-1', [reasons['needs-pid-1']]);

  const plan = makePlan(pod, decision, entrypoints, settings);
  const warnings = boundedWarnings([
    ...resolved.flatMap((resolution) => resolution.warnings),
    ...planWarnings(pod, origin, decision, plan),
  ]);
  const patch = createPatch(pod, plan, status);
  if (patch.length === 0) return { kind: 'complete', plan, warnings };
  const base64 = patchToBase64(patch);
  const over = firstOver({ patch: (base64.length / 4) * 3 });
  if (over !== undefined) return skipped('too-large', [over]);

  const patched = applyPatch(pod, patch);
  checkPatched(patched, plan);
  return { kind: 'patched', patch, base64, patched, plan, warnings };
}

const skipped = (reason: SkipReason, warnings: string[]): Outcome => ({
  kind: 'skipped',
  reason,
  warnings: boundedWarnings(warnings),
});

type Wrap = Extract<Decision, { wrap: true }>;

const imagesToLookUp = (decision: Wrap): string[] =>
  decision.containers.flatMap(
    ({ container }) => imageToLookUp(container, annotatedFor(container.name, decision)) ?? [],
  );

/** What an earlier call has wrapped already says itself what it runs. */
async function resolve(
  { container }: AppContainer,
  decision: Wrap,
  status: Status | undefined,
  pod: Pod,
  lookup: LookupImageConfig | undefined,
): Promise<Resolution> {
  const { name } = container;
  const wrapped = splitWrapped(container);
  if (wrapped) {
    const before = ownValue(status?.containers, name);
    const image = before?.image ? { image: before.image } : {};
    const source = before?.entrypoint ?? 'pod';
    return { ok: true, entrypoint: { argv: wrapped.argv, source, ...image }, warnings: [] };
  }
  return resolveEntrypoint(container, pod, annotatedFor(name, decision), lookup);
}

const annotatedFor = (name: string, { options: { entrypoint } }: Wrap) =>
  Array.isArray(entrypoint) ? entrypoint : ownValue(entrypoint, name);

/** A container may be called `constructor`, which every object seems to have. */
const ownValue = <T>(values: Record<string, T> | undefined, name: string): T | undefined =>
  values && Object.hasOwn(values, name) ? values[name] : undefined;
