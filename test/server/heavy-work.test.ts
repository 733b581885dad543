import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { takeTurns } from '../../src/server/heavy-work.ts';

describe('heavy work', () => {
  it('goes one at a time, in order, and leaves turns of the event loop to others', async () => {
    const turn = takeTurns();
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
    const turn = takeTurns(() => clock);
    await turn();
    clock += 40;
    const started = performance.now();
    await turn();
    // Node's timers may be early by less than one millisecond.
    expect(performance.now() - started).toBeGreaterThan(38);
  });
});
