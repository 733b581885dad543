/** What attacks are made of. Each is bounded in count and in time. */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

/** What is attacked; `now` is the server's time in milliseconds. */
export type Place = { webhook: URL; metrics: URL; now: () => number };

/** How often each status was answered, and `closed` how many had none. */
export type Answers = Record<string, number>;

/** The longest that an attack goes on after its last connection, in milliseconds. */
const hold = 3000;

/** By the wall, and so only for what never comes: on a busy machine a queue of heavy reviews takes long. */
const timeout = 120_000;

const counter = () => {
  const answers: Answers = {};
  const count = (of: number | string) => {
    answers[of] = (answers[of] ?? 0) + 1;
  };
  return { answers, count };
};

type Post = { url: URL; bodies: Buffer[]; atOnce: number; from?: string; keepAlive?: boolean; type?: string };

/** Sends each body, some at once. */
export async function post({ url, bodies, atOnce, from, keepAlive = false, type = 'application/json' }: Post) {
  const { answers, count } = counter();
  const agent = new Agent({ keepAlive, rejectUnauthorized: false, maxSockets: atOnce });
  const queue = bodies.values();
  const send = (body: Buffer) =>
    new Promise<void>((resolve) => {
      const headers = { 'content-type': type, 'content-length': body.length };
      const options = { agent, method: 'POST', headers, timeout, ...(from && { localAddress: from }) };
      let isAnswered = false;
      const request = httpsRequest(url, options, (response) => {
        isAnswered = true;
        count(response.statusCode ?? 0);
        response.resume().on('close', resolve);
      });
      request.on('timeout', () => request.destroy(new Error('no answer')));
      // An early answer may be followed by a reset: then it has been counted.
      request.on('error', () => {
        if (!isAnswered) count('closed');
        resolve();
      });
      request.end(body);
    });
  const worker = async () => {
    for (const body of queue) await send(body);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

type Open = {
  url: URL;
  now: () => number;
  count: number;
  perSecond: number;
  from?: string;
  /** Without TLS where it is HTTPS, too. */
  plain?: boolean;
  options?: object;
  /** What each connection does once it is there. */
  begin?: (socket: Socket, index: number) => void;
  /** Closes it at once. */
  brief?: boolean;
};

/** Opens connections at a rate, and keeps them. */
export async function open({ url, now, count: total, perSecond, from, plain, options, begin, brief }: Open) {
  const { answers, count } = counter();
  const sockets: Socket[] = [];
  const started = { server: now(), wall: performance.now() };
  for (let i = 0; i < total; ) {
    const due = Math.min(total, Math.ceil(((now() - started.server) / 1000) * perSecond));
    for (; i < due; i++) sockets.push(openOne(i));
    // What the machine cannot do in three times the time, and 10 s, is left out.
    if (performance.now() - started.wall > 10_000 + (3000 * total) / perSecond) break;
    await sleep(5);
  }
  await sleep(hold);
  for (const socket of sockets) socket.destroy();
  return { ...answers, opened: sockets.length };

  function openOne(index: number): Socket {
    const to = { host: url.hostname, port: Number(url.port), ...(from && { localAddress: from }) };
    const isTls = url.protocol === 'https:' && !plain;
    const socket = isTls ? connectTls({ ...to, rejectUnauthorized: false, ...options }) : connect(to);
    socket.on('error', () => {});
    socket.once('close', () => count('closed'));
    socket.once('data', (data) => count(/^HTTP\/1.1 (\d+)/.exec(`${data}`)?.[1] ?? 'data'));
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      begin?.(socket, index);
      if (brief) socket.destroy();
    });
    return socket;
  }
}

/** The most that one read of a connection takes. */
export const tinyRequests = 'GET / HTTP/1.1\r\n\r\n'.repeat(3000);

/** Opens connections, and writes to all at the same moment: one turn of the event loop reads what came on all of them. */
export function burst({ text, ...how }: Pick<Open, 'url' | 'now' | 'count' | 'plain'> & { text: string }) {
  const sockets: Socket[] = [];
  setTimeout(() => {
    for (const socket of sockets) socket.write(text, 'latin1');
  }, 2000);
  return open({ ...how, perSecond: how.count, begin: (socket) => void sockets.push(socket) });
}

/** Asks for a path, again and again, on some connections. */
export async function get(url: URL, { times, atOnce }: { times: number; atOnce: number }): Promise<Answers> {
  const { answers, count } = counter();
  let left = times;
  const one = (options: RequestOptions) =>
    new Promise<void>((resolve) => {
      const request = httpRequest(url, options, (response) => {
        count(response.statusCode ?? 0);
        response.resume().on('close', resolve);
      });
      request.on('error', () => {
        count('closed');
        resolve();
      });
      request.end();
    });
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await one({ agent: false, timeout });
    }),
  );
  return answers;
}

/** @returns the head of a POST of a body with that length, or in chunks */
export const head = (length: number | 'chunked', path = '/mutate') =>
  `POST ${path} HTTP/1.1\r\nhost: clockout\r\ncontent-type: application/json\r\n${length === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`;

/** A whole request. */
export const requestOf = (body: Buffer): Buffer => Buffer.concat([Buffer.from(head(body.length)), body]);

/** Writes one byte a second from now on. */
export function drip(socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 1000);
  socket.once('close', () => clearInterval(timer));
}
