/** How to recognise what an earlier call of Clockout put into a pod. */
import { guardCommand, initCommand, initContainerName, wrapperCommand } from './names.ts';
import { type Container, type ContainerAt, findContainer } from './schema.ts';

/**
 * `before`: the words that other webhooks put before the wrapper; `argv`: what the wrapper runs. `inText`: another webhook has
 * joined the words into a shell's script, so Clockout cannot change them; `before` is empty, and `argv` is all that the container
 * is to run.
 */
export type Wrapped = { before: string[]; argv: string[]; inText?: true };

/**
 * Splits a wrapped container's command and args. The wrapper can stand anywhere in them, because other webhooks put programs
 * of their own before it. If that made an earlier version wrap twice, all wrappers but one are dropped: the one in a shell's script
 * stays, because it is the one that Clockout cannot drop, and else the first one.
 * @returns undefined for a container without the wrapper, and for a wrapper with nothing to run: Clockout never makes one
 */
export function splitWrapped({ command, args }: Container): Wrapped | undefined {
  if (!command?.some(hasScript) && !args?.some(hasScript)) return undefined;
  const words = [...(command ?? []), ...(args ?? [])];
  const found = findWrappers(words);
  const [first] = found;
  const rest = first ? withoutRanges(words, found) : words;
  if (rest.some(runsWrapper)) return { before: [], argv: rest, inText: true };
  return first && { before: words.slice(0, first.start), argv: rest.slice(first.start) };
}

/** Judged by the command, not by a mark on the pod: a container that was added after a first call is not wrapped yet. */
export const isWrapped = (container: Container): boolean => splitWrapped(container) !== undefined;

export const isGuardHook = (command: readonly string[] | null | undefined): boolean =>
  startsWith(command, guardCommand);

export const findOwnInitContainer = (initContainers: readonly Container[]): ContainerAt | undefined =>
  findContainer(initContainers, ({ name, command }) => name === initContainerName && startsWith(command, initCommand));

// --- internal ---

const startsWith = (argv: readonly string[] | null | undefined, start: readonly string[]) =>
  argv != null && start.every((word, i) => argv[i] === word);

type Range = { start: number; end: number };

/** Where the words of wrappers are that have something to run; `end` is after their `--`. */
function findWrappers(words: readonly string[]): Range[] {
  const found: Range[] = [];
  for (let next = findWrapper(words, 0); next && next.end < words.length; next = findWrapper(words, next.end))
    found.push(next);
  return found;
}

function findWrapper(words: readonly string[], from: number): Range | undefined {
  const [first = ''] = wrapperCommand;
  for (let start = words.indexOf(first, from); start >= 0; start = words.indexOf(first, start + 1)) {
    if (!wrapperCommand.every((word, i) => words[start + i] === word)) continue;
    const end = words.indexOf('--', start);
    return end < 0 ? undefined : { start, end: end + 1 };
  }
  return undefined;
}

const withoutRanges = (words: readonly string[], ranges: readonly Range[]): string[] =>
  [...ranges, { start: words.length, end: words.length }].flatMap(({ start }, i) =>
    words.slice(ranges[i - 1]?.end ?? 0, start),
  );

/** Whether a text has the wrapper's words in it, however they are quoted. */
const runsWrapper = (text: string): boolean =>
  hasScript(text) && findWrapper(text.split(/[\s,;'"`|&<>\\[\](){}]+/), 0) !== undefined;

const scriptPath = wrapperCommand.at(-1) ?? '';

const hasScript = (word: string): boolean => word.includes(scriptPath);
