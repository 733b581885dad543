/** By the clock of the test, and against functions that stand for registries; lookup.test.ts has real requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  createCachedPull,
  type RegistryCalls,
  type RegistryEvent,
} from '../../../src/image-lookup/cache/cached-pull.ts';
import type { ImageQuery } from '../../../src/image-lookup/cache/memory.ts';
import type { Credential } from '../../../src/oci/credentials/credential.ts';
import type { RegistryProblem } from '../../../src/oci/problem.ts';
import { startDeadline } from '../../../src/util/deadline.ts';
import type { Result } from '../../../src/util/result.ts';
import { measureHeap } from '../../support/heap.ts';
import { amount } from '../../support/runs.ts';

const computeDigest = (letter: string) => `sha256:${letter.repeat(64)}`;
const linux = [{ os: 'linux' }];
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const alice: Credential = { kind: 'basic', username: 'alice', password: 'a' };
const bob: Credential = { kind: 'basic', username: 'bob', password: 'b' };

const settings = {
  maxEntries: 1000,
  maxBytes: 1024 * 1024,
  tagTtl: 5 * minute,
  digestTtl: 24 * hour,
  negativeTtl: 10 * second,
  backgroundMilliseconds: 10 * second,
  perRegistryConcurrency: 4,
};

/** The answer's fields and `ok`, side by side. */
const flatten = <T extends object, P>(answer: Result<T, P>) =>
  answer.ok ? { ok: true as const, ...answer.value } : answer;

type Options = { before?: (signal: AbortSignal) => Promise<void>; problem?: RegistryProblem };

/** One image; `state` is what its registry says of it, and `calls` what it was asked. */
function make(overrides: Partial<typeof settings> = {}) {
  const clock = { now: 0 };
  const state: Options & { digest: string; cmd: string } = { digest: computeDigest('a'), cmd: 'a' };
  const calls: string[] = [];
  const events: RegistryEvent[] = [];
  const answer = async <T>(call: string, signal: AbortSignal, value: () => T) => {
    calls.push(call);
    await state.before?.(signal);
    if (signal.aborted) return { ok: false as const, problem: { kind: 'timeout' as const, address: 'a' } };
    return state.problem ? { ok: false as const, problem: state.problem } : { ok: true as const, value: value() };
  };
  const registries: RegistryCalls = {
    pull: ({ tag, digest }, { credential, platforms, deadline }) => {
      const user = credential?.kind === 'basic' ? ` by ${credential.username}` : '';
      const { os, architecture } = platforms[0] ?? {};
      return answer(
        `pull ${digest ?? tag}${user}${architecture ? ` for ${os}/${architecture}` : ''}`,
        deadline.signal,
        () => ({
          digest: digest ?? state.digest,
          entrypoint: [],
          cmd: [state.cmd],
          platforms: ['linux/amd64'],
        }),
      );
    },
    // Where a digest points to, nobody needs to be asked.
    resolve: async ({ tag, digest }, { deadline }) =>
      digest ? { ok: true, value: digest } : answer(`resolve ${tag}`, deadline.signal, () => state.digest),
  };
  const open = createCachedPull(
    registries,
    { ...settings, ...overrides },
    () => clock.now,
    (event) => events.push(event),
  );
  const ask = async (
    question: Partial<ImageQuery> & { tag?: string; digest?: string; registry?: string } = {},
    milliseconds = 5000,
  ) => {
    const { tag = '1.0', digest, registry = 'r.example.com', ...rest } = question;
    const reference = { registry, repository: 'app', ...(digest ? { digest } : { tag }) };
    const asked = { namespace: 'shop', reference, credential: undefined, platforms: linux, always: false, ...rest };
    return flatten(await open(asked).ask(startDeadline(milliseconds)));
  };
  /** What was asked since this was called last. */
  const asked = () => calls.splice(0);
  return { clock, state, events, ask, asked };
}

const notFound: RegistryProblem = { kind: 'not-found', address: 'https://r.example.com/v2/app', status: 404 };

