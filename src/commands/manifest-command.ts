/** What `clockout inject` and `clockout explain` share: they read manifests, admit their pods, and print a text. */
import type { Command } from 'commander';
import type { Flags } from '../config/parse.ts';
import type { AdmitDeps } from '../manifests/admit-manifests.ts';
import type { Result, Source } from '../manifests/find-pods.ts';
import { readSources } from '../manifests/read-files.ts';
import { type Cli, exitCode, type Io, runWithConfig, withLookup } from './command.ts';
import { podSettings } from './setup/pod-settings.ts';
import { addSettings, type Color, colorOption, isColored, type outputOption } from './shared-options.ts';

export type ManifestFlags = Flags & { filename: string[]; color: Color; registry?: boolean };

/** The manifests, and what their pods are admitted by. */
export type ManifestInput = AdmitDeps & { sources: readonly Source[]; color: boolean };

/** `text` goes to standard output, and each line of `report` to standard error. */
export type ManifestOutput = Result<{ text: string; report: readonly string[] }>;

export const addManifestOptions = (command: Command, output: ReturnType<typeof outputOption>): Command =>
  addSettings(
    command
      .requiredOption('-f, --filename <path...>', 'file, directory, or - for standard input')
      .addOption(output)
      .addOption(colorOption())
      .option('--registry', 'ask registries for the entrypoints of images, with your Docker credentials'),
    ['pods', 'registries'],
  );

/** @param turn manifests into the output of the command */
export const runOnManifests = (
  cli: Cli,
  flags: ManifestFlags,
  turn: (input: ManifestInput) => Promise<ManifestOutput>,
) =>
  runWithConfig(cli, flags, async (config) => {
    const deps = { settings: podSettings(config), color: isColored(flags.color, cli.env) };
    if (!flags.registry) return printManifests(flags.filename, deps, cli.io, turn);
    return withLookup(config, cli, (lookup) => printManifests(flags.filename, { ...deps, lookup }, cli.io, turn));
  });

/** All or nothing: with a problem, nothing goes to standard output. */
export async function printManifests(
  files: readonly string[],
  deps: Omit<ManifestInput, 'sources'>,
  io: Io,
  turn: (input: ManifestInput) => Promise<ManifestOutput>,
) {
  const read = await readSources(files, io.stdin);
  const turned = read.ok ? await turn({ ...deps, sources: read.value }) : read;
  if (turned.ok) io.stdout(turned.value.text);
  for (const line of turned.ok ? turned.value.report : turned.problems) io.stderr(`${line}\n`);
  return turned.ok ? exitCode.ok : exitCode.badInput;
}
