import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBudget } from '../../src/util/budget.ts';

it('of some time ends with it', async () => {
  const budget = startBudget(50);
  expect(budget.remaining()).toBeGreaterThan(0);
  expect(budget.remaining()).toBeLessThanOrEqual(50);
  expect(budget.signal.aborted).toBe(false);
  await sleep(80);
  expect(budget.remaining()).toBe(0);
  expect(budget.signal.aborted).toBe(true);
});

it('of no time has ended', async () => {
  const budget = startBudget(-5);
  await sleep(5);
  expect({ remaining: budget.remaining(), aborted: budget.signal.aborted }).toEqual({ remaining: 0, aborted: true });
});

it('ends with the one that waits', () => {
  const waiting = new AbortController();
  const budget = startBudget(10_000, waiting.signal);
  waiting.abort();
  expect(budget.signal.aborted).toBe(true);
});
