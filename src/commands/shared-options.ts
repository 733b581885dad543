/** The options that several commands have. */
import { type Command, Option } from 'commander';
import type { Environment } from '../config/parse.ts';
import { type Setting, settings } from '../config/settings.ts';

export type Color = 'auto' | 'always' | 'never';

/** Adds settings as flags: those of all the `scopes`, or every setting. */
export function addSettings(command: Command, scopes?: readonly Setting['scope'][]): Command {
  for (const { flag, kind, variable, description, scope, default: preset } of settings) {
    if (scopes && !(scope && scopes.includes(scope))) continue;
    const choices = kind.placeholder === '<choice>' ? [kind.expects] : [];
    const notes = [...choices, variable, ...(preset === undefined ? [] : [`default ${preset}`])].join('; ');
    command.option(`${flag} ${kind.placeholder}`, `${description} (${notes})`.replaceAll('`', ''));
  }
  return command;
}

export const outputOption = (...forms: [string, ...string[]]) =>
  new Option('-o, --output <form>', 'output format').choices(forms).default(forms[0]);

export const colorOption = () =>
  new Option('--color <when>', 'whether to color the output').choices(['auto', 'always', 'never']).default('auto');

/** @see https://no-color.org and https://force-color.org */
export function isColored(color: Color, env: Environment): boolean {
  if (color !== 'auto') return color === 'always';
  if (env.NO_COLOR) return false;
  return env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}

/** How many characters a line has; undefined if standard output is no terminal. */
export const terminalWidth = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns : undefined);
