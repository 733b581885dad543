import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReadTurns } from '../../../src/server/connections/read-turns.ts';
import { costlyTurnMilliseconds, readTurnMilliseconds } from '../../../src/server/limits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection whose socket is read from the start, as Node.js does it. */
function makeConnection(name: string, above?: { isPaused: () => boolean }) {
  const connection = { name, isRead: true };
  const _handle = {
    readStart: () => {
      connection.isRead = true;
    },
    readStop: () => {
      connection.isRead = false;
    },
  };
  return Object.assign(connection, {
    socket: { _handle } as unknown as Socket,
    ...(above && { above: above as Socket }),
  });
}

function makeTurns(names: string, answered = () => 0) {
  const turns = createReadTurns({ inTurn: 2, latest: 1 }, answered);
  const all = [...names].map((name) => makeConnection(name));
  for (const one of all) turns.add(one);
  const read = () =>
    all
      .filter(({ isRead }) => isRead)
      .map(({ name }) => name)
      .join('');
  /** Who is read, turn after turn. */
  const next = (count: number) =>
    Array.from({ length: count }, () => vi.advanceTimersByTime(readTurnMilliseconds) && read());
  return { turns, all, read, next };
}

describe('connections are read', () => {
  it('all of them, while there are few', () => {
    const { next } = makeTurns('abc');
    expect(next(2)).toEqual(['abc', 'abc']);
  });

  it('some at a time and the latest always, where there are more', () => {
    const { read, next } = makeTurns('abcdef');
    // Those that came while this turn lasted are read until it ends.
    expect(read()).toBe('abdef');
    expect(next(4)).toEqual(['cdf', 'abf', 'cef', 'adf']);
  });

  it('all of them again, once there are few again', () => {
    const { turns, all, read } = makeTurns('abcde');
    for (const one of all.slice(0, 2)) turns.remove(one);
    all.splice(0, 2);
    expect(read()).toBe('cde');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('at once, and as the latest, where they are added again', () => {
    const { turns, all, next } = makeTurns('abcdef');
    const [first = ''] = next(1);
    const other = all.find(({ name }) => !first.includes(name));
    if (!other) throw new Error('all are read');
    turns.add(other);
    expect(other.isRead).toBe(true);
    expect(next(3).every((names) => names.includes(other.name))).toBe(true);
  });

  it('from the start, though another such set had stopped them', () => {
    const { turns, read } = makeTurns('a');
    const stopped = makeConnection('s');
    stopped.isRead = false;
    turns.add(stopped);
    expect([read(), stopped.isRead]).toEqual(['a', true]);
  });

  it('not while HTTP has paused them', () => {
    const { turns, next } = makeTurns('abcde');
    const paused = makeConnection('p', { isPaused: () => true });
    turns.add(paused);
    turns.add(makeConnection('z'));
    next(1);
    expect(paused.isRead).toBe(false);
    next(4);
    expect(paused.isRead).toBe(false);
  });

  it('half as many after a turn that took long, and all of them later', () => {
    const { next } = makeTurns('abcdef');
    next(1);
    const usage = vi.spyOn(process, 'cpuUsage').mockReturnValueOnce({ user: 1000 * costlyTurnMilliseconds, system: 1 });
    const [few] = next(1);
    usage.mockRestore();
    expect(few).toHaveLength(2);
    expect(next(1)[0]).toHaveLength(3);
  });

  it('as many as before after a turn that took long, where something was answered in it', () => {
    let answers = 0;
    const { next } = makeTurns('abcdef', () => answers++);
    next(1);
    const usage = vi.spyOn(process, 'cpuUsage').mockReturnValueOnce({ user: 1000 * costlyTurnMilliseconds, system: 1 });
    const [group] = next(1);
    usage.mockRestore();
    expect(group).toHaveLength(3);
  });

  it('at once and for a turn, if that is asked for', () => {
    const { turns, all, next } = makeTurns('abcdef');
    const [first = ''] = next(1);
    const others = all.filter(({ name }) => !first.includes(name));
    for (const one of others) turns.readNow(one);
    expect(others.every(({ isRead }) => isRead)).toBe(true);
    expect(next(1)[0]).toHaveLength(3);
  });

  it('never, where their sockets have closed', () => {
    const { turns } = makeTurns('abcde');
    const closed = { socket: { _handle: null } as unknown as Socket };
    turns.add(closed);
    turns.add(makeConnection('z'));
    expect(() => vi.advanceTimersByTime(5 * readTurnMilliseconds)).not.toThrow();
  });
});
