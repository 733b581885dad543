import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLimiter } from '../../src/util/limiter.ts';
import { pass, stopClock } from '../support/clock.ts';

const host = 'registry.example.com';
const patient = new AbortController().signal;

/** A limiter whose clock the test moves, with one party; only the ends of waits go by the real one. */
function make(places: number) {
  const clock = { now: 0 };
  const enter = createLimiter({ places, share: places }, () => clock.now);
  return { clock, enter: (lane: string, milliseconds: number) => enter({ lane, party: 'a', milliseconds }) };
}

type Enter = ReturnType<typeof make>['enter'];

async function fill(enter: Enter, places: number, registry = host) {
  const leaves = [];
  for (let i = 0; i < places; i++) {
    const leave = await enter(registry, 1000);
    if (!leave) throw new Error('expected a free place');
    leaves.push(leave);
  }
  return leaves;
}

/** What became of an attempt to enter, so far. */
function follow(entering: Promise<(() => void) | undefined>) {
  const followed = { state: 'waiting', leave: () => {} };
  void entering.then((leave) => {
    followed.state = leave ? 'in' : 'refused';
    followed.leave = leave ?? followed.leave;
  });
  return followed;
}

describe('a limiter', () => {
  it('lets so many in, and others when those have left, in their order', async () => {
    const { enter } = make(2);
    const [first, second] = await fill(enter, 2);
    const [third, fourth] = [follow(enter(host, 1000)), follow(enter(host, 1000))];
    await sleep(5);
    expect([third.state, fourth.state]).toEqual(['waiting', 'waiting']);
    second?.();
    await sleep(1);
    expect([third.state, fourth.state]).toEqual(['in', 'waiting']);
    third.leave();
    await sleep(1);
    expect(fourth.state).toBe('in');
    first?.();
    fourth.leave();
    await fill(enter, 2);
  });

  it('counts for each registry', async () => {
    const { enter } = make(1);
    await fill(enter, 1);
    expect(await enter('other.example.com', 0)).toBeDefined();
  });

  it('never lets more in, in whatever order they come and go', async () => {
    const { enter } = make(3);
    let inside = 0;
    let most = 0;
    const visit = async (i: number) => {
      const leave = await enter(host, 60_000);
      most = Math.max(most, ++inside);
      await sleep(i % 4);
      inside--;
      leave?.();
      return leave !== undefined;
    };
    const visits = await Promise.all(Array.from({ length: 100 }, (_, i) => visit(i)));
    expect(visits.every(Boolean)).toBe(true);
    expect(most).toBe(3);
  });

  it('lets none wait for longer than it can', async () => {
    const { enter } = make(1);
    const [leave] = await fill(enter, 1);
    const start = performance.now();
    expect(await enter(host, 30)).toBeUndefined();
    expect(performance.now() - start).toBeGreaterThan(25);
    // Who has given up takes nobody's place.
    const next = follow(enter(host, 1000));
    leave?.();
    await sleep(1);
    expect(next.state).toBe('in');
  });

  it('refuses at once if there was no turn for as long as it could wait', async () => {
    const { enter, clock } = make(1);
    const [leave] = await fill(enter, 1);
    clock.now = 2000;
    const [patient, hasty] = [follow(enter(host, 2500)), follow(enter(host, 1999))];
    await sleep(1);
    expect([patient.state, hasty.state]).toEqual(['waiting', 'refused']);
    leave?.();
    await sleep(1);
    expect(patient.state).toBe('in');
  });

  it('counts from the last turn that anybody had', async () => {
    const { enter, clock } = make(2);
    const [leave] = await fill(enter, 1);
    clock.now = 5000;
    await fill(enter, 1);
    clock.now = 5099;
    const [next, hasty] = [follow(enter(host, 60_000)), follow(enter(host, 98))];
    await sleep(1);
    expect([next.state, hasty.state]).toEqual(['waiting', 'refused']);
    clock.now = 9000;
    leave?.();
    clock.now = 9099;
    // 4 s between two turns, of which half counts, as there are two places.
    const [last, hastier] = [follow(enter(host, 2001)), follow(enter(host, 1999))];
    await sleep(1);
    expect([next.state, last.state, hastier.state]).toEqual(['in', 'waiting', 'refused']);
  });

  it('refuses at once where the queue is too long for its pace', async () => {
    const { enter, clock } = make(1);
    const [leave] = await fill(enter, 1);
    const queue = Array.from({ length: 10 }, () => follow(enter(host, 10_000)));
    // 400 ms for each turn, and nine still before one who comes last.
    clock.now += 400;
    leave?.();
    await sleep(1);
    const [patient, hasty] = [follow(enter(host, 4500)), follow(enter(host, 3900))];
    await sleep(1);
    expect([patient.state, hasty.state]).toEqual(['waiting', 'refused']);
    expect(queue.map(({ state }) => state)).toEqual(['in', ...Array(9).fill('waiting')]);
    for (const one of [...queue, patient]) {
      one.leave();
      await sleep(1);
    }
    expect(patient.state).toBe('in');
  });

  it('forgets a slow time when it is over', async () => {
    const { enter, clock } = make(2);
    const [first, second] = await fill(enter, 2);
    const waiting = follow(enter(host, 60_000));
    clock.now = 50_000;
    first?.();
    await sleep(1);
    waiting.leave();
    // One is still inside, and then all places are taken again.
    await fill(enter, 1);
    const next = follow(enter(host, 100));
    await sleep(1);
    expect(next.state).toBe('waiting');
    second?.();
  });
});

