import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addClusterOptions } from '../../../src/commands/live/cluster-flags.ts';

const parse = (text: string) =>
  addClusterOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
    .parse(['--request-timeout', text], { from: 'user' })
    .opts().requestTimeout;

it.each([
  ['30', 30_000],
  ['30s', 30_000],
  ['2m', 120_000],
  ['0', 86_400_000],
])('--request-timeout %s is %i milliseconds', (text, milliseconds) => expect(parse(text)).toBe(milliseconds));

it.each(['', '-1', 'soon', '1.5', '0s', '25h'])('--request-timeout %j is refused', (text) =>
  expect(() => parse(text)).toThrow('expected seconds, such as 30, or a time such as 2m, at most 24h.'),
);
