import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { unlessAborted } from '../../src/util/abort.ts';

const never = new Promise<never>(() => {});

describe('a wait', () => {
  it('ends with what was waited for', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('bug')), signal)).rejects.toThrow('bug');
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(never, controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(await unlessAborted(never, controller.signal)).toBeUndefined();
  });

  it('leaves no rejection behind that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const late = sleep(10).then(() => Promise.reject(new Error('too late to matter')));
      expect(await unlessAborted(late, AbortSignal.abort())).toBeUndefined();
      await sleep(30);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
