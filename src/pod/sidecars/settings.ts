/**
 * Reads how a container's program is set up, from its flags and environment variables. A value that the pod does not show
 * (`valueFrom`, or a reference to nothing) is a reference here, `$(NAME)`, which is no valid value.
 */
import type { Container } from '../schema.ts';

/** @returns the value of `--flag=value` or `--flag value`, with one or two dashes, or else of the environment variable */
export function settingOf(container: Container, flag: string, variable?: string): string | undefined {
  const { word, next } = findFlag(container, flag) ?? {};
  if (word === undefined) return variable === undefined ? undefined : variableOf(container, variable);
  return resolved(container, valueIn(word) ?? next ?? '');
}

/** A switch has its value after `=` only: `--flag false` turns it on. */
export function isOn(container: Container, flag: string, variable?: string): boolean {
  const { word } = findFlag(container, flag) ?? {};
  if (word === undefined) return variable !== undefined && isTrue(variableOf(container, variable));
  const value = valueIn(word);
  return value === undefined || isTrue(resolved(container, value));
}

/** An empty variable counts as unset, as in these programs. Variables from `envFrom` are not seen. */
export function variableOf({ env }: Container, variable: string): string | undefined {
  const found = env?.findLast(({ name }) => name === variable);
  return found?.valueFrom == null ? found?.value || undefined : `$(${variable})`;
}

/** @see https://pkg.go.dev/strconv#ParseBool */
export const isTrue = (text: string | null | undefined): boolean =>
  text != null && /^(1|t|T|true|TRUE|True)$/.test(text);

/** @returns the port of an address, or of a port alone; `preset` if `text` is not set; undefined for anything else */
export function portOf(text: string | null | undefined, preset: number): number | undefined {
  if (text == null) return preset;
  const port = Number(/(?:^|:)(\d{1,5})$/.exec(text)?.[1]);
  return port > 0 && port <= 65535 ? port : undefined;
}

// --- internal ---

/** The last one counts. */
function findFlag({ command, args }: Container, flag: string): { word: string; next: string | undefined } | undefined {
  for (const [words, after] of [[args, undefined] as const, [command, args?.[0]] as const]) {
    const at = words?.findLastIndex((word) => isFlag(word, flag)) ?? -1;
    const word = words?.[at];
    if (word !== undefined) return { word, next: words?.[at + 1] ?? after };
  }
  return undefined;
}

function isFlag(word: string, flag: string): boolean {
  if (!word.startsWith('-')) return false;
  const start = word.startsWith('--') ? 2 : 1;
  const end = start + flag.length;
  return word.startsWith(flag, start) && (word.length === end || word[end] === '=');
}

const valueIn = (word: string) => (word.includes('=') ? word.slice(word.indexOf('=') + 1) : undefined);

/**
 * The kubelet's expansion of a value that is one reference, `$(NAME)`; a text with several could grow without bound.
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
 */
function resolved(container: Container, value: string): string {
  const variable = /^\$\(([^)]+)\)$/.exec(value)?.[1];
  return (variable && variableOf(container, variable)) ?? value;
}
