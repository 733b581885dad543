/** Asks once more if that may help and time is left. http-statuses.ts says of each status, such as 429, whether it may. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from '../../util/deadline.ts';
import type { RegistryProblem, RegistryResult } from '../problem.ts';
import type { HttpAnswer } from './exchange.ts';
import { isTemporaryStatus } from './http-statuses.ts';
import { readRetryAfter } from './read-refusal.ts';

/**
 * Asks up to three times: again after a temporary status, or a connection that failed, and no sooner than Retry-After says.
 * If the deadline leaves no time for the wait, returns what it has at once.
 */
export async function withRetries(
  attempt: () => Promise<RegistryResult<HttpAnswer>>,
  deadline: Deadline,
): Promise<RegistryResult<HttpAnswer>> {
  let result = await attempt();
  for (let tries = 1; tries < maxTries && isTemporary(result); tries++) {
    const wait = Math.max(backoff(tries, Math.random()), result.ok ? readRetryAfter(result.value) : 0);
    if (wait >= deadline.remaining()) break;
    await sleep(wait, undefined, { signal: deadline.signal }).catch(() => {});
    const next = await attempt();
    // The answer before it says more than a timeout.
    if (!next.ok && next.problem.kind === 'timeout') break;
    result = next;
  }
  return result;
}

// --- internal ---

const maxTries = 3;

/** Milliseconds, between half and the whole of a step that doubles. */
const backoff = (tries: number, random: number) => 100 * 2 ** (tries - 1) * (0.5 + random / 2);

const isTemporary = (result: RegistryResult<HttpAnswer>) =>
  result.ok ? isTemporaryStatus(result.value.status) : isPassing(result.problem);

/** A name that does not exist won't soon. */
const isPassing = (problem: RegistryProblem) =>
  problem.kind === 'unreachable' && problem.reason !== 'there is no such host';
