/** From an answer that is not good to the problem that it means. What each status means is in http-statuses.ts. */
import type { RegistryProblem } from '../problem.ts';
import { parseJson } from './decode.ts';
import { type HttpAnswer, readHeader } from './exchange.ts';
import { findKind } from './http-statuses.ts';
import { showCode } from './show.ts';

/** @param credentialSent whether the server was told a credential */
export function readRefusal(answer: HttpAnswer, credentialSent: boolean): RegistryProblem {
  const { status, address } = answer;
  const kind = findKind(status);
  if (!kind) return { kind: 'invalid-answer', address, status, expected: 'status 200', found: `status ${status}` };
  const code = readCode(answer);
  const wait = readRetryAfter(answer);
  const refusal = { address, status, ...(code && { code }), ...(wait > 0 && { retryAfter: Math.ceil(wait / 1000) }) };
  return kind === 'unauthorized' || kind === 'forbidden' ? { kind, credentialSent, ...refusal } : { kind, ...refusal };
}

/** @returns how long the server asks to wait, in milliseconds */
export const readRetryAfter = (answer: HttpAnswer): number =>
  parseRetryAfter(readHeader(answer, 'retry-after'), Date.now());

/**
 * How long to wait by a Retry-After header: seconds, or a date.
 * @returns milliseconds; 0 for none, or one that can't be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

// --- internal ---

/**
 * The code of the first of a registry's errors, or of an OAuth token server; Docker Hub's token server calls it `code`.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
function readCode({ body }: HttpAnswer): string | undefined {
  const parsed = parseJson(body) as { errors?: unknown; error?: unknown; code?: unknown } | null | undefined;
  const [first] = Array.isArray(parsed?.errors) ? parsed.errors : [];
  return showCode(first?.code) ?? showCode(parsed?.error) ?? showCode(parsed?.code);
}
