/**
 * The way of a pod, from what was sent to what is answered: decide, resolve the entrypoints, plan, inject, check.
 * This is the only file that names every step; all of them are pure and synchronous but the lookup that is handed in.
 */

import { needsPid1 } from '../decide/commands.ts';
import { type Decision, decide, type Origin } from '../decide/decide.ts';
import type { AppContainer } from '../decide/options.ts';
import { reasons, type SkipReason } from '../decide/reasons.ts';
import { type LookupImageConfig, type Resolution, resolveEntrypoint } from '../entrypoint/resolve.ts';
import { createPatch } from '../inject/patch.ts';
import { makePlan, type Settings } from '../inject/plan.ts';
import { parseStatus } from '../inject/status.ts';
import { splitWrapped, statusAnnotation } from '../ours.ts';
import type { Pod } from '../types.ts';
import { applyPatch, checkPatched } from './check.ts';
import type { Outcome } from './outcome.ts';
import { planWarnings } from './warnings.ts';

export type { Origin, Settings };

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
  const decision = decide(pod, origin);
  if (!decision.wrap) return skipped(decision.reason, decision.warnings);

  const resolutions = await Promise.all(decision.containers.map((app) => resolve(pod, app, decision, lookup)));
  const problems = resolutions.flatMap((resolution) => (resolution.ok ? [] : resolution.problems));
  if (problems.length > 0) return skipped('no-entrypoint', problems);
  const resolved = resolutions.filter((resolution) => resolution.ok);
  const entrypoints = resolved.map(({ entrypoint }) => entrypoint);
  if (entrypoints.some(({ argv }) => needsPid1(argv))) return skipped('needs-pid-1', [reasons['needs-pid-1']]);

  const plan = makePlan(pod, decision, entrypoints, settings);
  const warnings = [
    ...resolved.flatMap((resolution) => resolution.warnings),
    ...planWarnings(pod, origin, decision, plan),
  ];
  const patch = createPatch(pod, plan);
  if (patch.length === 0) return { kind: 'complete', plan, warnings };

  const patched = applyPatch(pod, patch);
  checkPatched(patched, plan);
  return { kind: 'patched', patch, patched, plan, warnings };
}

const skipped = (reason: SkipReason, warnings: string[]): Outcome => ({ kind: 'skipped', reason, warnings });

/** What an earlier call has wrapped already says itself what it runs. */
async function resolve(
  pod: Pod,
  { container }: AppContainer,
  { options: { entrypoint } }: Extract<Decision, { wrap: true }>,
  lookup: LookupImageConfig | undefined,
): Promise<Resolution> {
  const { name } = container;
  const wrapped = splitWrapped(container);
  if (wrapped) {
    const status = ownValue(parseStatus(pod.metadata?.annotations?.[statusAnnotation])?.containers, name);
    const image = status?.image ? { image: status.image } : {};
    return {
      ok: true,
      entrypoint: { argv: wrapped.argv, source: status?.entrypoint ?? 'pod', ...image },
      warnings: [],
    };
  }
  const annotated = Array.isArray(entrypoint) ? entrypoint : ownValue(entrypoint, name);
  return resolveEntrypoint(container, pod, annotated, lookup);
}

/** A container may be called `constructor`, which every object seems to have. */
const ownValue = <T>(values: Record<string, T> | undefined, name: string): T | undefined =>
  values && Object.hasOwn(values, name) ? values[name] : undefined;
