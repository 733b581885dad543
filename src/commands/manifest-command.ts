/** What `clockout inject` and `clockout explain` share: they read manifests, admit their pods, and print a text. */
import { InvalidArgumentError, Option } from 'commander';
import type { Flags } from '../config/parse.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import type { AdmitDeps } from '../manifests/admit-manifests.ts';
import type { Source } from '../manifests/find-pods.ts';
import { readSources } from '../manifests/read-files.ts';
import { parseTemplatePath, type TemplatePath } from '../manifests/template-paths.ts';
import type { Result } from '../util/result.ts';
import { type DefineCommand, exitCode, type Io, runWithConfig, withLookup } from './command.ts';
import { podSettings } from './setup/pod-settings.ts';
import { addSettings, type Color, colorOption, isColored, outputOption } from './shared-options.ts';

type ManifestFlags = Flags & { filename: string[]; templatePath: TemplatePath[]; color: Color; registry?: boolean };

/** The manifests, and what their pods are admitted by. */
export type ManifestInput = AdmitDeps & { sources: readonly Source[]; color: boolean };

/** `text` goes to standard output, and each line of `report` to standard error. */
export type ManifestOutput = Result<{ text: string; report: readonly string[] }, readonly string[]>;

type ManifestCommand<Form extends string> = {
  description: string;
  /** What `-o` accepts, the default first. */
  forms: [Form, ...Form[]];
  /** Turns the manifests into the output of the command. */
  turn: (input: ManifestInput, form: Form) => Promise<ManifestOutput>;
};

export const defineManifestCommand =
  <Form extends string>({ description, forms, turn }: ManifestCommand<Form>): DefineCommand =>
  (command, cli) => {
    command
      .description(description)
      .requiredOption('-f, --filename <path...>', 'file, directory, or - for standard input')
      .addOption(outputOption(...forms))
      .addOption(colorOption())
      .addOption(templatePathOption())
      .option('--registry', 'ask registries for the entrypoints of images, with your Docker credentials');
    addSettings(command, ['pods', 'registries']).action((flags: ManifestFlags & { output: Form }) =>
      runWithConfig(cli, flags, async (config) => {
        const deps = { settings: podSettings(config), color: isColored(flags.color, cli.env) };
        const print = (lookup?: LookupImageConfig) =>
          printManifests(
            { files: flags.filename, paths: flags.templatePath },
            { ...deps, ...(lookup && { lookup }) },
            cli.io,
            (input) => turn(input, flags.output),
          );
        return flags.registry ? withLookup(config, cli, print) : print();
      }),
    );
  };

/** All or nothing: with a problem, nothing goes to standard output. */
export async function printManifests(
  { files, paths = [] }: { files: readonly string[]; paths?: readonly TemplatePath[] },
  deps: Omit<ManifestInput, 'sources'>,
  io: Io,
  turn: (input: ManifestInput) => Promise<ManifestOutput>,
) {
  const read = await readSources(files, io.stdin, paths);
  const turned = read.ok ? await turn({ ...deps, sources: read.value }) : read;
  if (turned.ok) io.stdout(turned.value.text);
  for (const line of turned.ok ? turned.value.report : turned.problem) io.stderr(`${line}\n`);
  return turned.ok ? exitCode.ok : exitCode.badInput;
}

// --- internal ---

const templatePathOption = () =>
  new Option('--template-path <path>', 'where objects of other kinds have a pod template; several are possible')
    .argParser(collectPath)
    .default([], 'none');

function collectPath(text: string, others: TemplatePath[]): TemplatePath[] {
  const path = parseTemplatePath(text);
  if (!path) throw new InvalidArgumentError('expected a JSON pointer such as /spec/jobTargetRef/template.');
  return [...others, path];
}
