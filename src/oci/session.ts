/** The requests of one lookup to one registry or mirror. */
import type { Deadline } from '../util/deadline.ts';
import { fail } from '../util/result.ts';
import { type Authorizer, createAuthorizer } from './auth/authorization.ts';
import type { RegistryClient } from './client.ts';
import type { Credential } from './credentials/credential.ts';
import { exchange, type HttpAnswer } from './http/exchange.ts';
import { readRefusal } from './http/read-refusal.ts';
import { withRetries } from './http/retry.ts';
import type { RegistryHost } from './mirrors.ts';
import type { RegistryResult } from './problem.ts';

/** `path` is below the repository, as in `manifests/latest`. */
type Request = { method: 'GET' | 'HEAD'; path: string; accept: string; limit: number };

export type Session = {
  host: RegistryHost;
  /** A good answer has status 200; all others are problems. */
  ask: (request: Request) => Promise<RegistryResult<HttpAnswer>>;
};

/**
 * The first request has no credential. Each request answers one 401, because tokens expire; a second 401 is the registry's
 * final answer. The same holds for the host that the registry redirects to.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export function createSession(
  client: RegistryClient,
  host: RegistryHost,
  credential: Credential | undefined,
  deadline: Deadline,
): Session {
  const authorizer = createAuthorizer(client, host, credential, deadline);
  /** By origin. */
  const others = new Map<string, Authorizer>();

  /** Another host that a redirect leads to gets no credential, but may give an anonymous token. */
  function authorizerAt(url: URL): Authorizer {
    const { origin, host: registry, pathname } = url;
    const [, repository = host.repository] = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(pathname) ?? [];
    const there = { registry, repository, origin, isMirror: host.isMirror };
    const found = others.get(origin) ?? createAuthorizer(client, there, undefined, deadline);
    others.set(origin, found);
    return found;
  }

  async function ask({ method, path, accept, limit }: Request): Promise<RegistryResult<HttpAnswer>> {
    const first = new URL(`/v2/${host.repository}/${path}`, host.origin);
    const send = (url: URL, authorization: string | undefined, address?: string) => {
      const headers = { accept, ...(authorization && { authorization }) };
      const request = { method, url, headers, limit, ...(address && { address }) };
      return withRetries(() => exchange(client, request, deadline.signal), deadline);
    };
    const used = authorizer.current();
    const answer = await send(first, used);
    if (!isChallenge(answer)) return readAnswer(answer);
    if (answer.value.url.origin !== host.origin) return askThere(answer.value);
    const renewed = await authorizer.renew(used, answer.value);
    if (!renewed.ok) return renewed;
    const again = await send(first, renewed.value);
    const isElsewhere = isChallenge(again) && again.value.url.origin !== host.origin;
    return isElsewhere ? askThere(again.value) : readAnswer(again);

    async function askThere(challenge: HttpAnswer) {
      const token = await authorizerAt(challenge.url).renew(undefined, challenge);
      return token.ok ? readAnswer(await send(challenge.url, token.value, challenge.address)) : token;
    }
  }

  const readAnswer = (answer: RegistryResult<HttpAnswer>): RegistryResult<HttpAnswer> => {
    if (!answer.ok || answer.value.status === 200) return answer;
    return fail(readRefusal(answer.value, Boolean(authorizer.current() && credential)));
  };

  return { host, ask };
}

// --- internal ---

const isChallenge = (answer: RegistryResult<HttpAnswer>): answer is { ok: true; value: HttpAnswer } =>
  answer.ok && answer.value.status === 401;
