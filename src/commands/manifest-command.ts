/** What `clockout inject`, `uninject` and `explain` share: they read manifests, and print a text. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DefaultsOf } from '../admission/review.ts';
import type { Config } from '../config/parse.ts';
import { type NamespaceLabels, parseManifests, readNamespaces, type Source } from '../manifests/find-pods.ts';
import { type Input, listInputs } from '../manifests/read-files.ts';
import { formatTemplatePath, isAt, parseTemplatePath, type TemplatePath } from '../manifests/template-paths.ts';
import { readNamespaceDefaults } from '../pod/annotations/read-defaults.ts';
import type { Result } from '../util/result.ts';
import { printableLines } from '../util/text.ts';
import { type AdmitFlags, type Admitting, addAdmitOptions, withAdmitting } from './admit-options.ts';
import { type DefineCommand, exitCode, type Io } from './command.ts';
import { createProgress, terminalOf } from './progress.ts';
import { type Color, colorOption, outputOption } from './shared-options.ts';

export type ManifestFlags<Form> = {
  filename: string[];
  templatePath: TemplatePath[];
  color: Color;
  output: Form;
};

/** The manifests, one file at a time. `labels` and `annotations` are those of the namespaces among them. */
export type Manifests = {
  sources: Iterable<Result<Source, string[]>>;
  labels: NamespaceLabels;
  annotations: NamespaceLabels;
};

/** The manifests, and what their pods are admitted by. */
export type ManifestInput = Manifests & Admitting;

/** The parts of a text go to standard output, and each line of `report` to standard error. */
export type ManifestOutput = Result<
  {
    parts: Iterable<string>;
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
};

export const defineManifestCommand =
  <Form extends string>({ description, forms, turn }: ManifestCommand<Form>): DefineCommand =>
  (command, cli) => {
    addAdmitOptions(addManifestOptions(command.requiredOption(...fileOption), forms))
      .description(description)
      .action((flags: AdmitFlags & ManifestFlags<Form>) =>
        withAdmitting(cli, flags, (deps, { namespaceDefaults }) =>
          printManifests({ files: flags.filename, paths: flags.templatePath }, deps, cli.io, (input) =>
            turn(withNamespaceDefaults(namespaceDefaults, input), flags.output),
          ),
        ),
      );
  };

/** The arguments of commander's `requiredOption`, or of its `option`. */
export const fileOption: [flags: string, description: string] = [
  '-f, --filename <path...>',
  'file, directory, or - for standard input',
];

export const addManifestOptions = (command: Command, forms: readonly [string, ...string[]]): Command =>
  command
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
  const unused = new Set(paths);
  const turned = inputs.ok ? await turn({ ...deps, ...(await openSources(inputs.value, unused, io)) }) : inputs;
  for (const part of turned.ok ? turned.value.parts : []) io.stdout(part);
  // The same advice for many files is enough once.
  const lines = turned.ok ? [...turned.value.report, ...[...unused].map(describeUnused)] : new Set(turned.problem);
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

type NamedText = { name: string; text: Result<string, string[]> };

/** All texts are read first, because the Namespace of a pod can stand in any of them. */
async function openSources(inputs: readonly Input[], unused: Set<TemplatePath>, io: Io): Promise<Manifests> {
  const texts: NamedText[] = [];
  for (const { name, read } of inputs) texts.push({ name, text: await read() });
  const namespaces = findNamespaces(texts);
  const all = (of: 'labels' | 'annotations') => new Map(namespaces.flatMap((found) => [...readNamespaces(found, of)]));
  return { sources: parseAll(texts, unused, io), labels: all('labels'), annotations: all('annotations') };
}

/**
 * Parses one text at a time, so that the objects of all of them are never in memory together.
 * @param unused the paths to templates; those that lead to one are taken out
 */
function* parseAll(texts: readonly NamedText[], unused: Set<TemplatePath>, io: Io) {
  const paths = [...unused];
  const progress = createProgress(texts.length, 'files', terminalOf(io));
  try {
    for (const { name, text } of texts) {
      const parsed = text.ok ? parseManifests(name, text.value, paths) : text;
      const found = parsed.ok ? parsed.value.documents.flatMap(({ templates }) => templates) : [];
      for (const path of unused) if (found.some((each) => isAt(each.path, path))) unused.delete(path);
      yield parsed;
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

const describeUnused = (path: TemplatePath) =>
  `--template-path ${formatTemplatePath(path)}: no object of the input has a pod template there`;

const templatePathOption = () =>
  new Option('--template-path <path>', 'where objects of other kinds have a pod template; several are possible')
    .argParser(collectPath)
    .default([], 'none');

function collectPath(text: string, others: TemplatePath[]): TemplatePath[] {
  const path = parseTemplatePath(text);
  if (!path) throw new InvalidArgumentError('expected a JSON pointer such as /spec/jobTargetRef/template.');
  return [...others, path];
}
