import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bodyCollector } from '../../src/server/collect-body.ts';

afterEach(() => vi.useRealTimers());

const never = () => false;

describe('a body', () => {
  it('is what was sent, in whichever pieces', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 70_000, size: 'max' }), { maxLength: 6 }),
        async (chunks) => {
          const whole = Buffer.concat(chunks);
          const stream = new PassThrough();
          const body = bodyCollector(never, never)(stream, whole.length);
          for (const chunk of chunks) stream.write(chunk);
          stream.end();
          expect((await body).equals(whole)).toBe(true);
        },
      ),
      { numRuns: 30 },
    ));

  it('larger than allowed is refused, and not read on', async () => {
    const stream = new PassThrough();
    const body = bodyCollector(never, never)(stream, 1024 * 1024);
    stream.write(Buffer.alloc(1024 * 1024 + 1));
    await expect(body).rejects.toMatchObject({ statusCode: 413 });
    expect(stream.isPaused()).toBe(true);
  });

  it('that comes in too many pieces is refused', async () => {
    const stream = new PassThrough();
    const body = bodyCollector(never, (which) => which === stream)(stream, 10_000);
    stream.write('x');
    await expect(body).rejects.toMatchObject({ statusCode: 400 });
  });

  it('that breaks off is refused', async () => {
    const stream = new PassThrough();
    const body = bodyCollector(never, never)(stream, 10);
    stream.destroy(new Error('gone'));
    await expect(body).rejects.toMatchObject({ statusCode: 400, message: 'The body broke off.' });
  });

  it.each([
    [900, true, 'is waited for'],
    [1300, true, 'is refused'],
    [60_000, false, 'is waited for'],
  ])('of %i ms, where others wait: %s, %s', async (milliseconds, isShort, outcome) => {
    vi.useFakeTimers();
    const stream = new PassThrough();
    const settled = bodyCollector(() => isShort, never)(stream, 10).then(
      (body) => `${body}`,
      (error: Error) => error.message,
    );
    await vi.advanceTimersByTimeAsync(milliseconds);
    stream.end('late');
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    expect(await settled).toBe(
      outcome === 'is refused' ? 'The body did not arrive within 1 s, while others waited.' : 'late',
    );
  });
});