describe('an image by its tag', () => {
  it('is read once, and not asked for again while its tag is fresh', async () => {
    const { ask, asked, clock } = make();
    expect(await ask()).toMatchObject({ ok: true, outcome: 'pulled', digest: computeDigest('a'), cmd: ['a'] });
    clock.now = 5 * minute - 1;
    expect(await ask()).toMatchObject({ ok: true, outcome: 'cached', digest: computeDigest('a'), cmd: ['a'] });
    expect(asked()).toEqual(['pull 1.0']);
  });

  it('is asked for no more than where its tag points to, after that', async () => {
    const { ask, asked, clock } = make();
    await ask();
    clock.now = 5 * minute;
    expect(await ask()).toMatchObject({ outcome: 'current', digest: computeDigest('a'), cmd: ['a'] });
    clock.now = 10 * minute - 1;
    expect(await ask()).toMatchObject({ outcome: 'cached' });
    expect(asked()).toEqual(['pull 1.0', 'resolve 1.0']);
  });

  it('is read again where its tag has moved', async () => {
    const { ask, asked, clock, state } = make();
    await ask();
    Object.assign(state, { digest: computeDigest('b'), cmd: 'b' });
    expect(await ask()).toMatchObject({ outcome: 'cached', cmd: ['a'] });
    clock.now = 5 * minute;
    expect(await ask()).toMatchObject({ outcome: 'pulled', digest: computeDigest('b'), cmd: ['b'] });
    // And back: that one is still known.
    Object.assign(state, { digest: computeDigest('a'), cmd: 'a' });
    clock.now = 10 * minute;
    expect(await ask()).toMatchObject({ outcome: 'current', digest: computeDigest('a'), cmd: ['a'] });
    expect(asked()).toEqual(['pull 1.0', 'resolve 1.0', 'pull 1.0', 'resolve 1.0']);
  });

  it('is looked at each time for a pod that pulls always', async () => {
    const { ask, asked, state } = make();
    await ask({ always: true });
    expect(await ask({ always: true })).toMatchObject({ outcome: 'current' });
    Object.assign(state, { digest: computeDigest('b'), cmd: 'b' });
    expect(await ask({ always: true })).toMatchObject({ outcome: 'pulled', cmd: ['b'] });
    expect(asked()).toEqual(['pull 1.0', 'resolve 1.0', 'resolve 1.0', 'pull 1.0']);
    // The others profit from it.
    expect(await ask()).toMatchObject({ outcome: 'cached', cmd: ['b'] });
  });

  it('is never told as it was when its registry does not say what it is', async () => {
    const { ask, clock, state } = make();
    await ask();
    clock.now = 5 * minute;
    state.problem = { kind: 'unreachable', address: 'https://r.example.com', reason: 'down' };
    expect(await ask()).toEqual({ ok: false, problem: state.problem });
  });
});

describe('an image by its digest', () => {
  it('is not asked for again, even by a pod that pulls always, for a day', async () => {
    const { ask, asked, clock } = make();
    await ask({ digest: computeDigest('c') });
    clock.now = 24 * hour - 1;
    for (const always of [false, true])
      expect(await ask({ digest: computeDigest('c'), always })).toMatchObject({
        outcome: 'cached',
        digest: computeDigest('c'),
      });
    expect(asked()).toEqual([`pull ${computeDigest('c')}`]);
  });

  it('is read again after a day, as its credential may not read it any more', async () => {
    const { ask, asked, clock, state } = make();
    await ask({ digest: computeDigest('c') });
    state.problem = notFound;
    clock.now = 24 * hour;
    expect(await ask({ digest: computeDigest('c') })).toEqual({ ok: false, problem: notFound });
    expect(asked()).toEqual([`pull ${computeDigest('c')}`, `pull ${computeDigest('c')}`]);
  });
});

describe('what is known', () => {
  it.each<[string, Parameters<ReturnType<typeof make>['ask']>[0], string]>([
    ['registry', { registry: 'other.example.com' }, 'pull 1.0 by alice'],
    ['tag', { tag: '2.0' }, 'pull 2.0 by alice'],
    ['credential', { credential: bob }, 'pull 1.0 by bob'],
    ['client without one', { credential: undefined }, 'pull 1.0'],
    ['platform', { platforms: [{ os: 'linux', architecture: 'arm64' }] }, 'pull 1.0 by alice for linux/arm64'],
    ['name by digest', { digest: computeDigest('a') }, `pull ${computeDigest('a')} by alice`],
  ])('is nothing to another %s', async (_, question, call) => {
    const { ask, asked } = make();
    await ask({ credential: alice });
    asked();
    expect(await ask({ credential: alice, ...question })).toMatchObject({ outcome: 'pulled' });
    expect(asked()).toEqual([call]);
  });

  it('is the same for the same platforms in another order', async () => {
    const { ask, asked } = make();
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ];
    await ask({ platforms });
    await ask({ platforms: platforms.toReversed() });
    expect(asked()).toHaveLength(1);
  });

  it('of a tag is nothing to whom its credential was taken away', async () => {
    const { ask, state, clock } = make();
    await ask({ credential: alice });
    state.problem = { kind: 'unauthorized', credentialSent: true, address: 'a', status: 401 };
    clock.now = 5 * minute;
    expect(await ask({ credential: alice })).toEqual({ ok: false, problem: state.problem });
  });
});

