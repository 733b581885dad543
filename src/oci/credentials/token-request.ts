/** Asks a token server, and takes nothing from its answer but an object of JSON. */
import type { fetch } from 'undici';
import { fail, ok, type Result } from '../../util/result.ts';
import { readUpTo } from '../http/body.ts';
import { showCode } from '../http/show.ts';
import { parseObject } from './docker-config.ts';

export type Fetch = typeof fetch;

type TokenRequest = {
  /** What is asked, for a sentence. */
  server: string;
  url: string;
  headers?: Record<string, string>;
  /** Sent as a POST; without one it is a GET. */
  form?: Record<string, string>;
  signal: AbortSignal;
};

/** @returns the answer's fields, or what went wrong; of an error that is its status and code, as the rest may hold secrets */
export async function requestToken(
  fetch: Fetch,
  { server, url, headers = {}, form, signal }: TokenRequest,
): Promise<Result<Record<string, unknown>, string>> {
  try {
    const response = await fetch(url, {
      headers,
      // A redirect would send the token to a host that the server names.
      redirect: 'error',
      signal,
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    const body = response.body && (await readUpTo(response.body, maxBytes));
    const answer = parseObject(`${body ?? ''}`);
    if (response.ok && answer) return ok(answer);
    return fail(`${server} gave no token (${response.status}${answer ? readCodes(answer) : ', no JSON'})`);
  } catch (error) {
    return fail(`${server} cannot be reached (${reasonOf(error)})`);
  }
}

// --- internal ---

/** Tokens have a few KiB. */
const maxBytes = 256 * 1024;

/** OAuth's `error`, and Entra's number, which its documentation explains. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
function readCodes({ error = '', error_description: description = '' }: Record<string, unknown>): string {
  const code = showCode(error);
  const number = /\bAADSTS\d{1,9}\b/.exec(`${description}`);
  return [code, number?.[0]].map((word) => (word ? ` ${word}` : '')).join('');
}

function reasonOf(error: unknown): string {
  const { cause, name } = error as Error;
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? message ?? name;
}
