import { expect, it } from 'vitest';
import { parseDuration } from '../../src/util/duration.ts';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['0s', 0],
])('parseDuration reads %s as %d milliseconds', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

it.each(['', '5', 's', '1.5s', '-1s', ' 1s', '1s ', '1h30m', '1w', '1S', '1234567890123s'])(
  'parseDuration does not read %j',
  (text) => expect(parseDuration(text)).toBeNaN(),
);

it('parseDuration reads only the units that it is given', () => {
  expect(parseDuration('2m', ['s', 'm'])).toBe(120_000);
  expect(parseDuration('2h', ['s', 'm'])).toBeNaN();
});
