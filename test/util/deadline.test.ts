import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startDeadline } from '../../src/util/deadline.ts';

describe('a deadline', () => {
  it('ends when it is over', async () => {
    const { signal, remaining } = startDeadline(30);
    expect(remaining()).toBeGreaterThan(0);
    expect(remaining()).toBeLessThanOrEqual(30);
    await sleep(60);
    expect(remaining()).toBe(0);
    expect(signal.aborted).toBe(true);
  });

  it('that was stopped leaves no timer behind', async () => {
    const before = process.getActiveResourcesInfo().length;
    const { signal, stop } = startDeadline(20);
    stop();
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
    await sleep(40);
    expect(signal.aborted).toBe(false);
  });
});
