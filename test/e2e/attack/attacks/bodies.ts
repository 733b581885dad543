/** Bodies that are small for what they become, many, slow, or in pieces. */
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonBounds } from '../../../../src/server/limits.ts';
import type { Attack } from '../attacks.ts';
import { drip, head, open, post } from '../load.ts';
import { repeated, reviewOf, reviewWith } from '../reviews.ts';

const MB = 1e6;
const MiB = 1024 * 1024;
const most = 7 * MiB - 4096;

const single = (name: string, bodies: () => Buffer[], answers: RegExp, atOnce = 1): Attack => ({
  name,
  answers,
  run: ({ webhook }) => post({ url: webhook, bodies: bodies(), atOnce }),
});

const tolerations = (bytes: number) => reviewWith(repeated('{}', bytes));

/** In bytes: `{},` counts as two values, and the rest of the review has fewer than a thousand. */
const mostEmpty = (3 / 2) * (jsonBounds.values - 1000);

/** Texts made of a number each, up to a number of bytes. */
function numbered(bytes: number, make: (number: string) => string): string[] {
  const texts: string[] = [];
  for (let length = 0; length < bytes; length += (texts.at(-1)?.length ?? 0) + 1)
    texts.push(make(texts.length.toString(36)));
  return texts;
}

const distinctKeys = (bytes: number) => reviewWith(`{${numbered(bytes, (number) => `"${number}":0`).join(',')}}`);

const distinctShapes = (bytes: number) => reviewWith(`[${numbered(bytes, (number) => `{"${number}":0}`).join(',')}]`);

/** Env values of 3 KB, as in a large ordinary pod. */
const environment = (bytes: number) =>
  reviewOf({
    initContainers: [
      {
        name: 'large',
        image: 'a',
        env: [...Array(Math.floor(bytes / 3050))].map((_, i) => ({ name: `E${i}`, value: 'x'.repeat(3000) })),
      },
    ],
  });

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

const opening = (name: string, how: Omit<Parameters<typeof open>[0], 'url' | 'now'>): Attack => ({
  name,
  run: ({ webhook, now }) => open({ url: webhook, now, ...how }),
});

const slowBodies = (name: string, count: number, sent: number, length: number): Attack =>
  opening(name, {
    count,
    perSecond: 100,
    begin: (socket) => {
      socket.write(head(length));
      socket.write(Buffer.alloc(sent, ' '));
      drip(socket, ' ');
    },
  });

/** Each says that it has more than it sends, and is followed by another one when it is refused. */
const unsentBodies = (name: string, count: number, lengthOf: (index: number) => number, from?: string): Attack =>
  opening(name, {
    count,
    perSecond: 150,
    ...(from && { from }),
    begin: (socket, index) => socket.write(`${head(lengthOf(index))} `),
  });

/** Two fill the part of large bodies, and the others the rest. */
const fillBoth = (index: number) => (index % 277 < 2 ? 4 * MiB : 32 * 1024);

export const bodyAttacks: Attack[] = [
  ...[1, 2, 3.1, 7.3].map((mb) =>
    single(`brackets without end, ${mb} MB`, () => [Buffer.alloc(mb * MB, '[')], /^(413)$/),
  ),
  single('nesting of 100,000, closed', () => [Buffer.from('['.repeat(1e5) + ']'.repeat(1e5))], /^413$/),
  ...[3.1, 4.5, 7.3].map((mb) =>
    single(`a list of empty objects, ${mb} MB`, () => [Buffer.from(repeated('{}', mb * MB))], /^413$/),
  ),
  single('a list of empty lists, 7.3 MB', () => [Buffer.from(repeated('[]', 7.3 * MB))], /^413$/),
  ...[3.1, 4.7, 5.2, 6.3, 7.3].map((mb) =>
    single(`a review of empty tolerations, ${mb} MB`, () => [tolerations(mb * MB)], /^413$/),
  ),
  single('two of them at once, 3.1 MB', () => times(2, tolerations(3.1 * MB)), /^413$/, 2),
  single('two of them one after the other, 3.1 MB', () => times(2, tolerations(3.1 * MB)), /^413$/),
  single('empty tolerations just below the bound, 20 at once', () => times(60, tolerations(mostEmpty)), /^200$/, 20),
  single('empty tolerations in 32 KiB, 100 at once', () => times(2000, tolerations(31_000)), /^200$/, 100),
  single('distinct keys, 7 MB', () => [distinctKeys(7 * MB)], /^413$/),
  single('distinct keys just below the bound, 10 at once', () => times(20, distinctKeys(0.38 * MB)), /^200$/, 10),
  single('distinct shapes just below the bound, 10 at once', () => times(20, distinctShapes(0.46 * MB)), /^200$/, 10),
  single('600,000 names', () => [reviewWith(repeated('{"name":""}', 7.1 * MB))], /^413$/),
  single(
    'one text of 7 MiB with one wide character, 10 at once',
    () => times(20, reviewWith(`"${'x'.repeat(most - 9)}€"`)),
    // Some arrive slowly on a busy machine, while others wait.
    /^(200|408)$/,
    10,
  ),
  single('large ordinary pods, 10 of 7.3 MB at once', () => times(10, environment(most)), /^200$/, 10),
  single('large ordinary pods, 50 of 7.3 MB at once', () => times(50, environment(most)), /^(200|408|503|closed)$/, 50),
  single('bodies larger than allowed, 20 of 30 MB', () => times(20, Buffer.alloc(30e6, ' ')), /^(413|closed)$/, 20),
  slowBodies('40 slow bodies: 5 of 7 MiB, then 1 byte/s', 40, 5 * MiB, 7 * MiB),
  slowBodies('150 slow bodies: 5 of 7 MiB, then 1 byte/s', 150, 5 * MiB, 7 * MiB),
  slowBodies('400 slow bodies: 31 of 32 KiB, then 1 byte/s', 400, 31 * 1024, 32 * 1024),
  slowBodies('1,000 slow bodies: 63 of 64 KiB, then 1 byte/s', 1000, 63 * 1024, 64 * 1024),
  unsentBodies('900 bodies of 4 MiB, of which a byte is sent', 900, () => 4 * MiB),
  unsentBodies('900 bodies of 4 MiB, of which a byte is sent, from another address', 900, () => 4 * MiB, '127.0.0.2'),
  unsentBodies('bodies of 4 MiB and of 32 KiB that fill all room, of which a byte is sent', 1108, fillBoth),
  {
    name: 'bodies in chunks of one byte, 40 connections',
    run: ({ webhook, now }) =>
      open({
        url: webhook,
        now,
        count: 40,
        perSecond: 100,
        begin: async (socket) => {
          socket.write(head('chunked'));
          const bytes = Buffer.from('1\r\n \r\n'.repeat(10_000));
          for (let i = 0; i < 30 && !socket.destroyed; i++) if (!socket.write(bytes)) await sleep(50);
        },
      }),
  },
  {
    name: '1,000 bodies of 32 KiB that are no JSON',
    answers: /^400$/,
    run: ({ webhook }) =>
      post({ url: webhook, bodies: times(1000, Buffer.alloc(32 * 1024, 'x')), atOnce: 20, keepAlive: true }),
  },
  {
    name: 'a gzip body, and one of another type',
    answers: /^4(00|15)$/,
    run: async ({ webhook }) => ({
      ...(await post({ url: webhook, bodies: times(5, Buffer.from('1f8b0800', 'hex')), atOnce: 1 })),
      ...(await post({ url: webhook, bodies: times(5, reviewOf()), atOnce: 1, type: 'text/plain' })),
    }),
  },
];
