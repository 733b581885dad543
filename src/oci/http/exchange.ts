/** One request over HTTP and its answer: redirects are followed, and not trusted. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Dispatcher, request as send } from 'undici';
import { unlessAborted } from '../../util/abort.ts';
import { fail, ok } from '../../util/result.ts';
import type { RegistryClient } from '../client.ts';
import type { RegistryResult } from '../problem.ts';
import { readBody, readWords } from './body.ts';
import { networkProblem } from './network-problem.ts';
import { isOffLimitsHost } from './off-limits.ts';
import { showUrl } from './show.ts';

export type HttpRequest = {
  method: 'GET' | 'HEAD' | 'POST';
  url: URL;
  /** What problems call the server: scheme, host and path of the URL if left out. */
  address?: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** How many bytes a good answer may have. */
  limit: number;
};

export type HttpAnswer = {
  /** Where the answer came from, after redirects. */
  url: URL;
  /** What problems call that place. */
  address: string;
  /** A credential or a token was sent for this answer: what the server chose must not be shown. */
  isPrivate: boolean;
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
};

/**
 * @returns the answer with whatever status it has, or the problem
 * @throws for a request that can't be sent, which is a bug
 */
export async function exchange(
  client: RegistryClient,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<RegistryResult<HttpAnswer>> {
  const { url, address = showUrl(url), headers, body } = request;
  let next: Hop = { ...request, address, isPrivate: headers.authorization !== undefined || body !== undefined };
  for (let redirects = 0; ; redirects++) {
    const result = await sendOnce(client, next, signal);
    if (!result.ok || !redirectStatuses.includes(result.value.status)) return result;
    const followed = followRedirect(next, result.value, redirects, address);
    if (!followed.ok) return followed;
    next = followed.value;
  }
}

/** A header's value where it came once; undefined where it did not come, or several times. */
export const readHeader = ({ headers }: HttpAnswer, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

// --- internal ---

/** One request on the way of redirects. */
type Hop = HttpRequest & Pick<HttpAnswer, 'address' | 'isPrivate'>;

const redirectStatuses = [301, 302, 303, 307, 308];
const maxRedirects = 5;

async function sendOnce(
  client: RegistryClient,
  { url, address, isPrivate, method, headers, body, limit }: Hop,
  signal: AbortSignal,
): Promise<RegistryResult<HttpAnswer>> {
  // Its address is checked when it is connected to; but a proxy does that by itself, and knows the name only.
  if (isOffLimitsHost(url.hostname) && !client.isListed(url)) return fail({ kind: 'off-limits', address });
  try {
    const dispatcher = client.dispatcherFor(url);
    // What comes packed is counted unpacked; asking for neither saves that.
    const allHeaders = { 'user-agent': 'clockout', 'accept-encoding': 'identity', ...headers };
    const sent = send(url, { dispatcher, method, headers: allHeaders, body: body ?? null, signal });
    // undici hears of an abort only when it has a connection, and connecting may take seconds.
    const response = await unlessAborted(sent.then(withoutThrowing), signal);
    if (!response) return fail({ kind: 'timeout', address });
    const answer = { url, address, isPrivate, status: response.statusCode, headers: response.headers };
    const isGood = method !== 'HEAD' && answer.status === 200;
    const read = isGood
      ? await readBody(response, address, limit, () => client.enterLargeBody(signal))
      : await readWords(response, signal);
    // Only in its next turn does undici take the connection for free; another one costs a handshake.
    await nextTurn();
    return read.ok ? ok({ ...answer, body: read.value }) : read;
  } catch (error) {
    return fail(networkProblem(error, address, signal));
  }
}

/** A body that fails when nobody reads it any more must not end the process. */
function withoutThrowing(response: Dispatcher.ResponseData): Dispatcher.ResponseData {
  response.body.on('error', () => {});
  return response;
}

/** The next request, or why a redirect isn't followed. Credentials stay with the host that they were for. */
function followRedirect(from: Hop, answer: HttpAnswer, redirects: number, first: string): RegistryResult<Hop> {
  const refuse = (to: string, reason?: string): RegistryResult<never> =>
    fail({ kind: 'redirect', address: from.address, status: answer.status, to, ...(reason && { reason }) });
  const location = readHeader(answer, 'location');
  const url = location === undefined ? null : URL.parse(location, from.url.href);
  if (!url) return refuse('no URL');
  const to = from.isPrivate ? 'an address that is not shown' : showUrl(url);
  if (redirects >= maxRedirects) return refuse(to, `after ${maxRedirects} other places`);
  if (from.method === 'POST') return refuse(to, 'where credentials were to be sent');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && from.url.protocol === 'http:'))
    return refuse(to, 'which is not https');
  const { authorization, ...others } = from.headers;
  const headers = authorization && url.origin === from.url.origin ? from.headers : others;
  const address = from.isPrivate ? `the address that ${first} redirects to` : to;
  return ok({ ...from, url, address, headers });
}
