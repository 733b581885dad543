/** What an answer says that is not the one asked for. */
import type { RegistryProblem } from '../problem.ts';
import { parseJson } from './decode.ts';
import { type HttpAnswer, headerOf } from './exchange.ts';
import { parseRetryAfter } from './retry.ts';

/** @param credentialSent whether the registry had been told who asks */
export function refusalOf(answer: HttpAnswer, credentialSent: boolean): RegistryProblem {
  const { status, url } = answer;
  const address = url.href;
  const wait = parseRetryAfter(headerOf(answer, 'retry-after'), Date.now());
  const refusal = { address, status, ...ownWords(answer), ...(wait > 0 && { retryAfter: Math.ceil(wait / 1000) }) };
  if (status === 401) return { kind: 'unauthorized', credentialSent, ...refusal };
  if (status === 403) return { kind: 'forbidden', credentialSent, ...refusal };
  if (status === 404) return { kind: 'not-found', ...refusal };
  if (status === 429) return { kind: 'rate-limited', ...refusal };
  if (status >= 500) return { kind: 'unavailable', ...refusal };
  if (status >= 400) return { kind: 'refused', ...refusal };
  return { kind: 'invalid-answer', address, status, expected: 'status 200', found: `status ${status}` };
}

// --- internal ---

/**
 * The first of a registry's errors, or what an OAuth token server says.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
function ownWords({ body }: HttpAnswer): { code?: string; message?: string } {
  const parsed = parseJson(body) as Loose<{ errors: Loose<{ code: unknown; message: unknown }>[] } & OAuthError>;
  const error = Array.isArray(parsed?.errors) ? parsed.errors[0] : undefined;
  const code = textOf(error?.code) ?? textOf(parsed?.error) ?? textOf(parsed?.code);
  const message = textOf(error?.message) ?? textOf(parsed?.error_description) ?? textOf(parsed?.details);
  return { ...(code && { code }), ...(message && { message }) };
}

/** Docker Hub's token server says `details`, some others `code`. */
type OAuthError = { error: unknown; error_description: unknown; code: unknown; details: unknown };
type Loose<T> = Partial<T> | null | undefined;

const textOf = (value: unknown) => (typeof value === 'string' && value ? value : undefined);
