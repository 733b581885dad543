/** Connections to the webhook: many, idle, slow, broken, greedy. */
import { constants, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Attack } from '../attacks.ts';
import { burst, drip, head, open, post, requestOf, tinyRequests } from '../load.ts';
import { reviewOf } from '../reviews.ts';

const another = '127.0.0.2';
const review = reviewOf();
const whole = requestOf(review);

const idle = (name: string, count: number, perSecond: number, from?: string): Attack => ({
  name,
  run: ({ webhook, now }) => open({ url: webhook, now, count, perSecond, ...(from && { from }) }),
});

/** A large answer: it repeats what 200 containers run. */
const greedy = reviewOf({
  containers: [
    ...Array.from({ length: 60 }, (_, i) => ({ name: `c${i}`, image: 'a', command: ['/x', 'x'.repeat(1000)] })),
    { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.26.4' },
  ],
});

const slowHeaders = (socket: Socket) => {
  socket.write('POST /mutate HTTP/1.1\r\nhost: a\r\n');
  drip(socket, 'a: b\r\n');
};

/** TLS 1.2 knows renegotiation; a client that goes on asking for it makes the server do handshakes. */
const renegotiate = (socket: Socket) => {
  let left = 50;
  const again = () => {
    if (left-- > 0 && !socket.destroyed) (socket as TLSSocket).renegotiate({}, (error) => error || again());
  };
  again();
};

/** Sends so many reviews, and as many again once they are answered. */
const askOn = (socket: Socket, atOnce: number) => {
  const send = () => {
    for (let i = 0; i < atOnce; i++) socket.write(whole);
  };
  let answers = 0;
  socket.on('data', (data) => {
    for (const _ of `${data}`.matchAll(/HTTP\/1.1 200/g)) if (++answers % atOnce === 0) send();
  });
  send();
};

/** Asks for something, and then for something else without sending all of it: a client that is known, and never idle. */
const neverIdle = (socket: Socket) => socket.write(Buffer.concat([whole, Buffer.from(`${head(review.length)} `)]));

export const connectionAttacks: Attack[] = [
  idle('10,000 idle TLS connections, 500 a second', 10_000, 500),
  idle('10,000 idle TLS connections, 500 a second, from another address', 10_000, 500, another),
  idle('3,000 idle TLS connections as fast as may be', 3000, 3000),
  {
    name: 'TLS connections from 200 addresses, 500 a second',
    run: async ({ webhook, now }) => {
      const parts = Array.from({ length: 200 }, (_, i) =>
        open({ url: webhook, now, count: 25, perSecond: 2.5, from: `127.0.1.${i + 1}` }),
      );
      return Object.assign({}, ...(await Promise.all(parts)));
    },
  },
  {
    name: 'handshakes that are closed at once, 500 a second',
    run: ({ webhook, now }) => open({ url: webhook, now, count: 4000, perSecond: 500, brief: true }),
  },
  {
    name: '2,000 slow headers',
    run: ({ webhook, now }) => open({ url: webhook, now, count: 2000, perSecond: 400, begin: slowHeaders }),
  },
  {
    name: '2,000 slow headers from another address, then 4,000 connections without TLS',
    run: async ({ webhook, now }) => ({
      ...(await open({ url: webhook, now, count: 2000, perSecond: 400, from: another, begin: slowHeaders })),
      ...(await open({ url: webhook, now, count: 4000, perSecond: 1000, plain: true })),
    }),
  },
  {
    name: '10,000 connections that never begin with TLS',
    run: ({ webhook, now }) => open({ url: webhook, now, count: 10_000, perSecond: 1500, plain: true }),
  },
  {
    name: 'a byte of TLS, and no more: 3,000',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 3000,
        perSecond: 800,
        plain: true,
        begin: (socket) => socket.write(Buffer.from([22])),
      }),
  },
  {
    name: 'TLS garbage, 1,000 connections',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 1000,
        perSecond: 500,
        plain: true,
        begin: (socket) => socket.write(Buffer.concat([Buffer.from('160301ffff', 'hex'), randomBytes(60_000)])),
      }),
  },
  {
    name: 'plain HTTP, 500 connections',
    answers: /^(400|closed|opened)$/,
    run: ({ webhook, now }) =>
      open({ url: webhook, now, count: 500, perSecond: 500, plain: true, begin: (socket) => socket.write(whole) }),
  },
  {
    name: 'renegotiation without an end, 20 connections',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 20,
        perSecond: 20,
        options: { maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION },
        begin: renegotiate,
      }),
  },
  ...[undefined, another].map(
    (from): Attack => ({
      name: `900 clients that are asked for the rest of their second review${from ? ', from another address' : ''}`,
      run: ({ webhook, now }) =>
        open({ url: webhook, now, count: 900, perSecond: 75, begin: neverIdle, ...(from && { from }) }),
    }),
  ),
  {
    name: '600 clients that ask once and keep their connection',
    run: ({ webhook, now }) =>
      open({ url: webhook, now, count: 600, perSecond: 150, begin: (socket) => socket.write(whole) }),
  },
  {
    name: 'pipelining: 2,000 reviews at once on each of 10 connections',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 10,
        perSecond: 10,
        begin: (socket) => {
          for (let i = 0; i < 2000; i++) socket.write(whole);
        },
      }),
  },
  {
    name: 'pipelining: 100,000 tiny requests on each of 20 connections',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 20,
        perSecond: 20,
        begin: (socket) => socket.write('GET / HTTP/1.1\r\nhost:a\r\n\r\n'.repeat(100_000)),
      }),
  },
  {
    name: 'pipelining: 3,000 tiny requests on each of 120 connections, at the same moment',
    run: ({ webhook, now }) => burst({ url: webhook, now, count: 120, text: tinyRequests }),
  },
  {
    name: '3,000 reviews, one after the other on 50 connections',
    answers: /^200$/,
    run: ({ webhook }) =>
      post({ url: webhook, bodies: Array.from({ length: 3000 }, () => review), atOnce: 50, keepAlive: true }),
  },
  // Those that are closed, as they send more before the answers have left, are followed by others.
  ...[
    { atOnce: 2, count: 500, perSecond: 60 },
    { atOnce: 2, count: 500, perSecond: 60, from: another },
    { atOnce: 4, count: 900, perSecond: 110 },
  ].map(
    ({ atOnce, ...rest }): Attack => ({
      name: `${rest.count} connections with ${atOnce} reviews at once, again and again${rest.from ? ', from another address' : ''}`,
      run: ({ webhook, now }) => open({ url: webhook, now, ...rest, begin: (socket) => askOn(socket, atOnce) }),
    }),
  ),
  {
    name: '150 clients that ask on and read no answer',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 150,
        perSecond: 50,
        begin: (socket) => {
          socket.pause();
          const bytes = requestOf(greedy);
          const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(bytes)), 500);
        },
      }),
  },
];
