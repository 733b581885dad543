/** One question and its answer over HTTP: redirects are followed, and not trusted. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Dispatcher, request as send } from 'undici';
import type { RegistryClient } from '../client.ts';
import type { Result } from '../problem.ts';
import { readBody, readWords } from './body.ts';
import { networkProblem } from './network-problem.ts';
import { isOffLimitsHost } from './off-limits.ts';

/** `limit` is how many bytes a good answer may have. */
export type HttpRequest = {
  method: 'GET' | 'HEAD' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string;
  limit: number;
};

/** `url` is where the answer came from, after redirects. */
export type HttpAnswer = {
  url: URL;
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
};

/**
 * @returns the answer with whatever status it has, or why there is none
 * @throws for a request that can't be sent, which is a bug
 */
export async function exchange(
  client: RegistryClient,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Result<HttpAnswer>> {
  let next = request;
  for (let redirects = 0; ; redirects++) {
    const result = await sendOnce(client, next, signal);
    if (!result.ok || !redirectStatuses.includes(result.value.status)) return result;
    const followed = followRedirect(next, result.value, redirects);
    if (!followed.ok) return followed;
    next = followed.value;
  }
}

/** A header's value where it came once; undefined where it did not come, or several times. */
export const headerOf = ({ headers }: HttpAnswer, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

// --- internal ---

const redirectStatuses = [301, 302, 303, 307, 308];
const maxRedirects = 5;

async function sendOnce(
  client: RegistryClient,
  { url, method, headers, body, limit }: HttpRequest,
  signal: AbortSignal,
): Promise<Result<HttpAnswer>> {
  // Its address is checked when it is connected to; but a proxy does that by itself, and knows the name only.
  if (isOffLimitsHost(url.hostname) && !client.isListed(url))
    return { ok: false, problem: { kind: 'off-limits', address: url.href } };
  try {
    const dispatcher = client.dispatcherFor(url);
    // What comes packed is counted unpacked; asking for neither saves that.
    const allHeaders = { 'user-agent': 'clockout', 'accept-encoding': 'identity', ...headers };
    const sent = send(url, { dispatcher, method, headers: allHeaders, body: body ?? null, signal });
    const response = await untilAborted(sent.then(withoutThrowing), signal);
    const answer = { url, status: response.statusCode, headers: response.headers };
    const isGood = method !== 'HEAD' && answer.status === 200;
    const read = isGood
      ? await readBody(response, url, limit, () => client.enterLargeBody(signal))
      : await readWords(response, signal);
    // Only in its next turn does undici take the connection for free; another one costs a handshake.
    await nextTurn();
    return read.ok ? { ok: true, value: { ...answer, body: read.value } } : read;
  } catch (error) {
    return { ok: false, problem: networkProblem(error, url, signal) };
  }
}

/** A body that fails when nobody reads it any more must not end the process. */
function withoutThrowing(response: Dispatcher.ResponseData): Dispatcher.ResponseData {
  response.body.on('error', () => {});
  return response;
}

/** undici hears of an abort only when it has a connection, and one may be seconds in the making. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The next request, or why a redirect isn't followed. Credentials stay with the host that they were for. */
function followRedirect(from: HttpRequest, answer: HttpAnswer, redirects: number): Result<HttpRequest> {
  const refuse = (to: string, reason?: string): Result<never> => ({
    ok: false,
    problem: { kind: 'redirect', address: from.url.href, status: answer.status, to, ...(reason && { reason }) },
  });
  const location = headerOf(answer, 'location');
  const url = location === undefined ? null : URL.parse(location, from.url.href);
  if (!url) return refuse('no URL');
  if (redirects >= maxRedirects) return refuse(url.href, `after ${maxRedirects} other places`);
  if (from.method === 'POST') return refuse(url.href, 'where credentials were to be sent');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && from.url.protocol === 'http:'))
    return refuse(url.href, 'which is not https');
  const { authorization, ...others } = from.headers;
  const headers = authorization && url.origin === from.url.origin ? from.headers : others;
  return { ok: true, value: { ...from, url, headers } };
}
