/** Asks for an image where it may be found: at mirrors, then at its registry. */

import { type Budget, startBudget } from '../util/budget.ts';
import type { RegistryClient } from './client.ts';
import type { Credential } from './credentials/credential.ts';
import { presentProblem } from './http/present.ts';
import { type Source, sourcesOf } from './mirrors.ts';
import type { Result } from './problem.ts';
import type { Reference } from './reference.ts';
import { openSession, type Session } from './session.ts';

export type AskOptions = {
  client: RegistryClient;
  budget: Budget;
  /** For the reference's own registry; left out for an anonymous client. */
  credential?: Credential;
  /** For a mirror, which is never told the credential of the registry that it stands for. */
  mirrorCredential?: (mirror: Pick<Reference, 'registry' | 'repository'>) => Credential | undefined;
};

/**
 * The first good answer, or the last problem. A source has its share of the time that is left, so that a mirror that
 * hangs does not take all.
 */
export async function askSources<T>(
  reference: Reference,
  options: AskOptions,
  ask: (session: Session) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { mirrors = [], plainHttp = [] } = options.client.settings;
  const [first, ...others] = sourcesOf(reference, mirrors, plainHttp);
  let result = await askSource(first, options, others.length, ask);
  for (const [i, source] of others.entries()) {
    if (result.ok) break;
    result = await askSource(source, options, others.length - i - 1, ask);
  }
  return result;
}

// --- internal ---

/** In milliseconds: a pod that has less time left must not make it seem to others that a mirror does not answer. */
const minShare = 500;

/** @param left how many sources come after it */
async function askSource<T>(
  source: Source,
  { client, budget, credential, mirrorCredential }: AskOptions,
  left: number,
  ask: (session: Session) => Promise<Result<T>>,
): Promise<Result<T>> {
  const share = left > 0 ? startBudget(Math.max(minShare, budget.remaining() / (left + 1)), budget.signal) : budget;
  const session = openSession(client, source, source.isMirror ? mirrorCredential?.(source) : credential, share);
  const result = await ask(session);
  return result.ok ? result : { ok: false, problem: presentProblem(result.problem, session.secrets()) };
}
