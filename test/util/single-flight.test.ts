import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSingleFlight } from '../../src/util/single-flight.ts';

function counting(work: (count: number) => Promise<number> = async (count) => count) {
  const fly = createSingleFlight<number>();
  let begun = 0;
  return { begun: () => begun, ask: (key: string) => fly(key, () => work(++begun)) };
}

describe('a flight', () => {
  it('is one for all who ask for the same before it lands', async () => {
    const { ask, begun } = counting(async (count) => sleep(20, count));
    expect(new Set(await Promise.all(Array.from({ length: 1000 }, () => ask('a'))))).toEqual(new Set([1]));
    expect(begun()).toBe(1);
  });

  it('is another for another key, and after it has landed', async () => {
    const { ask } = counting(async (count) => sleep(5, count));
    expect(await Promise.all([ask('a'), ask('b')])).toEqual([1, 2]);
    expect(await ask('a')).toBe(3);
  });

  it('that fails, fails for all, and is not kept', async () => {
    const { ask } = counting(async (count) => {
      await sleep(5);
      if (count === 1) throw new Error('bug');
      return count;
    });
    const both = await Promise.allSettled([ask('a'), ask('a')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await ask('a')).toBe(2);
  });
});
