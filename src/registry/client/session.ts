/** One lookup at one source. */
import type { Credential } from '../keychain/credential.ts';
import type { Result } from '../problem.ts';
import { makeAuthorizer } from './authorization.ts';
import type { Budget } from './budget.ts';
import { exchange, type HttpAnswer } from './exchange.ts';
import { refusalOf } from './refusal.ts';
import type { RegistryClient } from './registry-client.ts';
import { withRetries } from './retry.ts';
import type { Source } from './sources.ts';

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
 * expired. A second 401 is the registry's last word.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export function openSession(
  client: RegistryClient,
  source: Source,
  credential: Credential | undefined,
  budget: Budget,
): Session {
  const authorizer = makeAuthorizer(client, source, credential, budget);

  async function ask({ method, path, accept, limit }: Question): Promise<Result<HttpAnswer>> {
    const url = new URL(`/v2/${source.repository}/${path}`, source.origin);
    const send = (authorization: string | undefined) => {
      const headers = { accept, ...(authorization && { authorization }) };
      return withRetries(() => exchange(client, { method, url, headers, limit }, budget.signal), budget);
    };
    let used = authorizer.current();
    let answer = await send(used);
    if (answer.ok && isChallenge(answer.value, source)) {
      const renewed = await authorizer.renew(used, answer.value);
      if (!renewed.ok) return renewed;
      used = renewed.value;
      answer = await send(used);
    }
    if (!answer.ok) return answer;
    return answer.value.status === 200
      ? answer
      : { ok: false, problem: refusalOf(answer.value, Boolean(used && credential)) };
  }

  return { source, ask, secrets: authorizer.secrets };
}

// --- internal ---

/** Whoever else a redirect led to is not told who asks. */
const isChallenge = ({ status, url }: HttpAnswer, { origin }: Source) => status === 401 && url.origin === origin;
