/**
 * Reads the options of a pod from its annotations. A value that does not parse is never replaced by a default: the pod is
 * skipped, with a warning.
 */
import { fail, ok, type Result } from '../../util/result.ts';
import { injectLabel, prefix, writtenAnnotations } from '../names.ts';
import { defaultOptions, type Option, type OptionName, type Options, optionTable } from './table.ts';

/** The names of the options that the operator allows pods to set; undefined = all. */
export type AllowedAnnotations = ReadonlySet<string> | undefined;

/** What is wrong with an annotation or label of Clockout. `found` is text of the pod's author. */
export type AnnotationProblem =
  | { code: 'bad-value'; key: string; expected: string; found: string }
  | { code: 'unknown-annotation' | 'label-as-annotation'; key: string }
  | { code: 'not-allowed'; key: string; allowed: readonly string[] }
  | { code: 'chosen-and-excluded'; container: string; options: readonly [OptionName, OptionName] }
  | { code: 'one-entrypoint-for-many'; apps: number }
  | { code: 'without-effect'; option: OptionName; value: string; useless: OptionName };

/**
 * The pod's options, and a problem for each annotation that cannot be used. An annotation that the operator does not allow is a
 * problem, too: without it, the pod could end otherwise than its author expects. For a pod without any of these annotations, the
 * options are `defaultOptions` itself.
 * @param annotations all of the pod's; only those under `clockout.dev/` are read
 */
export function parseOptions(
  annotations: Readonly<Record<string, string | null>>,
  allowed?: AllowedAnnotations,
): { options: Options; problems: AnnotationProblem[] } {
  let options = defaultOptions;
  const problems: AnnotationProblem[] = [];
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(prefix) || writtenAnnotations.includes(key)) continue;
    const name = key.slice(prefix.length);
    const read = readOption(key, name, annotations[key] ?? '', allowed);
    if (read.ok) options = { ...options, [name]: read.value };
    else problems.push(read.problem);
  }
  return { options, problems };
}

// --- internal ---

function readOption(
  key: string,
  name: string,
  text: string,
  allowed: AllowedAnnotations,
): Result<unknown, AnnotationProblem> {
  const spec: Option<unknown> | undefined = Object.hasOwn(optionTable, name)
    ? optionTable[name as OptionName]
    : undefined;
  if (spec === undefined)
    return fail({ code: key === injectLabel ? 'label-as-annotation' : 'unknown-annotation', key });
  if (allowed?.has(name) === false) return fail({ code: 'not-allowed', key, allowed: [...allowed] });
  const value = spec.parse(text);
  return value === undefined ? fail({ code: 'bad-value', key, expected: spec.expected, found: text }) : ok(value);
}
