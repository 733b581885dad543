/** The result of admitting a pod: a value for every case that is expected. Bugs are thrown. */
import type { Operation } from 'fast-json-patch';
import type { SkipReason } from '../decide/reasons.ts';
import type { Base64Text } from '../inject/patch/patch-base64.ts';
import type { Plan } from '../inject/plan.ts';
import type { Pod } from '../pod/schema.ts';

export type Outcome = Admitted | { kind: 'skipped'; reason: SkipReason; warnings: string[] };

/** `complete`: an earlier call has made every change, as when the API server calls a webhook a second time. */
export type Admitted<Of extends Plan = Plan> = (Patched | { kind: 'complete' }) & {
  plan: Of;
  warnings: string[];
  /** Not a fault, but it makes a pod hang if its author does not mean it. */
  note?: string;
};

/** `base64`: the patch as it is sent; `patched`: the pod with the patch applied. */
type Patched = { kind: 'patched'; patch: Operation[]; base64: Base64Text; patched: Pod };

/** @returns why the pod was skipped, even if a native sidecar in it was repaired; undefined if it was not skipped */
export function readReason(outcome: Outcome): SkipReason | undefined {
  if (outcome.kind === 'skipped') return outcome.reason;
  return outcome.plan.strategy === 'none' ? outcome.plan.reason : undefined;
}

/** @returns the names of the native sidecars that the patch repairs */
export const listRepaired = (outcome: Outcome): string[] =>
  outcome.kind === 'patched' ? outcome.plan.repairs.map(({ container }) => container.name) : [];
