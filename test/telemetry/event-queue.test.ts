import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bounds, createEventQueue, type Written } from '../../src/telemetry/event-queue.ts';

/** A queue whose clock moves only when it sleeps, or when a test moves it. */
function open(answer: (key: string) => Written = () => 'written') {
  let time = 0;
  let isHeld = false;
  const keys: string[] = [];
  const at: number[] = [];
  const results: string[] = [];
  const queue = createEventQueue({
    write: async (_, key) => {
      keys.push(key);
      at.push(time);
      return answer(key);
    },
    onResult: (result) => void results.push(result),
    now: () => time,
    sleep: async (milliseconds) => {
      time += milliseconds;
      while (isHeld) await setImmediate();
    },
  });
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'a', uid: 'a' };
  const offer = (key: string, namespace = 'team') =>
    queue.offer({
      key,
      namespace,
      make: () => ({ namespace, owner, type: 'Normal', reason: 'ClockoutWrapped', message: key }),
    });
  /** Until nothing waits any more. */
  const settle = async () => {
    for (let before = -1; before !== results.length || isHeld; ) {
      before = results.length;
      for (let i = 0; i < 10; i++) await setImmediate();
    }
  };
  const hold = (held: boolean) => {
    isHeld = held;
  };
  return {
    offer,
    settle,
    hold,
    keys,
    at,
    results,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    stop: queue.stop,
  };
}

describe('createEventQueue', () => {
  it('writes each Event once an hour at most', async () => {
    const { offer, settle, keys, pass } = open();
    for (const key of ['a', 'b', 'a']) offer(key);
    await settle();
    offer('a');
    await settle();
    expect(keys).toEqual(['a', 'b']);
    pass(60 * 60_000);
    offer('a');
    await settle();
    expect(keys).toEqual(['a', 'b', 'a']);
  });

  it('writes nothing while it is offered: the answer comes first', async () => {
    const { offer, settle, keys } = open();
    offer('a');
    expect(keys).toEqual([]);
    await settle();
    expect(keys).toEqual(['a']);
  });

  it('drops what one namespace, or all together, have too many of, and takes it when it comes again', async () => {
    const { offer, settle, hold, results, keys } = open();
    hold(true);
    for (let i = 0; i <= bounds.eventsOfNamespace; i++) offer(`one ${i}`, 'one');
    expect(results).toEqual(['dropped']);
    for (let i = 0; i < bounds.events; i++) offer(`many ${i}`, `many-${i}`);
    expect(results.filter((each) => each === 'dropped')).toHaveLength(1 + bounds.eventsOfNamespace);
    hold(false);
    await settle();
    expect(keys).toHaveLength(bounds.events);
    offer(`one ${bounds.eventsOfNamespace}`, 'one');
    await settle();
    expect(keys).toHaveLength(bounds.events + 1);
  });

  it('lets namespaces take turns', async () => {
    const { offer, settle, keys } = open();
    for (let i = 0; i < 3; i++) offer(`one ${i}`, 'one');
    offer('two 0', 'two');
    await settle();
    expect(keys).toEqual(['one 0', 'two 0', 'one 1', 'one 2']);
  });

  it('writes a burst, and then some a second', async () => {
    const { offer, settle, at } = open();
    const count = bounds.burst + 2 * bounds.perSecond;
    for (let i = 0; i < count; i++) offer(`${i}`, `n-${i}`);
    await settle();
    expect(at).toHaveLength(count);
    expect(at[bounds.burst - 1]).toBeLessThan(100);
    expect(at.at(-1)).toBeGreaterThan(1900);
    expect(at.at(-1)).toBeLessThan(2100);
  });

  it('stops for a while without the right, and forgets what was not written', async () => {
    let answer: Written = 'refused';
    const { offer, settle, keys, results, pass } = open(() => answer);
    for (const key of ['a', 'b']) offer(key);
    await settle();
    offer('c');
    expect([keys, results]).toEqual([['a'], ['refused', 'dropped', 'dropped']]);
    answer = 'written';
    pass(5 * 60_000);
    for (const key of ['a', 'b']) offer(key);
    await settle();
    expect(keys).toEqual(['a', 'a', 'b']);
  });

  it('writes again what failed, and not what is there by another replica', async () => {
    const { offer, settle, keys } = open((key) => (key === 'a' ? 'failed' : 'known'));
    for (const key of ['a', 'b']) offer(key);
    await settle();
    for (const key of ['a', 'b']) offer(key);
    await settle();
    expect(keys).toEqual(['a', 'b', 'a']);
  });

  it('writes nothing more once it is stopped', async () => {
    const { offer, settle, keys, stop } = open();
    offer('a');
    stop();
    offer('b');
    await settle();
    expect(keys).toEqual([]);
  });
});
