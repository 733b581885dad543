/** Clients that ask properly, in a way that keeps others from their turn, their place or their memory. */
import type { Socket } from 'node:net';
import type { Attack } from '../attacks.ts';
import { open, post, requestOf } from '../load.ts';
import { reviewOf } from '../reviews.ts';

const another = '127.0.0.2';
const fromThere = (from?: string) => (from ? ', from another address' : '');

const ordinary = requestOf(reviewOf());

/** 11 KB, whose answer has 200 KB. */
const wide = reviewOf({
  containers: [
    ...Array.from({ length: 190 }, (_, i) => ({ name: `c${i}`, image: 'a', command: ['/x', 'x'.repeat(10)] })),
    { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.26.4' },
  ],
});

/** Without a pause for 2 s: the end of a review comes with the beginning of the next. Many begin in the same moment. */
const holdOn = (socket: Socket) => {
  const most = ordinary.length - 10;
  const [start, end] = [ordinary.subarray(0, most), ordinary.subarray(most)];
  const begin = () => {
    socket.write(Buffer.concat([ordinary, start]));
    const timer = setInterval(() => socket.write(Buffer.concat([end, start])), 800);
    setTimeout(() => socket.destroy(), 2200);
    socket.once('close', () => clearInterval(timer));
  };
  setTimeout(begin, 250 - (performance.now() % 250));
};

/** Two more reviews each second, and nothing is read. */
const readNothing = (socket: Socket) => {
  socket.pause();
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(Buffer.concat([requestOf(wide), requestOf(wide)]));
  }, 1000);
};

export const placeAttacks: Attack[] = [
  ...[undefined, another].map(
    (from): Attack => ({
      name: `1,000 reviews of 190 containers, one after the other on 200 connections${fromThere(from)}`,
      answers: /^200$/,
      run: ({ webhook }) => {
        const bodies = Array.from({ length: 1000 }, () => wide);
        return post({ url: webhook, bodies, atOnce: 200, keepAlive: true, ...(from && { from }) });
      },
    }),
  ),
  ...[undefined, another].map(
    (from): Attack => ({
      name: `1,500 connections without a pause, 120 a second${fromThere(from)}`,
      run: ({ webhook, now }) =>
        open({ url: webhook, now, count: 1500, perSecond: 120, begin: holdOn, ...(from && { from }) }),
    }),
  ),
  {
    name: '1,500 connections without a pause, from 250 addresses',
    run: async ({ webhook, now }) => {
      const parts = Array.from({ length: 250 }, (_, i) =>
        open({ url: webhook, now, count: 6, perSecond: 0.5, from: `127.0.2.${i + 1}`, begin: holdOn }),
      );
      return Object.assign({}, ...(await Promise.all(parts)));
    },
  },
  ...[undefined, another].map(
    (from): Attack => ({
      name: `250 clients that ask for 200 KB again and again, and read nothing${fromThere(from)}`,
      run: ({ webhook, now }) =>
        open({ url: webhook, now, count: 250, perSecond: 25, begin: readNothing, ...(from && { from }) }),
    }),
  ),
];
