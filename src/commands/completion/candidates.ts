/** The words that can complete a command line, from the commands' own definitions. Pure. */
import type { Command, Option } from 'commander';

/** What only a cluster, the kubeconfig or the file system knows. `jobs-and-pods`: Jobs also by their names alone. */
export type Elsewhere = 'files' | 'namespaces' | 'contexts' | 'objects' | 'jobs-and-pods';

export type Candidates = { values: Candidate[]; elsewhere?: Elsewhere };
export type Candidate = { value: string; description?: string };

/**
 * @param program with its commands; the one that the words name is defined
 * @param words those after the name of the program, the last being written, which can be empty
 */
export function findCandidates(program: Command, words: readonly string[]): Candidates {
  const { before, current } = splitWords(words);
  const [name, ...given] = before;
  if (name === undefined) return { values: current.startsWith('-') ? listOptions(program) : listCommands(program) };
  const command = program.commands.find((each) => each.name() === name);
  if (!command) return { values: [] };
  const option = findOption(command, given.at(-1));
  if (option && takesValue(option)) return completeValue(option);
  if (current.startsWith('-')) return { values: listOptions(command) };
  const [argument] = command.registeredArguments;
  if (argument?.argChoices) return { values: argument.argChoices.map((value) => ({ value })) };
  const elsewhere = objectsOf.get(name);
  return { values: [], ...(elsewhere && { elsewhere }) };
}

// --- internal ---

/** The commands whose arguments are objects of a cluster. */
const objectsOf: ReadonlyMap<string, Elsewhere> = new Map([
  ['explain', 'objects'],
  ['end', 'jobs-and-pods'],
]);

/** bash takes `--output=json` for three words, other shells for one. */
function splitWords(words: readonly string[]): { before: string[]; current: string } {
  const [before, current] = [words.slice(0, -1), words.at(-1) ?? ''];
  if (current === '=') return { before: [...before], current: '' };
  if (before.at(-1) === '=') return { before: before.slice(0, -1), current };
  const [flag, value] = /^(--[^=]+)=(.*)$/s.exec(current)?.slice(1) ?? [];
  return flag === undefined || value === undefined
    ? { before: [...before], current }
    : { before: [...before, flag], current: value };
}

const listCommands = (program: Command): Candidate[] =>
  program.commands
    .filter((command) => !isHidden(command))
    .map((command) => ({ value: command.name(), description: command.summary() }));

/** Commander keeps that to itself, except for its help. */
const isHidden = (command: Command): boolean =>
  command.parent !== null && !command.parent.createHelp().visibleCommands(command.parent).includes(command);

const listOptions = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));

const findOption = (command: Command, flag: string | undefined): Option | undefined =>
  command.options.find(({ short, long }) => flag !== undefined && (short === flag || long === flag));

const takesValue = ({ required, optional }: Option): boolean => required || optional;

function completeValue({ argChoices, long }: Option): Candidates {
  if (argChoices) return { values: argChoices.map((value) => ({ value })) };
  if (long === '--namespace') return { values: [], elsewhere: 'namespaces' };
  if (long === '--context') return { values: [], elsewhere: 'contexts' };
  return { values: [], ...(long && filePattern.test(long) && { elsewhere: 'files' as const }) };
}

const filePattern = /^--(?:filename|kubeconfig)$|-file$/;