describe('a failure', () => {
  it('is kept for a short time, for the same question only', async () => {
    const { ask, asked, clock, state } = make();
    state.problem = notFound;
    expect(await ask()).toEqual({ ok: false, problem: notFound });
    clock.now = 10 * second - 1;
    expect(await ask()).toEqual({ ok: false, problem: notFound });
    expect(await ask({ always: true })).toEqual({ ok: false, problem: notFound });
    expect(asked()).toEqual(['pull 1.0']);
    await ask({ tag: '2.0' });
    await ask({ credential: alice });
    expect(asked()).toEqual(['pull 2.0', 'pull 1.0 by alice']);
    delete state.problem;
    clock.now = 10 * second;
    expect(await ask()).toMatchObject({ ok: true });
  });

  it.each([
    [5, 10],
    [60, 60],
    [3600, 300],
  ])('with Retry-After %i is kept for %i seconds', async (retryAfter, seconds) => {
    const { ask, asked, clock, state } = make();
    state.problem = { kind: 'rate-limited', address: 'a', status: 429, retryAfter };
    await ask();
    clock.now = seconds * second - 1;
    await ask();
    expect(asked()).toHaveLength(1);
    clock.now = seconds * second;
    await ask();
    expect(asked()).toHaveLength(1);
  });

  it('takes nothing from what is known and fresh', async () => {
    const { ask, state } = make();
    await ask();
    state.problem = { kind: 'unavailable', address: 'a', status: 503 };
    expect(await ask({ always: true })).toMatchObject({ ok: false });
    expect(await ask()).toMatchObject({ outcome: 'cached' });
  });
});

/** Lookups that wait until the test releases one, in the order in which they began. */
function makeHeld(overrides: Partial<typeof settings> = {}) {
  const made = make(overrides);
  const releases: (() => void)[] = [];
  made.state.before = () => new Promise((resolve) => releases.push(resolve));
  /** Until the next lookups have begun. */
  const releaseOne = async () => {
    releases.shift()?.();
    await sleep(0);
  };
  const askMany = (namespace: string, count: number) => {
    const answered = { count: 0 };
    for (let i = 0; i < count; i++)
      void made.ask({ namespace, tag: `${namespace}-${i}` }, 60_000).then(() => answered.count++);
    return answered;
  };
  return { ...made, releaseOne, askMany };
}

describe('namespaces at a registry', () => {
  it('wait for no more than one turn of another, however many images that one has', async () => {
    const { releaseOne, askMany } = makeHeld({ perRegistryConcurrency: 8 });
    const greedy = askMany('greedy', 300);
    await sleep(0);
    const others = Array.from({ length: 20 }, (_, i) => askMany(`team-${i}`, 1));
    await sleep(0);
    // Each place that comes free is another's turn: after 20 others and as many as the places, all have been answered.
    for (let i = 0; i < 20 + 8; i++) await releaseOne();
    expect(others.map(({ count }) => count)).toEqual(Array(20).fill(1));
    expect(greedy.count).toBeLessThanOrEqual(8);
  });

  it('have half of its places each, so that one which is kept waiting by it leaves the others theirs', async () => {
    const { asked, askMany, ask, state } = makeHeld({ perRegistryConcurrency: 8 });
    askMany('greedy', 300);
    await sleep(0);
    expect(asked()).toHaveLength(4);
    delete state.before;
    for (let i = 0; i < 20; i++)
      expect(await ask({ namespace: 'shop', tag: `${i}` }, 60_000)).toMatchObject({ ok: true });
  });

  it('have 16 lookups each at a time, of 64 in all', async () => {
    const { asked, state, ask, clock } = makeHeld();
    const spread = (namespace: string) => {
      for (let i = 0; i < 40; i++) void ask({ namespace, registry: `${namespace}-${i}.example.com` }, 60_000);
    };
    spread('greedy');
    await sleep(0);
    expect(asked()).toHaveLength(16);
    for (let i = 0; i < 5; i++) spread(`team-${i}`);
    await sleep(0);
    expect(asked()).toHaveLength(48);
    delete state.before;
    clock.now = 6 * second;
    // Who holds many gives one away.
    expect(await ask({ namespace: 'late', registry: 'late.example.com' })).toMatchObject({ ok: true });
  });

  it('are told so where as many others have one each', async () => {
    const { state, ask, clock } = makeHeld();
    for (let i = 0; i < 64; i++) void ask({ namespace: `team-${i}`, registry: `${i}.example.com` }, 60_000);
    await sleep(0);
    delete state.before;
    clock.now = 6 * second;
    const problem = { kind: 'too-many-lookups', places: 64, share: 16 };
    expect(await ask({ namespace: 'late', registry: 'late.example.com' })).toEqual({ ok: false, problem });
  });

  it('are told so where theirs was given to another', async () => {
    const { state, ask, clock } = makeHeld();
    state.before = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const many = Array.from({ length: 16 * 4 }, (_, i) =>
      ask({ namespace: `team-${i % 4}`, registry: `${i}.example.com` }, 60_000),
    );
    await sleep(0);
    clock.now = 6 * second;
    delete state.before;
    expect(await ask({ namespace: 'late', registry: 'late.example.com' })).toMatchObject({ ok: true });
    expect(await Promise.race(many)).toMatchObject({ ok: false, problem: { kind: 'too-many-lookups' } });
  });

  it('that wait are told what another has learnt meanwhile', async () => {
    const { asked, releaseOne, ask } = makeHeld({ perRegistryConcurrency: 1 });
    const answers = ['a', 'b', 'c'].map((namespace) => ask({ namespace }, 60_000));
    await sleep(0);
    await releaseOne();
    expect((await Promise.all(answers)).map((answer) => answer.ok && answer.outcome)).toEqual([
      'pulled',
      'cached',
      'cached',
    ]);
    expect(asked()).toEqual(['pull 1.0']);
  });

  it('do not share that there was no answer in time, which may be of their own making', async () => {
    const { ask, asked, state } = make();
    state.problem = { kind: 'timeout', address: 'https://r.example.com' };
    await ask({ namespace: 'a' });
    delete state.problem;
    expect(await ask({ namespace: 'a' })).toMatchObject({ ok: false, problem: { kind: 'timeout' } });
    expect(await ask({ namespace: 'b' })).toMatchObject({ ok: true });
    expect(asked()).toEqual(['pull 1.0', 'pull 1.0']);
  });

  it('share what else went wrong', async () => {
    const { ask, asked, state } = make();
    state.problem = notFound;
    for (const namespace of ['a', 'b']) expect(await ask({ namespace })).toEqual({ ok: false, problem: notFound });
    expect(asked()).toHaveLength(1);
  });
});

