import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWarmUp, type Template, type TemplateEvents } from '../../src/image-lookup/warm-up.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { pass, passUntil, stopClock, takes } from '../support/clock.ts';

const stops: (() => void)[] = [];
beforeEach(() => void stopClock());
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.useRealTimers();
});

type Options = {
  everyMilliseconds?: number;
  againMilliseconds?: number;
  /** False: it is not found. */
  work?: (template: Template) => Promise<unknown>;
};

function start({ everyMilliseconds = 3_600_000, againMilliseconds = 10_000, work = async () => {} }: Options = {}) {
  const seen = {
    looks: [] as string[],
    times: [] as number[],
    told: [] as string[],
    underway: 0,
    most: 0,
    isFollowing: true,
  };
  let events: TemplateEvents | undefined;
  const stop = startWarmUp({
    follow: (given) => {
      events = given;
      return () => {
        seen.isFollowing = false;
      };
    },
    look: async (template) => {
      seen.looks.push(template.uid);
      seen.times.push(performance.now());
      seen.most = Math.max(seen.most, ++seen.underway);
      try {
        return (await work(template)) !== false;
      } finally {
        seen.underway--;
      }
    },
    onError: (problem) => seen.told.push(problem),
    everyMilliseconds,
    againMilliseconds,
  });
  stops.push(stop);
  const put = (
    uid: string,
    image = `${uid}:1.0`,
    { namespace = 'shop', ...spec }: object & { namespace?: string } = {},
  ) => events?.onTemplate({ uid, namespace, pod: podOf(image, spec) });
  return { seen, put, gone: (uid: string) => events?.onGone(uid), stop };
}

const podOf = (image: string, spec: object): Pod => ({ spec: { containers: [{ name: 'app', image }], ...spec } });
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

describe('a template', () => {
  it('is looked up at once, and only once in its time', async () => {
    const { seen, put } = start();
    put('a');
    expect(seen.looks).toEqual(['a']);
    put('a');
    await pass(50);
    expect(seen.looks).toEqual(['a']);
  });

  it('is looked up again when it has changed', async () => {
    const { seen, put } = start();
    put('a');
    put('a', 'a:2.0');
    await pass(0);
    expect(seen.looks).toEqual(['a', 'a']);
  });

  it.each<[string, object, number]>([
    ['the same', {}, 1],
    ['another service account', { serviceAccountName: 'other' }, 2],
    ['another namespace', { namespace: 'other' }, 2],
    ['other nodes', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }, 2],
  ])('of an image with %s is looked up with the first: %j', async (_, spec, expected) => {
    const { seen, put } = start();
    put('a', 'app:1.0');
    put('b', 'app:1.0', spec);
    await pass(20);
    expect(seen.looks).toHaveLength(expected);
  });

  it('that is gone is not looked up, but another like it is', async () => {
    const { seen, put, gone } = start({ everyMilliseconds: 300, work: () => takes(20) });
    for (const uid of ['a', 'b', 'c', 'd', 'e']) put(uid);
    put('first', 'app:1.0');
    put('second', 'app:1.0');
    gone('e');
    gone('first');
    await passUntil(() => seen.looks.includes('first'));
    expect(seen.looks).not.toContain('e');
    gone('second');
    for (const uid of ['a', 'b', 'c', 'd']) gone(uid);
    await pass(50);
    const before = seen.looks.length;
    await pass(700);
    expect(seen.looks).toHaveLength(before);
  });
});

