/** Tries one credential after the other, as a kubelet does when it pulls an image. */
import type { Credential, CredentialSource } from '../oci/credentials/credential.ts';
import { mostCredentials } from '../oci/credentials/select-credentials.ts';
import { credentialProblems } from '../oci/http/http-statuses.ts';
import { type Deadline, startDeadline } from '../util/deadline.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { describeLookupProblem, type LookupProblem } from './problem.ts';

type Credentials = {
  /** In the kubelet's order. */
  given: readonly Credential[];
  /** Asked for a credential after all of those have failed. */
  sources: readonly CredentialSource[];
};

/** With one credential or none: `recall` asks no registry. */
type Attempt<T> = { recall: () => T | undefined; ask: () => Promise<Result<T, LookupProblem>> };

/** The most telling problem, and sentences for other things that went wrong, such as with a source. */
export type Failure = { main: LookupProblem; others: string[] };

/**
 * The first good answer: one that is in the cache, or else the first in turn. The next credential is tried only if another one
 * may help. The last try is anonymous.
 */
export async function tryInTurn<T>(
  registry: string,
  { given, sources }: Credentials,
  attempt: (credential: Credential | undefined) => Attempt<T>,
  deadline: Deadline,
): Promise<Result<T, Failure>> {
  const attempts: Attempt<T>[] = [];
  // The cache of each comes first: otherwise a refused credential would be tried again whenever that has been forgotten.
  for (const credential of [...given.slice(0, mostCredentials), undefined]) {
    const next = attempt(credential);
    const known = next.recall();
    if (known) return ok(known);
    attempts.push(next);
  }
  const refused: LookupProblem[] = [];
  const others: string[] = [];
  /** @returns undefined if another credential may help */
  const tryOne = async ({ ask }: Attempt<T>): Promise<Result<T, Failure> | undefined> => {
    const answer = await ask();
    if (answer.ok) return answer;
    if (!mayNeedAnother(answer.problem)) return fail({ main: answer.problem, others });
    refused.push(answer.problem);
    return undefined;
  };

  for (const next of attempts.slice(0, -1)) {
    const end = await tryOne(next);
    if (end) return end;
  }
  for (const source of sources.filter(({ matches }) => matches(registry))) {
    const sourced = await askSource(source, registry, deadline);
    if (!sourced.ok) others.push(sourced.problem);
    const end = sourced.ok && (await tryOne(attempt(sourced.value)));
    if (end) return end;
  }
  const answer = await (attempts.at(-1) ?? attempt(undefined)).ask();
  return answer.ok ? answer : fail(chooseFailure(answer.problem, refused, others));
}

/** Asks a source for a credential in half of the time: the other half is for a lookup without one. */
export async function askSource(source: CredentialSource, registry: string, { remaining, signal }: Deadline) {
  const half = startDeadline(remaining() / 2, signal);
  const credential = await source.getCredential(registry, half.signal);
  half.stop();
  return credential;
}

// --- internal ---

/** The most telling first; -1 for a problem that no credential solves. */
const rank = ({ kind }: LookupProblem) => credentialProblems.indexOf(kind);

const mayNeedAnother = (problem: LookupProblem) => rank(problem) >= 0;

/** A credential's problem tells more than an anonymous client's, unless that one has nothing to do with either. */
function chooseFailure(anonymous: LookupProblem, refused: readonly LookupProblem[], others: string[]): Failure {
  const [telling] = refused.toSorted((a, b) => rank(a) - rank(b));
  if (mayNeedAnother(anonymous)) return { main: telling ?? anonymous, others };
  return { main: anonymous, others: telling ? [...others, describeLookupProblem(telling)] : others };
}
