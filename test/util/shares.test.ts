/** Who waits, and who is next: by counting, without a clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShares, type Leave } from '../../src/util/shares.ts';

/** Everybody tries to enter, and waits where that fails; `inside` are those that entered, in their order. */
function make(places: number, share: number) {
  const shares = createShares(places, share);
  const inside: { party: string; leave: Leave }[] = [];
  const entered: string[] = [];
  const enter = (party: string, name = party) => {
    const onEntry = (leave: Leave) => {
      entered.push(name);
      inside.push({ party, leave });
    };
    const leave = shares.tryEnter(party);
    if (leave) onEntry(leave);
    return leave ? () => {} : shares.wait(party, onEntry);
  };
  /** The one that has been inside for longest. */
  const leaveFirst = () => inside.shift()?.leave();
  return { shares, enter, entered, inside, leaveFirst };
}

describe('shares', () => {
  it('are taken in turn by those that wait, party by party', () => {
    const { enter, entered, leaveFirst } = make(2, 2);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'c1']) enter(name.charAt(0), name);
    for (let i = 0; i < 6; i++) leaveFirst();
    // Of those that have as few, in turn.
    expect(entered).toEqual(['a1', 'a2', 'b1', 'a3', 'c1', 'b2', 'a4', 'a5']);
  });

  it('are taken from who holds the most, the oldest that may be, for who holds two fewer', () => {
    const shares = createShares(4, 3);
    const told: string[] = [];
    const enter = (name: string, mayBe = true) =>
      shares.tryEnter(name.charAt(0), { mayBe: () => mayBe, tell: () => told.push(name) });
    const kept = enter('a1', false);
    for (const name of ['a2', 'a3', 'b1']) enter(name);
    for (const name of ['b2', 'c1', 'd1']) expect(enter(name)).toBeDefined();
    expect(told).toEqual(['a2', 'a3', 'b1']);
    // One each.
    expect(enter('e1')).toBeUndefined();
    kept?.();
    expect(enter('e1')).toBeDefined();
  });

  it('are taken from another where those of who holds the most may not be', () => {
    const shares = createShares(6, 3);
    const told: string[] = [];
    const enter = (name: string, mayBe: boolean) =>
      shares.tryEnter(name.charAt(0), { mayBe: () => mayBe, tell: () => told.push(name) });
    for (const name of ['a1', 'a2', 'a3']) enter(name, false);
    for (const name of ['b1', 'b2', 'b3']) enter(name, true);
    expect(enter('c1', true)).toBeDefined();
    expect(told).toEqual(['b1']);
  });

  it('that were taken away are not given back twice', () => {
    const shares = createShares(2, 2);
    const always = { mayBe: () => true, tell: () => {} };
    const [first, second] = [shares.tryEnter('a', always), shares.tryEnter('a', always)];
    const third = shares.tryEnter('b', always);
    first?.();
    expect(shares.tryEnter('c')).toBeUndefined();
    second?.();
    third?.();
    expect(shares.isUnused()).toBe(true);
  });

  it('are not taken by who waits no longer', () => {
    const { shares, enter, entered, leaveFirst } = make(1, 1);
    enter('a');
    const withdraw = enter('b', 'gone');
    enter('c');
    withdraw();
    leaveFirst();
    expect(entered).toEqual(['a', 'c']);
    leaveFirst();
    expect([shares.isAwaited(), shares.isUnused()]).toEqual([false, true]);
  });

  it('tell how many turns come before one who comes last', () => {
    const { shares, enter } = make(1, 1);
    for (const party of ['a', 'a', 'a', 'a', 'b', 'c', 'c']) enter(party);
    // Waiting: a a a, b, c c.
    expect(['a', 'b', 'c', 'd'].map((party) => shares.turnsUntil(party))).toEqual([
      4 + 1 + 2,
      2 + 2 + 2,
      3 + 3 + 1,
      1 + 3,
    ]);
  });

  it('are never more than there are, nor more of one party than its share, and nobody waits beside a free place', () => {
    const parties = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      party: fc.constantFrom(...parties),
      kind: fc.constantFrom('enter', 'leave', 'give up'),
    });
    const law = (places: number, share: number, steps: { party: string; kind: string }[]) => {
      const { shares, enter, inside, leaveFirst } = make(places, share);
      const withdrawals: (() => void)[] = [];
      const take: Record<string, (party: string) => unknown> = {
        enter: (party) => withdrawals.push(enter(party)),
        leave: leaveFirst,
        'give up': () => withdrawals.pop()?.(),
      };
      for (const { party, kind } of steps) {
        take[kind]?.(party);
        const held = parties.map((each) => inside.filter((one) => one.party === each).length);
        expect(inside.length).toBeLessThanOrEqual(places);
        expect(Math.max(...held)).toBeLessThanOrEqual(share);
        expect(!shares.isAwaited() || inside.length === places || held.includes(share)).toBe(true);
      }
      while (inside.length > 0) leaveFirst();
      expect([shares.isAwaited(), shares.isUnused()]).toEqual([false, true]);
    };
    fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.array(step), law));
  });

  it('let each party have its first turn before any has its second, however many of another wait', () => {
    const { enter, entered, leaveFirst } = make(4, 2);
    for (let i = 0; i < 300; i++) enter('greedy');
    for (const party of ['b', 'c', 'd', 'e', 'f']) enter(party);
    for (let i = 0; i < 5; i++) leaveFirst();
    expect(entered.filter((party) => party !== 'greedy')).toEqual(['b', 'c', 'd', 'e', 'f']);
  });
});
