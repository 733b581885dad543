import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startDeadline } from '../../src/util/deadline.ts';

describe('a deadline', () => {
  it('aborts its signal when its time is over', async () => {
    const { signal, remaining } = startDeadline(50);
    expect(remaining()).toBeGreaterThan(0);
    expect(remaining()).toBeLessThanOrEqual(50);
    expect(signal.aborted).toBe(false);
    await sleep(80);
    expect(remaining()).toBe(0);
    expect(signal.aborted).toBe(true);
  });

  it('in the past has passed', async () => {
    const { signal, remaining } = startDeadline(-5);
    await sleep(5);
    expect({ remaining: remaining(), aborted: signal.aborted }).toEqual({ remaining: 0, aborted: true });
  });

  it('ends with its parent', () => {
    const parent = new AbortController();
    const { signal } = startDeadline(10_000, parent.signal);
    parent.abort();
    expect(signal.aborted).toBe(true);
  });

  it('that was stopped leaves no timer behind, and never aborts', async () => {
    const before = process.getActiveResourcesInfo().length;
    const { signal, stop } = startDeadline(20);
    stop();
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
    await sleep(40);
    expect(signal.aborted).toBe(false);
  });
});