describe('lookups', () => {
  it('are 4 at a time, new templates first, and miss none', async () => {
    const { seen, put } = start({ work: () => takes(5) });
    for (const uid of names(100)) put(uid);
    await passUntil(() => seen.underway === 0);
    expect([seen.most, seen.looks]).toEqual([4, names(100)]);
  });

  it('of one namespace that hang let others have the next turns, until they have as many', async () => {
    const releases: (() => void)[] = [];
    const { seen, put, stop } = start({ work: () => new Promise<void>((resolve) => releases.push(resolve)) });
    for (const uid of names(100)) put(`greedy-${uid}`, `${uid}:1.0`, { namespace: 'greedy' });
    for (const uid of names(4)) put(uid);
    for (let i = 0; i < 4; i++) {
      releases.shift()?.();
      await pass(1);
    }
    expect(seen.looks.slice(4)).toEqual(['0', '1', 'greedy-4', 'greedy-5']);
    stop();
    for (const release of releases) release();
  });

  it('are not done for a template whose pods have too many images to be looked up', async () => {
    const { seen, put } = start();
    const specOf = (count: number): object => ({
      containers: names(count).map((name) => ({ name, image: `${name}:1.0` })),
    });
    put('too many', 'a', specOf(17));
    put('enough', 'a', specOf(16));
    expect(seen.looks).toEqual(['enough']);
  });

  it('are done again in their time, spread over it', async () => {
    const everyMilliseconds = 1000;
    const { seen, put } = start({ everyMilliseconds });
    for (const uid of names(20)) put(uid);
    await passUntil(() => seen.looks.length >= 20);
    const began = performance.now();
    const before = seen.looks.length;
    const counts: number[] = [];
    while (performance.now() - began < 3 * everyMilliseconds) {
      await pass(everyMilliseconds / 4);
      counts.push(seen.looks.length);
    }
    const seconds = (performance.now() - began) / everyMilliseconds;
    const again = seen.looks.length - before;
    expect(again).toBeLessThanOrEqual(20 * (seconds + 0.2) + 1);
    expect(again).toBeGreaterThan(20 * seconds * 0.3);
    const perUid = names(20).map((uid) => seen.looks.filter((look) => look === uid).length);
    expect(Math.max(...perUid) - Math.min(...perUid)).toBeLessThanOrEqual(1);
    expect(Math.max(...counts.map((count, i) => count - (counts[i - 1] ?? before)))).toBeLessThan(20);
  });

  it('that take long hold up the others, and do not pile up', async () => {
    const { seen, put } = start({ everyMilliseconds: 100, work: () => takes(300) });
    for (const uid of names(8)) put(uid);
    await pass(1500);
    expect(seen.most).toBe(4);
    expect(seen.looks.slice(0, 8)).toEqual(names(8));
  });

  it('end with the warm-up', async () => {
    const { seen, put, stop } = start({ everyMilliseconds: 50, work: () => takes(20) });
    for (const uid of names(20)) put(uid);
    stop();
    await pass(200);
    expect([seen.looks.length, seen.isFollowing]).toEqual([4, false]);
  });
});

describe('a lookup that fails', () => {
  it('is done again soon, then later and later, until it is found', async () => {
    let isUp = false;
    const { seen, put } = start({ againMilliseconds: 50, work: async () => isUp });
    put('a');
    await passUntil(() => seen.looks.length === 4);
    const waits = seen.times.slice(1).map((time, i) => time - (seen.times[i] ?? 0));
    for (const [i, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(50 * 2 ** i - 1);
    isUp = true;
    await passUntil(() => seen.looks.length === 5);
    await pass(500);
    expect(seen.looks).toHaveLength(5);
  });

  it('does not come before the others that are due, nor after its template is gone', async () => {
    const { seen, put, gone } = start({ againMilliseconds: 20, work: async ({ uid }) => !uid.startsWith('bad') });
    for (const uid of names(10)) put(`bad-${uid}`);
    for (const uid of names(10)) gone(`bad-${uid}`);
    await pass(200);
    expect(seen.looks.length).toBeLessThanOrEqual(10);
    put('good');
    await passUntil(() => seen.looks.at(-1) === 'good');
  });

  it('by throwing is told, and stops nothing', async () => {
    const { seen, put } = start({
      everyMilliseconds: 300,
      work: async ({ uid }) => {
        if (uid.startsWith('bad')) throw new Error('bug');
      },
    });
    for (const uid of names(5)) put(`bad-${uid}`);
    put('good');
    await passUntil(() => seen.looks.includes('good'));
    expect(seen.told).toEqual(names(5).map(() => 'a lookup ahead of its pods failed: bug'));
    await passUntil(() => seen.looks.filter((uid) => uid === 'good').length === 2);
  });
});
