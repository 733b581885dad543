/** What a check is. Each one is data; what it looks at was gathered before, so checks are pure. */
import type { ApiProblem } from '../kubernetes/api/problem.ts';
import { shortened } from '../util/text.ts';
import type { Facts, Known } from './facts.ts';

export const groups = ['Cluster', 'Installation', 'Webhook configuration', 'Server', 'Wrapper image', 'Nodes'] as const;
type Group = (typeof groups)[number];

/**
 * - `ok`: as it should be
 * - `warning`: works now, but costs something or may not last
 * - `fault`: pods are refused or hang, or soon will be
 * - `unknown`: could not be checked, and the sentence says why
 */
export type State = 'ok' | 'warning' | 'fault' | 'unknown';

export type Finding = {
  state: State;
  /** One sentence without its full stop: what was found. */
  says: string;
  /** What to do, for a state other than `ok`. */
  advice?: string;
  /** A command that does it, on a line of its own. */
  command?: string;
  /** It is unknown because a right is missing: another try would find no more. */
  isForbidden?: true;
};

export type Check = {
  /** Its name in the output, and its anchor in docs/doctor.md. */
  id: string;
  group: Group;
  /** Before an install, after it, in both cases, or only with `--node`. */
  when: 'before' | 'after' | 'always' | 'node';
  /** What it looks at, as sentences for the docs. */
  about: string;
  /** What it means and what to do if it finds something, as sentences for the docs. */
  remedy: string;
  /** The rights that it needs, for the docs. */
  needs: string;
  /** @returns undefined if there is nothing to check, such as without an installation */
  find: (facts: Facts) => Finding | undefined;
};

export const fine = (says: string): Finding => ({ state: 'ok', says });

export const warn = (says: string, advice: string, command?: string): Finding => ({
  state: 'warning',
  says,
  advice,
  ...(command !== undefined && { command }),
});

export const fault = (says: string, advice: string, command?: string): Finding => ({
  state: 'fault',
  says,
  advice,
  ...(command !== undefined && { command }),
});

/** @param what was to be checked, as the end of the sentence "cannot check …" */
export const unknown = (what: string, { kind, message }: ApiProblem): Finding => ({
  state: 'unknown',
  // The API server's own words name the user and the right once more.
  says: `cannot check ${what}: ${kind === 'forbidden' ? message.replace(/ \(.*$/s, '') : message}`,
  ...(kind === 'forbidden' && { isForbidden: true }),
});

/** Judges what is known, or says what is missing. */
export const judge = <T>(
  what: string,
  known: Known<T>,
  find: (value: T) => Finding | undefined,
): Finding | undefined => (known.ok ? find(known.value) : unknown(what, known.problem));

/** The names of a few objects in a sentence: `a, b and 3 more`. */
export function named(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => shortened(name, 100));
  const left = names.length - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown.join('');
}
