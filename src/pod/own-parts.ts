/** How to recognise what an earlier call of Clockout put into a pod. */
import { guardCommand, initCommand, initContainerName, wrapperCommand } from './names.ts';
import { type Container, type ContainerAt, findContainer } from './schema.ts';

/**
 * `before`: the words that other webhooks put before the wrapper; `argv`: what the wrapper runs. `inText`: another webhook has
 * joined the words into a shell's script, so Clockout cannot change them; `argv` is all that the container runs.
 */
export type Wrapped = { before: string[]; argv: string[]; inText?: true };

/**
 * Splits a wrapped container's command and args. The wrapper can stand anywhere in them, because other webhooks put programs
 * of their own before it. If that made an earlier version wrap twice, the inner wrapper is dropped.
 * @returns undefined for a container without the wrapper, and for a wrapper with nothing to run: Clockout never makes one
 */
export function splitWrapped({ command, args }: Container): Wrapped | undefined {
  const words = [...(command ?? []), ...(args ?? [])];
  const wrapper = findWrapper(words, 0);
  if (!wrapper) return words.some(runsWrapper) ? { before: [], argv: words, inText: true } : undefined;
  if (wrapper.end === words.length) return undefined;
  const parts: string[][] = [];
  let from = wrapper.end;
  for (let inner = findWrapper(words, from); inner && inner.end < words.length; inner = findWrapper(words, from)) {
    parts.push(words.slice(from, inner.start));
    from = inner.end;
  }
  return { before: words.slice(0, wrapper.start), argv: [...parts, words.slice(from)].flat() };
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

/** Where the wrapper's words are, from `from` on; `end` is after its `--`. */
function findWrapper(words: readonly string[], from: number): { start: number; end: number } | undefined {
  const [first = ''] = wrapperCommand;
  for (let start = words.indexOf(first, from); start >= 0; start = words.indexOf(first, start + 1)) {
    if (!wrapperCommand.every((word, i) => words[start + i] === word)) continue;
    const end = words.indexOf('--', start);
    return end < 0 ? undefined : { start, end: end + 1 };
  }
  return undefined;
}

/** Whether a text has the wrapper's words in it, however they are quoted. */
const runsWrapper = (text: string): boolean =>
  text.includes(scriptPath) && findWrapper(text.split(/[\s,;'"\\[\](){}]+/), 0) !== undefined;

const scriptPath = wrapperCommand.at(-1) ?? '';
