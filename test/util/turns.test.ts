import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeTurns } from '../../src/util/turns.ts';

const patient = new AbortController().signal;

describe('turns', () => {
  it('are so many at a time, in their order', async () => {
    const enter = makeTurns(2, 2);
    const order: number[] = [];
    let [underway, most] = [0, 0];
    const all = Array.from({ length: 20 }, async (_, i) => {
      const leave = await enter('a', patient);
      order.push(i);
      most = Math.max(most, ++underway);
      await sleep(1);
      underway--;
      leave();
    });
    await Promise.all(all);
    expect([order, most]).toEqual([Array.from({ length: 20 }, (_, i) => i), 2]);
  });

  it('of those who wait no longer are taken by the next', async () => {
    const enter = makeTurns(1, 1);
    const leave = await enter('a', patient);
    const gone = new AbortController();
    const [late, next] = [enter('a', gone.signal), enter('a', patient)];
    gone.abort(new Error('late'));
    await expect(late).rejects.toThrow('late');
    leave();
    (await next)();
    (await enter('a', patient))();
  });

  it('are not taken by who came too late', async () => {
    const enter = makeTurns(1, 1);
    await expect(enter('a', AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    (await enter('a', patient))();
  });

  it('of one party are no more than its share', async () => {
    const enter = makeTurns(3, 2);
    const entered: string[] = [];
    const all = ['a', 'a', 'a', 'b', 'c'].map(async (party) => {
      const leave = await enter(party, patient);
      entered.push(party);
      return leave;
    });
    await sleep(1);
    expect(entered).toEqual(['a', 'a', 'b']);
    (await all[3])?.();
    await sleep(1);
    expect(entered).toEqual(['a', 'a', 'b', 'c']);
    (await all[0])?.();
    await Promise.all(all);
    expect(entered.at(-1)).toBe('a');
  });
});
