/** The options that commands share: settings as flags, what to read, and how to print it. */
import { type Command, Option } from 'commander';
import type { Environment } from '../config/parse.ts';
import { reachSettings } from '../config/registry.ts';
import { type Setting, settings } from '../config/schema.ts';

export type Color = 'auto' | 'always' | 'never';
/** The settings that a decision and its patch depend on. */
export const podOnly = settings.filter(({ name }) => name.startsWith('wrapper') || name === 'allowedAnnotations');
/** Those of how registries are reached. */
export const reachOnly = settings.filter(({ name }) => name in reachSettings);

export function addSettings(command: Command, list: readonly Setting[]): void {
  for (const { flag, type, variable, description, expects, default: preset } of list) {
    const value = type === 'integer' ? '<number>' : '<value>';
    const choices = type === undefined ? [expects] : [];
    const notes = [...choices, variable, ...(preset === undefined ? [] : [`default ${preset}`])].join('; ');
    command.option(`${flag} ${value}`, `${description} (${notes})`.replaceAll('`', ''));
  }
}

export const filesOption = () =>
  new Option('-f, --filename <path...>', 'file, directory, or - for standard input').makeOptionMandatory();

export const registryOption = () =>
  new Option('--registry', 'ask the registry of an image without a command what it runs, with your docker login');

export const colorOption = () =>
  new Option('--color <when>', 'color the output').choices(['auto', 'always', 'never']).default('auto');

/** @see https://no-color.org and https://force-color.org */
export function isColored(color: Color, env: Environment): boolean {
  if (color !== 'auto') return color === 'always';
  if (env.NO_COLOR) return false;
  return env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}
