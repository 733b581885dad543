/** Asking once more, where that may help and time is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Budget } from '../../util/budget.ts';
import type { RegistryProblem, Result } from '../problem.ts';
import { type HttpAnswer, headerOf } from './exchange.ts';

/**
 * Asks up to three times: again after 429, a 5xx, or a connection that failed, no sooner than Retry-After says. A wait
 * that the budget has no time for is not begun: the answer there is, is given at once.
 */
export async function withRetries(
  attempt: () => Promise<Result<HttpAnswer>>,
  budget: Budget,
): Promise<Result<HttpAnswer>> {
  let result = await attempt();
  for (let tries = 1; tries < maxTries && isTemporary(result); tries++) {
    const wait = Math.max(backoff(tries, Math.random()), retryAfter(result));
    if (wait >= budget.remaining()) break;
    await sleep(wait, undefined, { signal: budget.signal }).catch(() => {});
    const next = await attempt();
    // "503" tells more than that there was no time left to hear it again.
    if (!next.ok && next.problem.kind === 'timeout') break;
    result = next;
  }
  return result;
}

/**
 * How long to wait by a Retry-After header: seconds, or a date.
 * @returns milliseconds; 0 for none, or one that can't be read
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

// --- internal ---

const maxTries = 3;

/** Milliseconds, between half and the whole of a step that doubles. */
const backoff = (tries: number, random: number) => 100 * 2 ** (tries - 1) * (0.5 + random / 2);

const isTemporary = (result: Result<HttpAnswer>) =>
  result.ok ? result.value.status === 429 || result.value.status >= 500 : isPassing(result.problem);

/** A name that does not exist won't soon. */
const isPassing = (problem: RegistryProblem) =>
  problem.kind === 'unreachable' && problem.reason !== 'there is no such host';

const retryAfter = (result: Result<HttpAnswer>) =>
  result.ok ? parseRetryAfter(headerOf(result.value, 'retry-after'), Date.now()) : 0;
