import { expect, it } from 'vitest';
import { createNextRun } from '../../src/audit/runs.ts';

it('searches for the next run of each schedule once, also of one that never comes', () => {
  const asked: string[] = [];
  const nextRun = createNextRun(0, (schedule) => {
    asked.push(schedule);
    return schedule === '@never' ? undefined : 1;
  });
  const found = Array.from({ length: 3 }, () => ['@never', '0 0 * * *'].map(nextRun));
  expect(found).toEqual([
    [undefined, 1],
    [undefined, 1],
    [undefined, 1],
  ]);
  expect(asked).toEqual(['@never', '0 0 * * *']);
});