describe('a registry that is slow', () => {
  it('is asked once for all who wait', async () => {
    const { ask, asked, state } = make();
    state.before = () => sleep(20);
    const all = await Promise.all(Array.from({ length: 1000 }, () => ask()));
    expect(all.every((one) => one.ok)).toBe(true);
    expect(asked()).toEqual(['pull 1.0']);
  });

  it('costs who waits no more than their time, and goes on for the others and the next', async () => {
    const { ask, asked, state, events } = make();
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    state.before = () => hold;
    const patient = ask({}, 20_000);
    expect(await ask({}, 20)).toEqual({ ok: false, problem: { kind: 'timeout', address: 'r.example.com' } });
    release();
    expect(await patient).toMatchObject({ ok: true, outcome: 'pulled' });
    expect(asked()).toEqual(['pull 1.0']);
    expect(events).toEqual([{ registry: 'r.example.com', outcome: 'pulled', milliseconds: 0 }]);
  });

  it('fills the cache even if no pod waits any more, and running out of time is not a failure', async () => {
    const { ask, asked, state, events } = make();
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    state.before = () => hold;
    expect(await ask({}, 10)).toMatchObject({ ok: false, problem: { kind: 'timeout' } });
    expect(await ask({}, 5)).toMatchObject({ ok: false, problem: { kind: 'timeout' } });
    release();
    await vi.waitFor(() => expect(events).toHaveLength(1), 25_000);
    expect(await ask()).toMatchObject({ outcome: 'cached' });
    expect(asked()).toEqual(['pull 1.0']);
  });

  it('has an end, which is a failure', async () => {
    const calls: AbortSignal[] = [];
    const registries: RegistryCalls = {
      pull: async (_, { deadline }) => {
        calls.push(deadline.signal);
        await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
        return { ok: false, problem: { kind: 'timeout', address: 'https://r.example.com' } };
      },
      resolve: async () => ({ ok: true, value: computeDigest('a') }),
    };
    const open = createCachedPull(
      registries,
      { ...settings, backgroundMilliseconds: 50 },
      () => 0,
      () => {},
    );
    const reference = { registry: 'r.example.com', repository: 'app', tag: '1.0' };
    const question = { namespace: 'shop', reference, credential: undefined, platforms: linux, always: false };
    expect(await open(question).ask(startDeadline(10))).toMatchObject({ problem: { address: 'r.example.com' } });
    await sleep(70);
    expect(calls.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await open(question).ask(startDeadline(10))).toMatchObject({
      problem: { address: 'https://r.example.com' },
    });
    expect(calls).toHaveLength(1);
  });

  it('is given as long as a pod can wait, at the least', async () => {
    const registries: RegistryCalls = {
      pull: async (_, { deadline }) => {
        await sleep(40);
        expect(deadline.signal.aborted).toBe(false);
        return { ok: true, value: { digest: computeDigest('a'), entrypoint: [], cmd: [], platforms: [] } };
      },
      resolve: async () => ({ ok: true, value: computeDigest('a') }),
    };
    const brief = { ...settings, backgroundMilliseconds: 1 };
    const open = createCachedPull(
      registries,
      brief,
      () => 0,
      () => {},
    );
    const reference = { registry: 'r.example.com', repository: 'app', tag: '1.0' };
    const { ask } = open({ namespace: 'shop', reference, credential: undefined, platforms: linux, always: false });
    expect(await ask(startDeadline(1000))).toMatchObject({ ok: true });
  });

  it('is asked for each platform, and what goes wrong for one is nothing to the others', async () => {
    const { ask, asked, state } = make();
    state.before = () => sleep(10);
    const platforms = ['amd64', 'arm64'].map((architecture) => [{ os: 'linux', architecture }]);
    await Promise.all(platforms.map((each) => ask({ platforms: each })));
    expect(asked()).toEqual(['pull 1.0 for linux/amd64', 'pull 1.0 for linux/arm64']);
    state.problem = notFound;
    for (const each of platforms) await ask({ tag: '2.0', platforms: each });
    expect(asked()).toEqual(['pull 2.0 for linux/amd64', 'pull 2.0 for linux/arm64']);
  });

  it('is asked for so many images of a namespace at a time, and the others wait, or are told that it is busy', async () => {
    const { ask, asked, state, clock } = make({ perRegistryConcurrency: 8 });
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    state.before = () => hold;
    const first = Array.from({ length: 5 }, (_, i) => ask({ tag: `${i}` }));
    await sleep(5);
    expect(asked()).toEqual(['pull 0', 'pull 1', 'pull 2', 'pull 3']);
    clock.now = 6 * second;
    const busy = { ok: false, problem: { kind: 'busy', registry: 'r.example.com' } };
    expect(await ask({ tag: 'late' })).toEqual(busy);
    expect(await ask({ tag: 'elsewhere', registry: 'other.example.com' }, 20)).toMatchObject({
      problem: { kind: 'timeout' },
    });
    expect(asked()).toEqual(['pull elsewhere']);
    release();
    expect((await Promise.all(first)).every(({ ok }) => ok)).toBe(true);
    // To be busy is no failure.
    expect(await ask({ tag: 'late' })).toMatchObject({ ok: true });
  });

  it('takes no place of others when it throws, which is a bug', async () => {
    const { ask, state } = make({ perRegistryConcurrency: 1 });
    state.before = () => Promise.reject(new Error('bug'));
    await expect(ask()).rejects.toThrow('bug');
    delete state.before;
    expect(await ask()).toMatchObject({ ok: true });
  });
});

