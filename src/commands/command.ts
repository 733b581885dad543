/** What every command is, and how it runs: with its configuration, to an exit code. A command knows no process. */
import type { Command } from 'commander';
import { type Config, type ConfigProblem, type Environment, type Flags, parseConfig } from '../config/parse.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import type { Stdin } from '../manifests/read-files.ts';
import { nodeVersionProblem, oldestForNetwork } from '../node-version.ts';

/** `hangs` only where it is asked for: see docs/cli.md. `faults`: of `doctor`. */
export const exitCode = { ok: 0, badInput: 1, usage: 2, hangs: 3, faults: 3 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export type Io = {
  stdin: Stdin;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** Whether stderr is a terminal, which can show progress. */
  isTerminal?: boolean;
  /** Whether stdin is a terminal, on which a question can be answered. */
  isInteractive?: boolean;
};

/** What the command line hands to the command that runs. */
export type Cli = {
  env: Environment;
  io: Io;
  exitWith: (code: ExitCode) => void;
  /** How its reader calls this program: `clockout` or `kubectl clockout`. */
  program: string;
  /** The same with the name of the command that runs, such as `clockout inject`. */
  command: string;
};

/** Adds the options, the help and the action of one command. Each command's file exports one, as `define`. */
export type DefineCommand = (command: Command, cli: Cli) => void;

/** Runs a command with its configuration, or prints everything that is wrong with the configuration. */
export async function runWithConfig(cli: Cli, flags: Flags, run: (config: Config) => Promise<ExitCode>): Promise<void> {
  const parsed = parseConfig(cli.env, flags, cli.command);
  cli.exitWith(parsed.ok ? await run(parsed.value) : printConfigProblems(cli.io, parsed.problem));
}

/** @returns the exit code for them */
export function printConfigProblems(io: Io, problems: readonly ConfigProblem[]): ExitCode {
  printProblems(
    io,
    problems.map(({ message }) => message),
  );
  return problems.some(({ from }) => from === 'flag') ? exitCode.usage : exitCode.badInput;
}

/** Lends a command the lookup with its user's own credentials. What that needs is loaded only now. */
export async function withLookup(
  config: Config,
  { env, io }: Cli,
  run: (lookup: LookupImageConfig) => Promise<ExitCode>,
): Promise<ExitCode> {
  const problem = nodeVersionProblem(process.versions.node, oldestForNetwork);
  if (problem) return printProblems(io, [problem]);
  const { openLocalLookup } = await import('./setup/local-lookup.ts');
  const opened = await openLocalLookup(config, env);
  if (!opened.ok) return printProblems(io, opened.problem);
  try {
    return await run(opened.value.lookup);
  } finally {
    opened.value.close();
  }
}

/** @returns the exit code for them */
export function printProblems({ stderr }: Io, problems: readonly string[]): typeof exitCode.badInput {
  for (const problem of problems) stderr(`clockout: ${problem}\n`);
  return exitCode.badInput;
}
