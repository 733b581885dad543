import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeTurns } from '../../../src/registry/client/turns.ts';

const patient = new AbortController().signal;

describe('turns', () => {
  it('are so many at a time, in their order', async () => {
    const enter = makeTurns(2);
    const order: number[] = [];
    let [underway, most] = [0, 0];
    const all = Array.from({ length: 20 }, async (_, i) => {
      const leave = await enter(patient);
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
    const enter = makeTurns(1);
    const leave = await enter(patient);
    const gone = new AbortController();
    const [late, next] = [enter(gone.signal), enter(patient)];
    gone.abort(new Error('late'));
    await expect(late).rejects.toThrow('late');
    leave();
    (await next)();
    (await enter(patient))();
  });

  it('are not taken by who came too late', async () => {
    const enter = makeTurns(1);
    await expect(enter(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    (await enter(patient))();
  });
});
