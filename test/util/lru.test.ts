import { describe, expect, it } from 'vitest';
import { createCache } from '../../src/util/lru.ts';
import { measureHeap } from '../support/heap.ts';

const now = () => 0;

const keys = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

describe('a cache', () => {
  it('gives what was kept, and nothing else', () => {
    const cache = createCache<{ a: string[] }>({ maxEntries: 10, maxBytes: 10_000 }, now);
    cache.set('a', { a: ['x'] });
    expect(cache.get('a')?.value).toEqual({ a: ['x'] });
    expect(cache.get('b')).toBeUndefined();
    cache.set('a', { a: [] });
    expect(cache.get('a')?.value).toEqual({ a: [] });
  });

  it('gives each its own copy', () => {
    const cache = createCache<string[]>({ maxEntries: 10, maxBytes: 10_000 }, now);
    const value = ['x'];
    cache.set('a', value);
    value.push('y');
    cache.get('a')?.value.push('z');
    expect(cache.get('a')?.value).toEqual(['x']);
  });

  it('keeps a value that is no longer fresh, and says so', () => {
    const clock = { now: 0 };
    const cache = createCache<string>({ maxEntries: 10, maxBytes: 10_000 }, () => clock.now);
    cache.set('a', 'x', 100);
    cache.set('b', 'y');
    clock.now = 99;
    expect(cache.get('a')).toEqual({ value: 'x', isFresh: true });
    clock.now = 100;
    expect(cache.get('a')).toEqual({ value: 'x', isFresh: false });
    expect(cache.get('b')).toEqual({ value: 'y', isFresh: true });
  });

  it('has so many entries, those used last', () => {
    const cache = createCache<number>({ maxEntries: 3, maxBytes: 10_000 }, now);
    for (const key of ['a', 'b', 'c']) cache.set(key, 1);
    cache.get('a');
    cache.set('d', 1);
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key))).toEqual(['a', 'c', 'd']);
  });

  it.each([
    ['of one byte a character', 'x'.repeat(1000), 16],
    ['of two', '…'.repeat(1000), 9],
  ])('has so many bytes of texts %s', (_, text, most) => {
    const cache = createCache<string>({ maxEntries: 1000, maxBytes: 20_000 }, now);
    for (const key of keys(100)) cache.set(key, text);
    const kept = keys(100).filter((key) => cache.get(key)?.value === text);
    expect(kept).toEqual(keys(100).slice(-kept.length));
    expect(kept.length).toBeLessThanOrEqual(most);
    expect(kept.length).toBeGreaterThan(most / 2);
  });

  it('keeps nothing that is larger than itself, and loses nothing by it', () => {
    const cache = createCache<string>({ maxEntries: 10, maxBytes: 1000 }, now);
    cache.set('a', 'x');
    cache.set('b', 'x'.repeat(1000));
    expect([cache.get('a')?.value, cache.get('b')]).toEqual(['x', undefined]);
  });

  it.each([
    ['small values', 200_000, (i: number) => ({ entrypoint: [`/app-${i}`], cmd: [] })],
    ['large values', 2000, (i: number) => ({ entrypoint: [`${i}`.repeat(5000)], cmd: [] })],
    // A few characters cut from a text keep all of it in memory; so do two texts put together.
    [
      'values cut from an answer',
      5000,
      (i: number) => ({ entrypoint: [`${i}${'x'.repeat(60_000)}`.slice(0, 20)], cmd: [] }),
    ],
    ['keys cut from a name', 5000, (i: number) => ({ key: `${i} ${'y'.repeat(60_000)}`.slice(0, 20) })],
  ])('takes no more memory than its bound, with %s', async (_, count, make) => {
    const maxBytes = 8 * 1024 * 1024;
    const before = await measureHeap();
    const cache = createCache<object>({ maxEntries: 100_000, maxBytes }, now);
    for (let i = 0; i < count; i++) {
      const value = make(i);
      cache.set('key' in value ? value.key : `${i}`, value);
    }
    // The lists that it makes for its entries in advance come on top.
    expect((await measureHeap()) - before).toBeLessThan(maxBytes + 6 * 1024 * 1024);
    expect(cache.get('never')).toBeUndefined();
  });
});
