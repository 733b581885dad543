/** From an outcome to the answer that the API server gets. */
import { type SkipReason, unwrappable } from '../decide/reasons.ts';
import type { Outcome } from './outcome.ts';

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

/** What to do with a pod that asked for Clockout and cannot be wrapped. */
export type OnUnwrappable = 'admit' | 'refuse';

export function toResponse(uid: string, outcome: Outcome, onUnwrappable: OnUnwrappable): AdmissionResponse {
  const answer = { uid, allowed: true, ...warningsOf(outcome.warnings), auditAnnotations: auditOf(outcome) };
  if (outcome.kind === 'patched') {
    return { ...answer, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(outcome.patch)).toString('base64') };
  }
  if (outcome.kind === 'skipped' && isRefused(outcome.reason, onUnwrappable)) {
    const message = `Clockout cannot wrap this pod (${outcome.reason}): ${outcome.warnings.join('; ')}`;
    return { uid, allowed: false, status: { code: 422, message }, auditAnnotations: auditOf(outcome) };
  }
  return answer;
}

const isRefused = (reason: SkipReason, onUnwrappable: OnUnwrappable) =>
  onUnwrappable === 'refuse' && unwrappable.has(reason);

const auditOf = (outcome: Outcome): Record<string, string> =>
  outcome.kind === 'skipped' ? { outcome: 'skipped', reason: outcome.reason } : { outcome: outcome.kind };

/**
 * The API server drops a warning with control characters, and cuts all after 256 once they are more than 4096 together.
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/warning.go
 */
function warningsOf(warnings: string[]) {
  const clean = warnings.map((warning) => shortened(`clockout: ${warning.replace(/\p{Cc}/gu, ' ')}`));
  return clean.length > 0 ? { warnings: clean } : {};
}

const longest = 800;

const shortened = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text);
