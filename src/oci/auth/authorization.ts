/** Answers a registry's challenges, and remembers the answer for the requests after it. */

import type { Budget } from '../../util/budget.ts';
import type { RegistryClient } from '../client.ts';
import type { Credential } from '../credentials/credential.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { refusalOf } from '../http/refusal.ts';
import type { Source } from '../mirrors.ts';
import type { Result } from '../problem.ts';
import { parseChallenges } from './challenge.ts';
import { basicAuthorization, fetchToken } from './token.ts';

export type Authorizer = {
  /** What to send as Authorization; undefined as long as nothing was asked for. */
  current: () => string | undefined;
  /** Answers the challenge of a 401. Requests that were refused with the same share one answer. */
  renew: (refused: string | undefined, answer: HttpAnswer) => Promise<Result<string>>;
  /** What must not be repeated, should a registry send it back. */
  secrets: () => string[];
};

/** @param credential left out for an anonymous client, which may be asked for a token all the same */
export function makeAuthorizer(
  client: RegistryClient,
  source: Source,
  credential: Credential | undefined,
  budget: Budget,
): Authorizer {
  const secrets = credential ? secretsOf(credential) : [];
  let current: string | undefined;
  let renewal: Promise<Result<string>> | undefined;

  async function answerChallenge(answer: HttpAnswer): Promise<Result<string>> {
    const challenges = parseChallenges(answer.headers['www-authenticate']);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      const token = await fetchToken(client, source, bearer, credential, budget);
      if (!token.ok) return token;
      secrets.push(token.value);
      current = `Bearer ${token.value}`;
    } else if (credential && challenges.some(({ scheme }) => scheme === 'basic')) {
      current = basicAuthorization(credential);
    } else {
      return { ok: false, problem: refusalOf(answer, false) };
    }
    return { ok: true, value: current };
  }

  return {
    current: () => current,
    renew: async (refused, answer) => {
      if (current && current !== refused) return { ok: true, value: current };
      renewal ??= answerChallenge(answer).finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    secrets: () => secrets,
  };
}

// --- internal ---

const secretsOf = (credential: Credential) => [
  credential.kind === 'basic' ? credential.password : credential.token,
  basicAuthorization(credential).slice('Basic '.length),
];
