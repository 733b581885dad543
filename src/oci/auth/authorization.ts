/** Answers a registry's challenges, and remembers the Authorization for the requests after it. */
import type { Deadline } from '../../util/deadline.ts';
import { fail, ok } from '../../util/result.ts';
import { createSingleFlight } from '../../util/single-flight.ts';
import type { RegistryClient } from '../client.ts';
import type { Credential } from '../credentials/credential.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { readRefusal } from '../http/read-refusal.ts';
import type { RegistryHost } from '../mirrors.ts';
import type { RegistryResult } from '../problem.ts';
import { parseChallenges } from './challenge.ts';
import { fetchToken, formatBasicAuthorization } from './token.ts';

export type Authorizer = {
  /** What to send as Authorization; undefined before the first challenge. */
  current: () => string | undefined;
  /** Answers the challenge of a 401, once for all requests that were refused with the same Authorization. */
  renew: (refused: string | undefined, answer: HttpAnswer) => Promise<RegistryResult<string>>;
};

/** @param credential left out for an anonymous client, which may still need a token */
export function createAuthorizer(
  client: RegistryClient,
  host: RegistryHost,
  credential: Credential | undefined,
  deadline: Deadline,
): Authorizer {
  let current: string | undefined;
  const fly = createSingleFlight<RegistryResult<string>>();

  async function answerChallenge(answer: HttpAnswer): Promise<RegistryResult<string>> {
    const challenges = parseChallenges(answer.headers['www-authenticate']);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      const token = await fetchToken(client, { host, answer, challenge: bearer }, credential, deadline);
      if (!token.ok) return token;
      current = `Bearer ${token.value}`;
    } else if (credential && challenges.some(({ scheme }) => scheme === 'basic')) {
      current = formatBasicAuthorization(credential);
    } else {
      return fail(readRefusal(answer, false));
    }
    return ok(current);
  }

  return {
    current: () => current,
    renew: async (refused, answer) => {
      if (current && current !== refused) return ok(current);
      return fly('renewal', () => answerChallenge(answer));
    },
  };
}
