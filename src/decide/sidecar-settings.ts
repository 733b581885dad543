/** What a container's own flags and environment say: all that a pod shows of how its program is set up. */
import type { Container } from '../types.ts';

/** Of `--flag=value` or `--flag value`, also with one dash, else of the environment variable; undefined where neither is there. */
export function settingOf(container: Container, flag: string, variable?: string): string | undefined {
  const words = wordsOf(container);
  const at = words.findLastIndex((word) => isFlag(word, flag));
  const word = words[at];
  if (word === undefined) return variable === undefined ? undefined : variableOf(container, variable);
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1];
}

/** A switch takes its value with `=` only: `--flag false` turns it on. */
export function isOn(container: Container, flag: string, variable?: string): boolean {
  const word = wordsOf(container).findLast((each) => isFlag(each, flag));
  if (word === undefined) return variable !== undefined && isTrue(variableOf(container, variable));
  return !word.includes('=') || isTrue(word.slice(word.indexOf('=') + 1));
}

export const variableOf = ({ env }: Container, variable: string): string | undefined =>
  env?.findLast(({ name }) => name === variable)?.value ?? undefined;

/** @see https://pkg.go.dev/strconv#ParseBool */
export const isTrue = (text: string | null | undefined): boolean =>
  text != null && /^(1|t|T|true|TRUE|True)$/.test(text);

/** The last number of an address, a port alone included; undefined for anything else. */
export function portOf(text: string | null | undefined): number | undefined {
  const port = Number(/(?:^|:)(\d{1,5})$/.exec(text ?? '')?.[1]);
  return port > 0 && port <= 65535 ? port : undefined;
}

const isFlag = (word: string, flag: string) => /^--?([^=]*)/.exec(word)?.[1] === flag;

const wordsOf = ({ command, args }: Container): string[] => [...(command ?? []), ...(args ?? [])];
