import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTokenCache, type FetchedToken } from '../../../src/oci/credentials/token-cache.ts';

const token = (password: string, expiresAt: number): FetchedToken => ({
  ok: true,
  value: { credential: { kind: 'basic', username: 'u', password }, expiresAt },
});
const given = (password: string) => ({ ok: true, value: { kind: 'basic', username: 'u', password } });
const late = {
  ok: false,
  problem: 'the server gave no token in time; check that Clockout reaches it (network policies, the proxy)',
};
const patient = new AbortController().signal;

/** Gives numbered tokens that are good for an hour. */
function counting(take: (count: number) => Promise<void> = async () => {}) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const ask = createTokenCache({
    name: 'the server',
    fetchToken: async (key) => {
      const count = asked.push(key);
      await take(count);
      return token(`${count}`, clock.now + 3_600_000);
    },
    now: () => clock.now,
  });
  return { clock, asked, ask };
}

describe('a token', () => {
  it('is kept until a minute before it expires', async () => {
    const { clock, ask } = counting();
    expect(await ask('a', patient)).toEqual(given('1'));
    clock.now = 59 * 60_000 - 1;
    expect(await ask('a', patient)).toEqual(given('1'));
    clock.now = 59 * 60_000;
    expect(await ask('a', patient)).toEqual(given('2'));
    expect(await ask('a', patient)).toEqual(given('2'));
  });

  it('is kept for each key', async () => {
    const { ask, asked } = counting();
    expect(await ask('a', patient)).toEqual(given('1'));
    expect(await ask('b', patient)).toEqual(given('2'));
    expect(await ask('a', patient)).toEqual(given('1'));
    expect(asked).toEqual(['a', 'b']);
  });

  it('is fetched once for all who ask at the same time', async () => {
    const { ask, asked } = counting(() => sleep(20));
    const all = await Promise.all(Array.from({ length: 1000 }, () => ask('a', patient)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(asked).toEqual(['a']);
  });

  it('of a key that was long not asked for makes way for others', async () => {
    const { ask, asked } = counting();
    for (let i = 0; i < 1001; i++) await ask(`${i}`, patient);
    await ask('1000', patient);
    await ask('1', patient);
    expect(asked).toHaveLength(1001);
    await ask('0', patient);
    expect(asked).toHaveLength(1002);
  });
});

describe('who asks', () => {
  it('is answered when its time is up, and the token is there for the next', async () => {
    const { ask, asked } = counting(() => sleep(50));
    expect(await ask('a', AbortSignal.timeout(5))).toEqual(late);
    expect(await ask('a', patient)).toEqual(given('1'));
    expect(asked).toHaveLength(1);
  });

  it('is answered at once when its time was up before', async () => {
    const { ask } = counting(() => new Promise(() => {}));
    expect(await ask('a', AbortSignal.abort())).toMatchObject({ ok: false });
  });

  it('leaves no listener at its signal', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    const { ask } = counting(() => sleep(1));
    await ask('a', signal);
    expect(listeners).toBe(0);
  });
});

describe('a failure', () => {
  it('is told to all who wait, and to who asks within ten seconds', async () => {
    let count = 0;
    const clock = { now: 0 };
    const ask = createTokenCache({
      name: 'the server',
      fetchToken: async () => {
        await sleep(5);
        return ++count === 1 ? { ok: false, problem: 'no' } : token(`${count}`, Number.POSITIVE_INFINITY);
      },
      now: () => clock.now,
    });
    const both = await Promise.all([ask('a', patient), ask('a', patient)]);
    expect(both).toEqual([
      { ok: false, problem: 'no' },
      { ok: false, problem: 'no' },
    ]);
    clock.now = 9999;
    expect(await ask('a', patient)).toEqual({ ok: false, problem: 'no' });
    expect(count).toBe(1);
    expect(await ask('b', patient)).toEqual(given('2'));
    clock.now = 10_000;
    expect(await ask('a', patient)).toEqual(given('3'));
  });

  it('to answer at all ends after a time of its own', async () => {
    const signals: AbortSignal[] = [];
    const ask = createTokenCache({
      name: 'the server',
      fetchToken: (_, signal) => {
        signals.push(signal);
        return new Promise<never>(() => {});
      },
      now: () => 0,
      timeout: 50,
    });
    // A timer of the test keeps this process up: the cache's own does not.
    const [answer] = await Promise.all([ask('a', patient), sleep(100)]);
    expect(answer).toEqual(late);
    expect(await ask('a', patient)).toEqual(late);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});
