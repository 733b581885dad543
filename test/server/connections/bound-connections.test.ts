import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { boundConnections, type Connections } from '../../../src/server/connections/bound-connections.ts';
import { restMilliseconds, stalledMilliseconds } from '../../../src/server/limits.ts';

let server: Server;
let connections: Connections;
const sockets: Socket[] = [];
/** Requests to /wait and /send are answered when a test says so; those to /send have not arrived whole. */
let waiting: ServerResponse[];

async function listen(limits: { newcomers: number; known: number }) {
  waiting = [];
  server = createServer((request, response) => {
    if (request.url === '/wait') connections.trust(request.socket);
    if (request.url === '/wait' || request.url === '/send') waiting.push(response);
    else response.writeHead(request.url === '/bad' ? 400 : 200).end('answer');
  });
  connections = boundConnections(server, limits);
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

afterEach(async () => {
  vi.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function client(path?: string) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket
    .on('error', () => {})
    .on('data', (data) => {
      text += data;
    });
  const closed = once(socket, 'close');
  const ask = async (of: string, times = 1) => {
    socket.write(`GET ${of} HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(times));
    if (of !== '/wait' && of !== '/send') await Promise.race([closed, once(socket, 'data')]);
  };
  await once(socket, 'connect');
  if (path) await ask(path);
  return { ask, closed, pause: () => socket.pause(), isOpen: () => !socket.destroyed, text: () => text };
}

const turnsUntil = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe('connections', () => {
  it('of those that asked for nothing the oldest goes, and one that has asked stays', async () => {
    await listen({ newcomers: 2, known: 2 });
    const known = await client('/');
    const first = await client();
    const second = await client('/bad');
    const third = await client();
    await first.closed;
    const fourth = await client();
    await second.closed;
    expect([known, third, fourth].map(({ isOpen }) => isOpen())).toEqual([true, true, true]);
  });

  it('of those that have asked once the first goes, then of those that asked again, but none with a request', async () => {
    // Nobody was answered lately.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += restMilliseconds;
      return now;
    });
    await listen({ newcomers: 5, known: 2 });
    const first = await client('/');
    await first.ask('/');
    const second = await client('/');
    const third = await client('/');
    await second.closed;
    await third.ask('/');
    await first.ask('/wait');
    await turnsUntil(() => waiting.length === 1);
    const fourth = await client('/');
    await third.closed;
    waiting[0]?.end('late');
    await turnsUntil(() => first.text().includes('late'));
    expect([first, fourth].map(({ isOpen }) => isOpen())).toEqual([true, true]);
  });

  it('where all that have asked are being answered, another stays a newcomer', async () => {
    await listen({ newcomers: 1, known: 1 });
    const first = await client('/');
    await first.ask('/wait');
    await turnsUntil(() => waiting.length === 1);
    const second = await client('/');
    expect([first, second].map(({ isOpen }) => isOpen())).toEqual([true, true]);
    const third = await client();
    await second.closed;
    expect([first, third].map(({ isOpen }) => isOpen())).toEqual([true, true]);
  });

  it.each([
    ['/wait', 4, true],
    ['/send', 4, false],
    // Half of the places change hands whatever is under way.
    ['/wait', 2, false],
  ])(
    'where all that have asked are being answered, one with a request to %s and %i places stays: %s',
    async (path, newcomers, stays) => {
      await listen({ newcomers, known: 1 });
      await client('/wait');
      await turnsUntil(() => waiting.length === 1);
      if (newcomers === 2) {
        await client('/wait');
        await turnsUntil(() => waiting.length === 2);
      }
      const held = waiting.length;
      const one = await client(path);
      await turnsUntil(() => waiting.length === held + 1);
      const others = [];
      for (let i = 0; i < newcomers; i++) others.push(await client());
      await (stays ? others[0] : one)?.closed;
      expect(one.isOpen()).toBe(stays);
      if (!stays) return;
      // Once it is answered, it is a newcomer again.
      waiting[held]?.writeHead(400).end('late');
      await turnsUntil(() => one.text().includes('late'));
      for (let i = 0; i < newcomers; i++) await client();
      await one.closed;
    },
  );

  it('with two requests without an answer are served, and with a third closed', async () => {
    await listen({ newcomers: 5, known: 5 });
    const patient = await client();
    await patient.ask('/wait', 2);
    await turnsUntil(() => waiting.length === 2);
    for (const response of waiting) response.end('late');
    await turnsUntil(() => patient.text().split('late').length === 3);
    const greedy = await client();
    await greedy.ask('/wait', 1000);
    await greedy.closed;
    expect([patient.isOpen(), waiting.length]).toEqual([true, 4]);
  });

  it('with a third are parsed no further', async () => {
    await listen({ newcomers: 5, known: 5 });
    let parsed = 0;
    server.on('request', () => parsed++);
    const greedy = await client();
    await greedy.ask('/wait', 1000);
    await greedy.closed;
    expect(parsed).toBe(3);
  });

  it.each([1, 2])('that leave %i answers unread are closed', async (answers) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await listen({ newcomers: 5, known: 5 });
      const one = await client();
      one.pause();
      await one.ask('/wait', answers);
      await turnsUntil(() => waiting.length === answers);
      // The first is read by the kernel, the last by nobody.
      const last = waiting.at(-1);
      if (answers === 2) waiting[0]?.end('read');
      last?.end('x'.repeat(20_000_000));
      for (let i = 0; i < 3 && one.isOpen(); i++) {
        vi.advanceTimersByTime(stalledMilliseconds / 2);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await turnsUntil(() => last?.destroyed === true);
      expect(last?.writableFinished).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});
