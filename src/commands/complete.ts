/**
 * `clockout __complete WORD…`: what the scripts of `clockout completion` call, and kubectl for a plugin. It prints a line for each
 * word that fits, with a tab before its description, and then a line such as `:4`, as Cobra's commands do.
 * @see https://github.com/spf13/cobra/blob/v1.10.1/site/content/completions/_index.md#debugging
 */
import type { Command } from 'commander';
import { nodeVersionProblem, oldestForNetwork } from '../node-version.ts';
import { printable } from '../util/text.ts';
import { type Cli, exitCode } from './command.ts';
import { type Candidate, type Elsewhere, findCandidates } from './completion/candidates.ts';

/** @param words those after the name of the program; the last one is being written, and can be empty */
export async function complete(program: Command, words: readonly string[], cli: Cli): Promise<number> {
  const { values, elsewhere } = findCandidates(program, words);
  const current = (words.at(-1) ?? '').replace(/^--[^=]+=|^=$/, '');
  const names = await findNames(elsewhere, words, current, cli);
  const fitting = [...values, ...names].filter(({ value }) => value.startsWith(current));
  for (const candidate of fitting) cli.io.stdout(`${formatLine(candidate)}\n`);
  const isOpen = fitting.some(({ value }) => value.endsWith('/'));
  cli.io.stdout(`:${(isOpen ? directives.noSpace : 0) + (elsewhere === 'files' ? 0 : directives.noFiles)}\n`);
  return exitCode.ok;
}

// --- internal ---

/** Cobra's. */
const directives = { noSpace: 2, noFiles: 4 } as const;

async function findNames(elsewhere: Elsewhere | undefined, words: readonly string[], current: string, cli: Cli) {
  if (elsewhere === undefined || elsewhere === 'files') return [];
  if (nodeVersionProblem(process.versions.node, oldestForNetwork)) return [];
  const names = await import('./completion/names.ts');
  return names.findNames(elsewhere, words.slice(0, -1), current, cli);
}

const formatLine = ({ value, description }: Candidate) =>
  printable(value) + (description ? `\t${printable(description)}` : '');
