import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createBodyCollector } from '../../../src/server/body/collect.ts';
import { BoundedMessage } from '../../../src/server/body/pieces.ts';
import type { Wish } from '../../../src/server/body/room.ts';
import { pass, stopClock } from '../../support/clock.ts';

afterEach(() => vi.useRealTimers());

const MiB = 1024 * 1024;
const quiet = { isShort: () => false, chooseToYield: () => undefined };
const place = (bytes: number) => ({ bytes, isLarge: false, caller: { address: 'a', isKnown: false } });

describe('a body', () => {
  it('is what was sent, in whichever pieces', () => {
    // Made once: fast-check takes a second of CPU for as many bytes.
    const bytes = randomBytes(6 * 70_000);
    return fc.assert(
      fc.asyncProperty(fc.array(fc.nat(70_000), { maxLength: 6 }), async (sizes) => {
        const stream = new PassThrough();
        const length = sizes.reduce((sum, size) => sum + size, 0);
        const body = createBodyCollector(quiet)(stream, place(length));
        let sent = 0;
        for (const size of sizes) {
          stream.write(bytes.subarray(sent, sent + size));
          sent += size;
        }
        stream.end();
        expect((await body).equals(bytes.subarray(0, length))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('larger than allowed is refused, and not read on', async () => {
    const stream = new PassThrough();
    const body = createBodyCollector(quiet)(stream, place(1024 * 1024));
    stream.write(Buffer.alloc(1024 * 1024 + 1));
    await expect(body).rejects.toMatchObject({ statusCode: 413 });
    expect(stream.isPaused()).toBe(true);
  });

  it('that comes in too many pieces is refused', async () => {
    const stream = new BoundedMessage(new Socket());
    const body = createBodyCollector(quiet)(stream, place(10_000));
    for (let i = 0; i < 300; i++) stream.push(Buffer.alloc(1));
    await expect(body).rejects.toMatchObject({ statusCode: 400 });
  });

  it('that breaks off is refused', async () => {
    const stream = new PassThrough();
    const body = createBodyCollector(quiet)(stream, place(10));
    stream.destroy(new Error('gone'));
    await expect(body).rejects.toMatchObject({ statusCode: 400, message: 'The body ended before it was complete.' });
  });

  it.each([
    { milliseconds: 90, sent: 1, isWorst: true, isRefused: false },
    { milliseconds: 200, sent: 1, isWorst: true, isRefused: true },
    { milliseconds: 200, sent: 1, isWorst: false, isRefused: false },
    { milliseconds: 500, sent: 4 * MiB, isWorst: true, isRefused: false },
    { milliseconds: 700, sent: 4 * MiB, isWorst: true, isRefused: true },
    { milliseconds: 900, sent: 1, isWorst: false, isRefused: false },
    { milliseconds: 1100, sent: 1, isWorst: false, isRefused: true },
    { milliseconds: 60_000, sent: 1, isWorst: true, isShort: false, isRefused: false },
  ])('that came as %o says', async ({ milliseconds, sent, isWorst, isRefused, isShort = true }) => {
    stopClock();
    const room = {
      isShort: () => isShort,
      chooseToYield: (slow: readonly Wish[]) => (isWorst ? slow.at(-1) : undefined),
    };
    const stream = new PassThrough({ highWaterMark: 7 * MiB });
    const settled = createBodyCollector(room)(stream, place(7 * MiB)).then(
      () => 'whole',
      (error: Error) => error.message,
    );
    stream.write(Buffer.alloc(sent));
    await nextTurn();
    await pass(milliseconds);
    await nextTurn();
    stream.end('late');
    expect(await settled).toBe(isRefused ? 'The body arrived too slowly, while others waited.' : 'whole');
  });

  it('that is slow goes with others, until no more have to', async () => {
    stopClock();
    const left = [place(10), place(10), place(10)];
    let needed = 2;
    const room = {
      isShort: () => needed > 0,
      chooseToYield: (slow: readonly Wish[]) => slow.find((each) => left.includes(each)),
    };
    const collect = createBodyCollector(room);
    const outcomes = left.map((each) =>
      collect(new PassThrough(), each).catch(() => {
        needed--;
        left.splice(left.indexOf(each), 1);
      }),
    );
    await nextTurn();
    await pass(200);
    for (let i = 0; i < 5; i++) await nextTurn();
    expect([left.length, outcomes.length]).toEqual([1, 3]);
  });
});
