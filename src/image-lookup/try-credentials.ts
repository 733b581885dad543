/** Asks for an image with one credential after the other, as a kubelet pulls it. */

import type { Credential } from '../oci/credentials/credential.ts';
import type { CredentialSource } from '../oci/credentials/source.ts';
import { type Budget, startBudget } from '../util/budget.ts';
import { describeLookupProblem, type LookupProblem } from './lookup-problem.ts';

type Credentials = {
  /** In the kubelet's order. */
  given: readonly Credential[];
  /** Asked for theirs after all of those have failed. */
  sources: readonly CredentialSource[];
};

type Failed = { ok: false; problem: LookupProblem };

/** With one credential or none: what is known by now, and what can be learnt. */
export type Attempt<T> = { recall: () => T | undefined; ask: () => Promise<T | Failed> };

/**
 * The first good answer: one that is known, or else in turn. Another credential's turn comes only where the one before it may
 * not be the right one; the last is that of an anonymous client.
 * @returns else the problem that tells most, and sentences for what else went wrong, as with a source
 */
export async function askInTurn<T extends { ok: true }>(
  registry: string,
  { given, sources }: Credentials,
  attempt: (credential: Credential | undefined) => Attempt<T>,
  budget: Budget,
): Promise<T | (Failed & { besides: string[] })> {
  const attempts: Attempt<T>[] = [];
  // Whichever is known: otherwise one that is refused would be tried again whenever that has been forgotten.
  for (const credential of [...given.slice(0, maxGiven), undefined]) {
    const opened = attempt(credential);
    const known = opened.recall();
    if (known) return known;
    attempts.push(opened);
  }
  const [anonymous] = attempts.splice(-1);
  const besides: string[] = [];
  async function* inOrder(): AsyncGenerator<Attempt<T>> {
    yield* attempts;
    for (const source of sources.filter(({ matches }) => matches(registry))) {
      // Time must be left for asking without.
      const sourced = await source.credential(registry, startBudget(budget.remaining() / 2, budget.signal).signal);
      if (sourced.ok) yield attempt(sourced.credential);
      else besides.push(sourced.problem);
    }
    if (anonymous) yield anonymous;
  }
  const failures: Failure[] = [];
  for await (const each of inOrder()) {
    const answer = await each.ask();
    if (answer.ok) return answer;
    failures.push({ problem: answer.problem, isAnonymous: each === anonymous });
    if (!isRefusal(answer.problem)) break;
  }
  const { problem, also } = mostTelling(failures);
  return { ok: false, problem, besides: [...besides, ...also.map(describeLookupProblem)] };
}

// --- internal ---

/** A pod may name any number of them, and each that fails is a failed login at somebody's registry. */
const maxGiven = 16;

type Failure = { problem: LookupProblem; isAnonymous: boolean };

/** The most telling first: a credential that was accepted, then one that was known, then one that was never told. Registries also hide what may not be read. */
const refusals: readonly string[] = ['not-found', 'forbidden', 'unauthorized', 'untrusted-realm'];

const isRefusal = ({ kind }: LookupProblem) => refusals.includes(kind);

/** What a credential met tells more than what an anonymous client was told, but for what has nothing to do with either. */
function mostTelling(failures: readonly Failure[]): { problem: LookupProblem; also: LookupProblem[] } {
  const last = failures.at(-1);
  if (!last) throw new Error('expected an anonymous client to have asked at least');
  const refused = failures
    .filter(({ problem, isAnonymous }) => isRefusal(problem) && !isAnonymous)
    .map(({ problem }) => problem)
    .sort((a, b) => refusals.indexOf(a.kind) - refusals.indexOf(b.kind));
  if (isRefusal(last.problem)) return { problem: refused[0] ?? last.problem, also: [] };
  return { problem: last.problem, also: last.isAnonymous ? refused.slice(0, 1) : [] };
}