describe('a limiter with shares', () => {
  it('keeps the places of others from a party that has its share', async () => {
    const enter = createLimiter({ places: 4, share: 2 }, () => 0);
    const greedy = Array.from({ length: 300 }, () => follow(enter({ lane: host, party: 'a', milliseconds: 60_000 })));
    const [first, second] = [
      follow(enter({ lane: host, party: 'b', milliseconds: 60_000 })),
      follow(enter({ lane: host, party: 'c', milliseconds: 60_000 })),
    ];
    await sleep(1);
    expect(greedy.filter(({ state }) => state === 'in')).toHaveLength(2);
    expect([first.state, second.state]).toEqual(['in', 'in']);
  });

  it('refuses nobody because of how long the queue of another is', async () => {
    const clock = { now: 0 };
    const enter = createLimiter({ places: 2, share: 2 }, () => clock.now);
    const greedy = Array.from({ length: 300 }, () => follow(enter({ lane: host, party: 'a', milliseconds: 60_000 })));
    await sleep(1);
    clock.now += 300;
    greedy[0]?.leave();
    // 150 ms for each turn; the last of the one party waits for 299 of them, the first of another for 2.
    const [patient, hasty, another] = [
      follow(enter({ lane: host, party: 'a', milliseconds: 299 * 150 })),
      follow(enter({ lane: host, party: 'a', milliseconds: 298 * 150 })),
      follow(enter({ lane: host, party: 'b', milliseconds: 2500 })),
    ];
    await sleep(1);
    expect([patient.state, hasty.state, another.state]).toEqual(['waiting', 'refused', 'waiting']);
    greedy[1]?.leave();
    greedy[2]?.leave();
    await sleep(1);
    expect(another.state).toBe('in');
  });

  describe('that are held by two who do not leave', () => {
    beforeEach(() => void stopClock());
    afterEach(() => void vi.useRealTimers());

    it.each([
      ['in the same moment', 0],
      ['later', 900],
    ])('gives one to a third who comes %s', async (_, later) => {
      const enter = createLimiter({ places: 4, share: 2 }, () => performance.now());
      const told: string[] = [];
      for (const party of ['a', 'a', 'b', 'b'])
        await enter({ lane: host, party, milliseconds: 1000, onTaken: () => told.push(party) });
      await pass(later);
      const third = follow(enter({ lane: host, party: 'c', milliseconds: 2500 }));
      await pass(999 - later);
      expect([third.state, told]).toEqual(['waiting', []]);
      await pass(251);
      expect([third.state, told]).toEqual(['in', ['a']]);
    });
  });
});

describe('a wait that only a signal ends', () => {
  it('lets in so many at a time, in their order', async () => {
    const enter = createLimiter({ places: 2, share: 2 });
    const order: number[] = [];
    let [underway, most] = [0, 0];
    const all = Array.from({ length: 20 }, async (_, i) => {
      const leave = await enter({ party: 'a', signal: patient });
      order.push(i);
      most = Math.max(most, ++underway);
      await sleep(1);
      underway--;
      leave?.();
    });
    await Promise.all(all);
    expect([order, most]).toEqual([Array.from({ length: 20 }, (_, i) => i), 2]);
  });

  it('that was ended lets the next one in', async () => {
    const enter = createLimiter({ places: 1, share: 1 });
    const leave = await enter({ party: 'a', signal: patient });
    const gone = new AbortController();
    const [late, next] = [enter({ party: 'a', signal: gone.signal }), enter({ party: 'a', signal: patient })];
    gone.abort();
    expect(await late).toBeUndefined();
    leave?.();
    (await next)?.();
    expect(await enter({ party: 'a', signal: patient })).toBeDefined();
  });

  it('does not begin after its signal', async () => {
    const enter = createLimiter({ places: 1, share: 1 });
    expect(await enter({ party: 'a', signal: AbortSignal.abort() })).toBeUndefined();
    expect(await enter({ party: 'a', signal: patient })).toBeDefined();
  });

  it('lets in no more of one party than its share', async () => {
    const enter = createLimiter({ places: 3, share: 2 });
    const entered: string[] = [];
    const all = ['a', 'a', 'a', 'b', 'c'].map(async (party) => {
      const leave = await enter({ party, signal: patient });
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
