/** One lookup at one source. */

import type { Budget } from '../util/budget.ts';
import { type Authorizer, makeAuthorizer } from './auth/authorization.ts';
import type { RegistryClient } from './client.ts';
import type { Credential } from './credentials/credential.ts';
import { exchange, type HttpAnswer } from './http/exchange.ts';
import { refusalOf } from './http/refusal.ts';
import { withRetries } from './http/retry.ts';
import type { Source } from './mirrors.ts';
import type { Result } from './problem.ts';

/** `path` is below the repository, as in `manifests/latest`. */
type Question = { method: 'GET' | 'HEAD'; path: string; accept: string; limit: number };

export type Session = {
  source: Source;
  /** A good answer has status 200; all others are problems. */
  ask: (question: Question) => Promise<Result<HttpAnswer>>;
  /** What must not be repeated, should a registry send it back. */
  secrets: () => string[];
};

/**
 * The first question says nothing of who asks. For each, one 401 is answered: later ones come from tokens that have
 * expired. A second 401 is the registry's last word. So it is where the registry redirects to.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export function openSession(
  client: RegistryClient,
  source: Source,
  credential: Credential | undefined,
  budget: Budget,
): Session {
  const authorizer = makeAuthorizer(client, source, credential, budget);
  /** By origin. */
  const others = new Map<string, Authorizer>();

  /** Whoever else a redirect led to is not told who asks, but may have a token for anybody. */
  function authorizerAt(url: URL): Authorizer {
    const { origin, host: registry, pathname } = url;
    const [, repository = source.repository] = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(pathname) ?? [];
    const there = { registry, repository, origin, isMirror: source.isMirror };
    const found = others.get(origin) ?? makeAuthorizer(client, there, undefined, budget);
    others.set(origin, found);
    return found;
  }

  async function ask({ method, path, accept, limit }: Question): Promise<Result<HttpAnswer>> {
    const first = new URL(`/v2/${source.repository}/${path}`, source.origin);
    const send = (url: URL, authorization: string | undefined) => {
      const headers = { accept, ...(authorization && { authorization }) };
      return withRetries(() => exchange(client, { method, url, headers, limit }, budget.signal), budget);
    };
    const renew = async (refusal: HttpAnswer, by: Authorizer, refused: string | undefined, url: URL) => {
      const renewed = await by.renew(refused, refusal);
      return renewed.ok ? send(url, renewed.value) : renewed;
    };
    const used = authorizer.current();
    let answer = await send(first, used);
    if (isChallenge(answer) && answer.value.url.origin === source.origin)
      answer = await renew(answer.value, authorizer, used, first);
    if (isChallenge(answer) && answer.value.url.origin !== source.origin)
      answer = await renew(answer.value, authorizerAt(answer.value.url), undefined, answer.value.url);
    if (!answer.ok || answer.value.status === 200) return answer;
    return { ok: false, problem: refusalOf(answer.value, Boolean(authorizer.current() && credential)) };
  }

  return { source, ask, secrets: () => [authorizer, ...others.values()].flatMap(({ secrets }) => secrets()) };
}

// --- internal ---

const isChallenge = (answer: Result<HttpAnswer>): answer is { ok: true; value: HttpAnswer } =>
  answer.ok && answer.value.status === 401;
