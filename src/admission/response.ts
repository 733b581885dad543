/** Turns an outcome into the answer for the API server. */
import { type SkipReason, unwrappable } from '../decide/reasons.ts';
import { shortened } from '../util/text.ts';
import type { Outcome } from './outcome.ts';
import { signature, warningBounds } from './warnings.ts';

/** @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
export type AdmissionResponse = {
  uid: string;
  allowed: boolean;
  patchType?: 'JSONPatch';
  /** Base64 of the operations as JSON. */
  patch?: string;
  status?: { code: number; message: string };
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
};

/** What happens to a pod that asks for Clockout and cannot be wrapped. */
export type OnUnwrappable = 'admit' | 'refuse';

export function toResponse(uid: string, outcome: Outcome, onUnwrappable: OnUnwrappable): AdmissionResponse {
  const warnings = outcome.warnings.map((warning) => `${signature}${warning}`);
  const answer = { uid, allowed: true, ...(warnings.length > 0 && { warnings }), auditAnnotations: auditOf(outcome) };
  if (outcome.kind === 'patched') {
    return { ...answer, patchType: 'JSONPatch', patch: outcome.base64 };
  }
  if (outcome.kind === 'skipped' && isRefused(outcome.reason, onUnwrappable)) {
    const message = `Clockout cannot wrap this pod (${outcome.reason}): ${outcome.warnings.join('; ')}`;
    const status = { code: 422, message: shortened(message, warningBounds.characters) };
    return { uid, allowed: false, status, auditAnnotations: auditOf(outcome) };
  }
  return answer;
}

const isRefused = (reason: SkipReason, onUnwrappable: OnUnwrappable) =>
  onUnwrappable === 'refuse' && unwrappable.has(reason);

const auditOf = (outcome: Outcome): Record<string, string> =>
  outcome.kind === 'skipped' ? { outcome: 'skipped', reason: outcome.reason } : { outcome: outcome.kind };
