import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Connection, createPlaces } from '../../../src/server/connections/places.ts';
import { restMilliseconds } from '../../../src/server/limits.ts';

/** A connection with a request that has not arrived whole, if it is to be known; `address` is the first letter of its name. */
function createConnection(name: string): Connection & { name: string } {
  const socket = {
    destroyed: false,
    destroy() {
      socket.destroyed = true;
    },
  };
  const response = { req: { complete: false } } as ServerResponse;
  return {
    name,
    address: name.charAt(0),
    isKnown: false,
    socket: socket as unknown as Socket,
    answered: 0,
    answeredAt: 0,
    isSpare: false,
    answers: new Set([{ response, isWritten: false }]),
    slowChecks: 0,
  };
}

type Known = 'busy' | 'idle' | 'slow';

function make(limits: { newcomers: number; known: number }) {
  const places = createPlaces(limits);
  const all: (Connection & { name: string })[] = [];
  const arrive = (name: string, isBegun = true) => {
    const connection = createConnection(name);
    all.push(connection);
    places.arrive(connection);
    if (isBegun && !connection.socket.destroyed) places.begin(connection);
    return connection;
  };
  const know = (name: string, state: Known) => {
    const connection = arrive(name);
    places.startRequest(connection);
    places.trust(connection);
    if (state === 'idle') {
      connection.answers.clear();
      places.endRequest(connection, true);
      connection.answeredAt -= restMilliseconds;
    }
    for (let i = 0; i < 2 && state === 'slow'; i++) places.checkSlow(connection);
    return connection;
  };
  const closed = async () => {
    for (let i = 0; i < 3; i++) await nextTurn();
    return all.filter(({ socket }) => socket.destroyed).map(({ name }) => name);
  };
  return { places, arrive, know, closed };
}

describe('who has to go', () => {
  it.each<[string, [string, Known][], string[]]>([
    [
      'one that sends slowly before one that is idle',
      [
        ['a1', 'idle'],
        ['b1', 'slow'],
        ['c', 'busy'],
      ],
      ['b1'],
    ],
    [
      'one that is idle',
      [
        ['a1', 'idle'],
        ['a2', 'busy'],
        ['c', 'busy'],
      ],
      ['a1'],
    ],
    [
      'nobody, where all are busy',
      [
        ['a1', 'busy'],
        ['a2', 'busy'],
        ['c', 'busy'],
      ],
      [],
    ],
    [
      'none of an address that has fewer than the one that comes',
      [
        ['a1', 'idle'],
        ['b1', 'busy'],
        ['b2', 'busy'],
        ['b3', 'busy'],
      ],
      [],
    ],
  ])('of two known ones is %s', async (_, known, expected) => {
    const { know, closed } = make({ newcomers: 10, known: known.length - 1 });
    for (const [name, state] of known) know(name, state);
    expect(await closed()).toEqual(expected);
  });

  it('of the others is one that has said nothing, where those are many, and else the oldest', async () => {
    const { arrive, closed } = make({ newcomers: 8, known: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) arrive(name);
    for (const name of ['b1', 'b2', 'b3', 'b4']) arrive(name, false);
    expect(await closed()).toEqual(['b1']);
    for (const name of ['c1', 'c2', 'c3']) arrive(name);
    expect(await closed()).toEqual(['a1', 'b1', 'b2', 'b3']);
  });

  it('is not one whose body has to wait for room, nor one that has sent it all', async () => {
    const { know, places, closed } = make({ newcomers: 10, known: 2 });
    const waits = know('a1', 'busy');
    waits.above = { isPaused: () => true } as Socket;
    const whole = know('b1', 'busy');
    for (const { response } of whole.answers) response.req.complete = true;
    for (let i = 0; i < 5; i++) for (const one of [waits, whole]) places.checkSlow(one);
    know('c1', 'busy');
    expect(await closed()).toEqual([]);
  });

  it('is not one that asks again before it is closed, which then counts', async () => {
    const { know, places, closed } = make({ newcomers: 10, known: 2 });
    const [asks] = [know('a1', 'idle'), know('a2', 'idle')];
    know('b1', 'idle');
    places.startRequest(asks);
    asks.answers.add({ response: { req: { complete: true } } as ServerResponse, isWritten: false });
    expect(await closed()).toEqual([]);
    know('c1', 'busy');
    expect(await closed()).toEqual(['a2', 'b1']);
  });

  it('is not one that was answered lately; then the new one is to end with its answer', async () => {
    const { know, closed } = make({ newcomers: 10, known: 2 });
    const asks = know('a1', 'idle');
    know('b1', 'busy');
    asks.answeredAt = performance.now();
    expect(know('c1', 'busy').isSpare).toBe(true);
    expect(await closed()).toEqual([]);
    asks.answeredAt -= restMilliseconds;
    expect(know('c2', 'busy').isSpare).toBe(false);
    expect(await closed()).toEqual(['a1']);
  });

  it('is one whose next request always begins before the last one is answered', async () => {
    const { know, places, closed } = make({ newcomers: 10, known: 2 });
    const holds = know('a1', 'slow');
    know('b1', 'idle');
    places.trust(holds);
    places.startRequest(holds);
    know('c1', 'busy');
    expect(await closed()).toEqual(['a1']);
  });

  it('is not one that was slow, and has been idle since', async () => {
    const { know, places, closed } = make({ newcomers: 10, known: 2 });
    const was = know('a1', 'slow');
    know('b1', 'idle');
    places.trust(was);
    was.answers.clear();
    places.endRequest(was, true);
    places.startRequest(was);
    know('b2', 'busy');
    expect(await closed()).toEqual(['b1']);
  });

  it('is never one that has gone', async () => {
    const { places, arrive, know, closed } = make({ newcomers: 2, known: 1 });
    for (const one of [know('a1', 'idle'), arrive('a2')]) places.forget(one);
    know('b1', 'idle');
    for (const name of ['b2', 'b3']) arrive(name);
    expect(await closed()).toEqual([]);
  });
});
