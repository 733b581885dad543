/** What `clockout inject`, `uninject` and `explain` share: they read manifests, and print a text. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DefaultsOf } from '../admission/review.ts';
import type { Config, Flags } from '../config/parse.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import type { AdmitDeps } from '../manifests/admit-manifests.ts';
import { type NamespaceLabels, parseManifests, readNamespaces, type Source } from '../manifests/find-pods.ts';
import { type Input, listInputs } from '../manifests/read-files.ts';
import { parseTemplatePath, type TemplatePath } from '../manifests/template-paths.ts';
import { readNamespaceDefaults } from '../pod/annotations/defaults.ts';
import type { Result } from '../util/result.ts';
import { printableLines } from '../util/text.ts';
import { type DefineCommand, exitCode, type Io, runWithConfig, withLookup } from './command.ts';
import { createProgress } from './progress.ts';
import { podSettings } from './setup/pod-settings.ts';
import { addSettings, type Color, colorOption, isColored, outputOption } from './shared-options.ts';

export type ManifestFlags<Form> = {
  filename: string[];
  templatePath: TemplatePath[];
  color: Color;
  output: Form;
  exitCode?: boolean;
};

/** The manifests, one file at a time. `labels` and `annotations` are those of the namespaces among them. */
export type Manifests = {
  sources: Iterable<Result<Source, string[]>>;
  labels: NamespaceLabels;
  annotations: NamespaceLabels;
};

/** The manifests, and what their pods are admitted by. `now` is in milliseconds since 1970. */
export type ManifestInput = Manifests & AdmitDeps & { color: boolean; now: () => number };

/** The parts of a text go to standard output, and each line of `report` to standard error. */
export type ManifestOutput = Result<
  {
    parts: readonly string[];
    report: readonly string[];
    /** Whether a pod of the input would hang, or could not be wrapped. */
    hasHangs?: boolean;
  },
  readonly string[]
>;

type ManifestCommand<Form extends string> = {
  description: string;
  /** What `-o` accepts, the default first. */
  forms: [Form, ...Form[]];
  /** Turns the manifests into the output of the command. */
  turn: (input: ManifestInput, form: Form) => Promise<ManifestOutput>;
  /** Whether it has the option --exit-code. */
  judges?: true;
};

export const defineManifestCommand =
  <Form extends string>({ description, forms, turn, judges }: ManifestCommand<Form>): DefineCommand =>
  (command, cli) => {
    addManifestOptions(command, forms)
      .description(description)
      .option('--registry', 'ask registries for the entrypoints of images, with your Docker credentials');
    if (judges) command.addOption(exitCodeOption());
    addSettings(command, ['pods', 'registries']).action((flags: Flags & ManifestFlags<Form> & { registry?: boolean }) =>
      runWithConfig(cli, flags, async (config) => {
        const deps = { settings: podSettings(config), color: isColored(flags.color, cli.env), now: Date.now };
        const print = (lookup?: LookupImageConfig) =>
          printManifests(
            { files: flags.filename, paths: flags.templatePath, judges: flags.exitCode },
            { ...deps, ...(lookup && { lookup }) },
            cli.io,
            (input) => turn(withNamespaceDefaults(config.namespaceDefaults, input), flags.output),
          );
        return flags.registry ? withLookup(config, cli, print) : print();
      }),
    );
  };

export const addManifestOptions = (command: Command, forms: [string, ...string[]]): Command =>
  command
    .requiredOption('-f, --filename <path...>', 'file, directory, or - for standard input')
    .addOption(outputOption(...forms))
    .addOption(colorOption())
    .addOption(templatePathOption());

/** All or nothing: with a problem, nothing goes to standard output. */
export async function printManifests<Deps extends object>(
  { files, paths = [], judges = false }: Request,
  deps: Deps,
  io: Io,
  turn: (input: Deps & Manifests) => Promise<ManifestOutput>,
) {
  const inputs = await listInputs(files, io.stdin);
  const turned = inputs.ok ? await turn({ ...deps, ...(await openSources(inputs.value, paths, io)) }) : inputs;
  for (const part of turned.ok ? turned.value.parts : []) io.stdout(part);
  // The same advice for many files is enough once.
  const lines = turned.ok ? turned.value.report : new Set(turned.problem);
  for (const line of lines) io.stderr(`${printableLines(line)}\n`);
  if (!turned.ok) return exitCode.badInput;
  return judges && turned.value.hasHangs ? exitCode.hangs : exitCode.ok;
}

/** As the webhook, which reads the annotations of namespaces only if it is told to. */
export function withNamespaceDefaults(setting: Config['namespaceDefaults'], input: ManifestInput): ManifestInput {
  if (setting === 'off') return input;
  const { annotations, settings } = input;
  const defaultsOf: DefaultsOf = (namespace) =>
    readNamespaceDefaults(annotations.get(namespace) ?? {}, settings.allowedAnnotations);
  return { ...input, defaultsOf };
}

// --- internal ---

/** `judges`: whether the exit code tells of a pod that hangs. */
type Request = { files: readonly string[]; paths?: readonly TemplatePath[]; judges?: boolean | undefined };

const exitCodeOption = () =>
  new Option('--exit-code', 'exit with code 3 if a pod would hang, could not be wrapped, or needs its registry asked');

type NamedText = { name: string; text: Result<string, string[]> };

/** All texts are read first, because the Namespace of a pod can stand in any of them. */
async function openSources(inputs: readonly Input[], paths: readonly TemplatePath[], io: Io): Promise<Manifests> {
  const texts: NamedText[] = [];
  for (const { name, read } of inputs) texts.push({ name, text: await read() });
  const namespaces = findNamespaces(texts);
  const all = (of: 'labels' | 'annotations') => new Map(namespaces.flatMap((found) => [...readNamespaces(found, of)]));
  return { sources: parseAll(texts, paths, io), labels: all('labels'), annotations: all('annotations') };
}

/** Each text is parsed only when its turn comes, so that not all that is in them is in memory at once. */
function* parseAll(texts: readonly NamedText[], paths: readonly TemplatePath[], { stderr, isTerminal = false }: Io) {
  const progress = createProgress(texts.length, {
    write: isTerminal ? stderr : () => {},
    now: () => performance.now(),
  });
  try {
    for (const { name, text } of texts) {
      yield text.ok ? parseManifests(name, text.value, paths) : text;
      progress.step();
    }
  } finally {
    progress.end();
  }
}

/** Only in texts that have the word. What is wrong with a text is said when it is its turn. */
const findNamespaces = (texts: readonly NamedText[]) =>
  texts.flatMap(({ name, text }) => {
    const parsed = text.ok && /\bNamespace/.test(text.value) ? parseManifests(name, text.value) : undefined;
    return parsed?.ok ? [parsed.value.documents] : [];
  });

const templatePathOption = () =>
  new Option('--template-path <path>', 'where objects of other kinds have a pod template; several are possible')
    .argParser(collectPath)
    .default([], 'none');

function collectPath(text: string, others: TemplatePath[]): TemplatePath[] {
  const path = parseTemplatePath(text);
  if (!path) throw new InvalidArgumentError('expected a JSON pointer such as /spec/jobTargetRef/template.');
  return [...others, path];
}