it('many images take no more memory than the bound', { timeout: 60_000 }, async () => {
  const count = amount(100_000);
  const maxBytes = amount(8 * 1024 * 1024);
  const registries: RegistryCalls = {
    pull: async ({ tag }) =>
      Number(tag) % 10 === 0
        ? { ok: false, problem: notFound }
        : {
            ok: true,
            value: {
              digest: computeDigest('a'),
              entrypoint: ['--option=value'.repeat(20)],
              cmd: [`${tag}`],
              platforms: [],
            },
          },
    resolve: async () => ({ ok: true, value: computeDigest('a') }),
  };
  const open = createCachedPull(
    registries,
    { ...settings, maxEntries: count, maxBytes },
    () => 0,
    () => {},
  );
  const deadline = { signal: new AbortController().signal, remaining: () => 5000 };
  const ask = async (i: number) => {
    const reference = { registry: `${i % 100}.example.com`, repository: 'app', tag: `${i}` };
    const { ask } = open({
      namespace: 'shop',
      reference,
      credential: i % 2 ? alice : undefined,
      platforms: linux,
      always: false,
    });
    return flatten(await ask(deadline));
  };
  await ask(1);
  const before = await measureHeap();
  for (let i = 0; i < count; i++) await ask(i);
  expect((await measureHeap()) - before).toBeLessThan(maxBytes + 10 * 1024 * 1024);
  expect(await ask(count - 1)).toMatchObject({ outcome: 'cached' });
  expect(await ask(1)).toMatchObject({ outcome: 'pulled' });
});
