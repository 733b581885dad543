import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createHeavyTurns, createOrdinaryTurns } from '../../../src/server/body/heavy-work.ts';
import { answersPerTurn } from '../../../src/server/limits.ts';

describe('heavy work', () => {
  it('goes one at a time, in order, and leaves turns of the event loop to others', async () => {
    const turn = createHeavyTurns();
    const events: string[] = [];
    const work = async (name: string) => {
      await turn();
      events.push(name);
    };
    let isOver = false;
    const others = (async () => {
      for (; !isOver; await nextTurn()) if (events.at(-1) !== 'other') events.push('other');
    })();
    await Promise.all([work('a'), work('b'), work('c')]);
    isOver = true;
    await others;
    expect(events.filter((event) => event !== 'other')).toEqual(['a', 'b', 'c']);
    for (const name of ['b', 'c']) expect(events[events.indexOf(name) - 1]).toBe('other');
  });

  it('leaves as much time as it took', async () => {
    let clock = 0;
    const turn = createHeavyTurns(() => clock);
    await turn();
    clock += 40;
    const started = performance.now();
    await turn();
    // Node's timers may be early by less than one millisecond.
    expect(performance.now() - started).toBeGreaterThan(38);
  });
});

describe('ordinary reviews', () => {
  /** Capitals are newcomers. @returns in which order they had their turns, and how many of them at once */
  async function order(callers: string[]) {
    const turn = createOrdinaryTurns();
    const events: string[] = [];
    const all = callers.map(async (name) => {
      await turn({ address: name.toLowerCase(), isKnown: name === name.toLowerCase() });
      events.push(name);
    });
    await Promise.resolve();
    const atOnce = events.length;
    await Promise.all(all);
    return { atOnce, events: events.join('') };
  }

  it.each([
    { first: 8, more: '', later: '' },
    { first: 11, more: '', later: 'aaa' },
    { first: 11, more: 'b', later: 'abaa' },
    { first: 11, more: 'Abb', later: 'aAbaba' },
  ])('of %o', async ({ first, more, later }) => {
    const { atOnce, events } = await order([...'a'.repeat(first), ...more]);
    expect([atOnce, events]).toEqual([8, `aaaaaaaa${later}`]);
  });

  it('wait for nothing while few come', async () => {
    const turn = createOrdinaryTurns();
    const caller = { address: 'a', isKnown: true };
    for (let i = 0; i < 5 * answersPerTurn; i++) {
      expect(turn(caller)).toBeUndefined();
      await nextTurn();
    }
  });
});
