import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../../src/oci/http/exchange.ts';
import { parseRetryAfter } from '../../../src/oci/http/read-refusal.ts';
import { withRetries } from '../../../src/oci/http/retry.ts';
import type { RegistryProblem } from '../../../src/oci/problem.ts';
import { startDeadline } from '../../../src/util/deadline.ts';
import type { Result } from '../../../src/util/result.ts';

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  it.each([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    ['7', 7000],
    ['Sun, 22 Nov 2026 12:00:05 GMT', 5000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', 0],
    ['99999999999999999999', 0],
  ])('%s: %i ms', (header, wait) => expect(parseRetryAfter(header, now)).toBe(wait));
});

const answer = (status: number, headers: HttpAnswer['headers'] = {}): Result<HttpAnswer, RegistryProblem> => ({
  ok: true,
  value: {
    url: new URL('https://r/'),
    address: 'https://r/',
    isPrivate: false,
    status,
    headers,
    body: Buffer.alloc(0),
  },
});
const failure = (problem: Partial<RegistryProblem>) =>
  ({ ok: false, problem: { address: 'https://r/', ...problem } }) as Result<HttpAnswer, RegistryProblem>;
const refused = failure({ kind: 'unreachable', reason: 'the connection was refused' });
const timeout = failure({ kind: 'timeout' });

/** Gives the answers in turn, the last forever. */
async function retry(answers: Result<HttpAnswer, RegistryProblem>[], milliseconds = 5000, signal?: AbortSignal) {
  let asked = 0;
  const start = performance.now();
  const result = await withRetries(
    async () => answers[Math.min(asked++, answers.length - 1)] ?? timeout,
    startDeadline(milliseconds, signal),
  );
  return { result: result.ok ? result.value.status : result.problem.kind, asked, took: performance.now() - start };
}

describe('a question is asked', () => {
  it.each<[string, Result<HttpAnswer, RegistryProblem>[], number, number | string]>([
    ['once, if it is answered', [answer(200)], 1, 200],
    ['once for an answer that will be the same', [answer(404)], 1, 404],
    ['once, if it has been denied', [answer(401)], 1, 401],
    ['again after a 5xx', [answer(503), answer(200)], 2, 200],
    ['again after a 500', [answer(500), answer(200)], 2, 200],
    ['again after 429', [answer(429), answer(502), answer(200)], 3, 200],
    ['again after a connection that failed', [refused, answer(200)], 2, 200],
    ['three times at most', [answer(503)], 3, 503],
    ['three times at most, whatever fails', [refused], 3, 'unreachable'],
    [
      'once, if there is no such host',
      [failure({ kind: 'unreachable', reason: 'there is no such host' })],
      1,
      'unreachable',
    ],
    [
      'once, if the certificate is not trusted',
      [failure({ kind: 'untrusted-certificate', reason: 'X' })],
      1,
      'untrusted-certificate',
    ],
    ['once, if the time is over', [timeout], 1, 'timeout'],
    ['once, if it may not be asked soon enough', [answer(429, { 'retry-after': '60' }), answer(200)], 1, 429],
    ['and the answer is what was heard last', [answer(503), timeout], 2, 503],
  ])('%s', async (_, answers, asked, result) => expect(await retry(answers)).toMatchObject({ asked, result }));

  it('no sooner than it may be', async () => {
    const { asked, result, took } = await retry([answer(503, { 'retry-after': '1' }), answer(200)]);
    expect({ asked, result }).toEqual({ asked: 2, result: 200 });
    expect(took).toBeGreaterThanOrEqual(990);
  });

  it('with growing waits between', async () => {
    const { took } = await retry([answer(503)]);
    expect(took).toBeGreaterThanOrEqual(145);
  });

  it('not again if no time is left for it', async () =>
    expect(await retry([answer(503)], 20)).toMatchObject({ asked: 1, result: 503 }));

  it('not again after the one who asked has gone', async () => {
    const gone = new AbortController();
    setTimeout(() => gone.abort(), 50);
    const { took } = await retry([answer(503, { 'retry-after': '3' }), timeout], 5000, gone.signal);
    expect(took).toBeLessThan(2000);
  });
});
