/** Turns an outcome into the answer for the API server. */
import type { SkipReason } from '../decide/reasons.ts';
import type { Base64Text } from '../inject/patch/patch-base64.ts';
import { listed, shortened } from '../util/text.ts';
import { listRepaired, type Outcome, readReason } from './outcome.ts';
import { isRefused, type OnUnwrappable } from './treatment.ts';
import { signature, warningBounds } from './warnings.ts';

/** @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
export type AdmissionResponse = {
  uid: string;
  allowed: boolean;
  patchType?: 'JSONPatch';
  /** Base64 of the operations as JSON. */
  patch?: Base64Text;
  status?: { code: number; message: string };
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
};

/** People read it in the events of the pod's owner. */
export const describeUnwrappable = (reason: SkipReason, warnings: readonly string[]): string =>
  `Clockout cannot ${reason === 'native-unsupported' ? 'make the sidecars of this pod native' : 'wrap this pod'} (${reason}): ${warnings.join('; ')}`;

export function toResponse(
  uid: string,
  outcome: Outcome,
  onUnwrappable: OnUnwrappable,
  isObserved = false,
): AdmissionResponse {
  // Warnings would tell the pod's author of changes that are not made.
  if (isObserved) return { uid, allowed: true, auditAnnotations: auditObserved(outcome, onUnwrappable) };
  const warnings = outcome.warnings.map((warning) => `${signature}${warning}`);
  const reason = readReason(outcome);
  if (reason !== undefined && isRefused(outcome, onUnwrappable)) {
    const message = describeUnwrappable(reason, outcome.warnings);
    const status = { code: 422, message: shortened(message, warningBounds.characters) };
    return { uid, allowed: false, status, auditAnnotations: auditOf(outcome) };
  }
  const answer = { uid, allowed: true, ...(warnings.length > 0 && { warnings }), auditAnnotations: auditOf(outcome) };
  return outcome.kind === 'patched' ? { ...answer, patchType: 'JSONPatch', patch: outcome.base64 } : answer;
}

// --- internal ---

/** `would-be` is what the outcome would have been if Clockout did more than observe. */
const auditObserved = (outcome: Outcome, onUnwrappable: OnUnwrappable): Record<string, string> => ({
  ...auditOf(outcome),
  outcome: 'observed',
  'would-be': isRefused(outcome, onUnwrappable) ? 'refused' : outcome.kind,
});

function auditOf(outcome: Outcome): Record<string, string> {
  const [reason, repaired] = [readReason(outcome), listRepaired(outcome)];
  return {
    outcome: outcome.kind,
    ...(reason !== undefined && { reason }),
    ...(outcome.kind !== 'skipped' && outcome.plan.strategy === 'native' && { strategy: 'native' }),
    ...(repaired.length > 0 && { repaired: listed(repaired, 10).join(', ') }),
  };
}
