import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { findNextRun } from '../../src/util/cron-schedule.ts';

const after = Date.parse('2026-11-21T12:00:00Z'); // a Saturday

describe('the next run of a CronJob', () => {
  it.each([
    ['0 2 * * *', '2026-11-22T02:00:00Z'],
    ['30 12 * * *', '2026-11-21T12:30:00Z'],
    ['0 12 * * *', '2026-11-22T12:00:00Z'],
    ['*/20 * * * *', '2026-11-21T12:20:00Z'],
    ['5/20 * * * *', '2026-11-21T12:05:00Z'],
    ['0 3 1 * *', '2026-12-01T03:00:00Z'],
    ['0 3 31 * ?', '2026-12-31T03:00:00Z'],
    ['0 0 1 JAN *', '2027-01-01T00:00:00Z'],
    ['0 0 * * MON-FRI', '2026-11-23T00:00:00Z'],
    ['0 0 13,14 12 *', '2026-12-13T00:00:00Z'],
    // Both are given: one is enough.
    ['0 0 1 * mon', '2026-11-23T00:00:00Z'],
    // A star with a step counts as given: https://github.com/robfig/cron/blob/v3.0.1/parser.go#L280-L284
    ['0 0 1 * */2', '2026-11-22T00:00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00Z'],
    ['@monthly', '2026-12-01T00:00:00Z'],
    ['@yearly', '2027-01-01T00:00:00Z'],
    ['@weekly', '2026-11-22T00:00:00Z'],
    ['@every 1h30m', '2026-11-21T13:30:00Z'],
    ['TZ=Europe/Zurich 0 2 * * *', '2026-11-22T02:00:00Z'],
  ])('%s', (schedule, expected) => expect(findNextRun(schedule, after)).toBe(Date.parse(expected)));

  it.each([
    '',
    '0 0 30 2 *',
    '0 0 * *',
    '0 0 * * * *',
    '60 0 * * *',
    '5-1 * * * *',
    '*/0 * * * *',
    'x * * * *',
    '1,,2 * * * *',
    '@never',
    '@every soon',
    '@every ',
    '@every 0s',
    '@every 999999999h',
    `1${'*'.repeat(1000)}`,
  ])('is not known: %s', (schedule) => expect(findNextRun(schedule, after)).toBeUndefined());

  it('is not looked for beyond five years, as Kubernetes does', () => {
    expect(findNextRun('0 0 29 2 *', Date.parse('2096-03-01T00:00:00Z'))).toBeUndefined();
    const steps = vi.spyOn(Date, 'UTC');
    for (const schedule of ['0 0 31 2 *', '0 0 31 4,6,9,11 *']) findNextRun(schedule, after);
    const count = steps.mock.calls.length;
    steps.mockRestore();
    expect(count).toBeLessThan(1000);
  });

  it('is later than now, whatever the schedule', () => {
    const field = fc.oneof(fc.constantFrom('*', '?', '*/2', '1-3', '1,2', '5', '0'), fc.string({ maxLength: 4 }));
    const schedule = fc.oneof(
      fc.array(field, { minLength: 5, maxLength: 5 }).map((all) => all.join(' ')),
      fc.string(),
    );
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 4e12 }), (text, now) => {
        expect(findNextRun(text, now) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
      }),
    );
  });
});
