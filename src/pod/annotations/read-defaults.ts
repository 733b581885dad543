/**
 * Values that the options of pods have where the pod itself sets none: those of its namespace, and below them those of the
 * installation. A default that cannot be used has no effect, and a sentence says so: it is not the pod's author who wrote it, so the
 * pod is not skipped for it.
 */
import { fail, ok, type Result } from '../../util/result.ts';
import { listed, quote, shortened } from '../../util/text.ts';
import { prefix, proxyContainerName } from '../names.ts';
import type { AllowedAnnotations } from './parse.ts';
import { type OptionName, type Options, optionNames, optionTable, withoutEffect } from './table.ts';

/** Options by name, as their texts and as what these say. */
export type Defaults = {
  texts: Readonly<Record<string, string>>;
  values: Partial<Options>;
  problems: readonly DefaultProblem[];
};

/** Those that hold for a pod. */
export type DefaultLevels = { installation?: Defaults | undefined; namespace?: Defaults | undefined };

/** What is wrong with a default. `found` is the text that was written. */
export type DefaultProblem =
  | { code: 'bad-value'; name: OptionName; found: string }
  | { code: 'unknown'; name: string }
  | { code: 'no-default'; name: NotDefault }
  | { code: 'not-allowed'; name: OptionName }
  | { code: 'useless'; name: OptionName; by: OptionName; value: string }
  | { code: 'twice'; container: string }
  | { code: 'too-long'; most: number };

/** Options that no default can set, and what to do instead. */
const notDefaults = {
  strategy: 'set the label clockout.dev/strategy of the namespace, or the setting `strategy` of the installation',
  containers: 'only a pod can name its apps; name sidecars in exclude-containers or sidecars',
  entrypoint: 'only a pod can say what its image runs',
  'quit-urls': 'only a pod can say which URLs its sidecars have',
} as const satisfies Partial<Record<OptionName, string>>;

type NotDefault = keyof typeof notDefaults;

/** The options that a default can set. */
export const defaultNames = optionNames.filter((name) => !Object.hasOwn(notDefaults, name));

/**
 * @param texts by name, without `clockout.dev/`
 * @param allowed the options that may be set; undefined = all
 */
export function readDefaults(texts: Readonly<Record<string, string>>, allowed?: AllowedAnnotations): Defaults {
  const values: Partial<Options> = {};
  const problems: DefaultProblem[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const read = readDefault(name, text, allowed);
    if (read.ok) Object.assign(values, { [name]: read.value });
    else problems.push(read.problem);
  }
  return { texts, values, problems: [...problems, ...dropContradictions(values)] };
}

/** As JSON, in UTF-16 code units. */
export const longestDefaults = 4096;

export const tooLongDefaults: Defaults = {
  texts: {},
  values: {},
  problems: [{ code: 'too-long', most: longestDefaults }],
};

/** @returns those of Clockout; Kubernetes has only texts as values */
export const pickOwn = (annotations: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations).filter(
      (entry): entry is [string, string] => entry[0].startsWith(prefix) && typeof entry[1] === 'string',
    ),
  );

/** @param annotations of a namespace */
export function readNamespaceDefaults(
  annotations: Readonly<Record<string, unknown>>,
  allowed?: AllowedAnnotations,
): Defaults | undefined {
  const own = pickOwn(annotations);
  const texts = Object.fromEntries(Object.entries(own).map(([key, text]) => [key.slice(prefix.length), text]));
  if (Object.keys(own).length === 0) return undefined;
  return JSON.stringify(own).length > longestDefaults ? tooLongDefaults : readDefaults(texts, allowed);
}

/** @returns a sentence without its subject, for a log, a warning or an error at the start */
export function describeDefault(problem: DefaultProblem): string {
  switch (problem.code) {
    case 'bad-value':
      return `${problem.name}: expected ${optionTable[problem.name].expected}; found ${quote(problem.found)}`;
    case 'unknown':
      return `${quote(problem.name)} is not an annotation of Clockout; those with defaults are ${defaultNames.join(', ')}`;
    case 'no-default':
      return `${problem.name} cannot have a default; ${notDefaults[problem.name]}`;
    case 'not-allowed':
      return `${problem.name} is not allowed in this cluster (setting \`allowedAnnotations\`)`;
    case 'useless':
      return `${problem.name} has no effect with ${problem.by}: ${problem.value}; remove one of them`;
    case 'twice':
      return `container ${shortened(problem.container, 63)} is in both exclude-containers and sidecars; remove it from one`;
    case 'too-long':
      return `the annotations are longer than ${problem.most} characters, so none of them has an effect; shorten them`;
  }
}

/**
 * Adds defaults to the options that a pod sets. What the pod itself says of a container is not changed, and names of containers
 * that the pod does not have are left out.
 * @param isOwn whether the pod sets the option
 * @param containers the names of the pod's containers
 */
export function withDefaults(
  own: Options,
  isOwn: (name: OptionName) => boolean,
  containers: readonly string[],
  { installation, namespace }: DefaultLevels,
): Options {
  const merged = { ...own };
  for (const level of [installation, namespace])
    for (const [name, value] of Object.entries(level?.values ?? {}))
      if (!isOwn(name as OptionName)) Object.assign(merged, { [name]: value });
  const taken = new Set([proxyContainerName, ...(own.containers ?? []), ...own['exclude-containers'], ...own.sidecars]);
  for (const name of ['exclude-containers', 'sidecars'] as const) {
    if (isOwn(name) || merged[name].length === 0) continue;
    const named = new Set(merged[name]);
    merged[name] = containers.filter((container) => named.has(container) && !taken.has(container));
    for (const container of merged[name]) taken.add(container);
  }
  return merged;
}

/** `from` is who sets it. */
export type DefaultSource = { name: string; value: string; from: 'namespace' | 'installation' };

/** @returns the defaults that hold for a pod with these annotations */
export function listDefaults(
  annotations: Readonly<Record<string, unknown>>,
  { installation, namespace }: DefaultLevels,
): DefaultSource[] {
  const levels = [['namespace', namespace] as const, ['installation', installation] as const];
  return defaultNames.flatMap((name) => {
    if (annotations[prefix + name] != null) return [];
    const [found] = levels.filter(([, level]) => level && Object.hasOwn(level.values, name));
    return found ? [{ name, value: shortened(`${found[1]?.texts[name]}`, 200), from: found[0] }] : [];
  });
}

// --- internal ---

function readDefault(
  name: string,
  text: string,
  allowed: AllowedAnnotations,
): Result<unknown, Extract<DefaultProblem, { name: string }>> {
  if (!isOption(name)) return fail({ code: 'unknown', name });
  if (isNotDefault(name)) return fail({ code: 'no-default', name });
  if (allowed?.has(name) === false) return fail({ code: 'not-allowed', name });
  const value = optionTable[name].parse(text);
  if (value === undefined) return fail({ code: 'bad-value', name, found: text });
  // For a pod of its own, true also means: even if waiting could deadlock. This cannot be known for all pods.
  return ok(name === 'wait-for-proxy' && value === true ? undefined : value);
}

const isOption = (name: string): name is OptionName => Object.hasOwn(optionTable, name);
const isNotDefault = (name: OptionName): name is NotDefault => Object.hasOwn(notDefaults, name);

/** Changes the values. @returns a problem for each that was dropped */
function dropContradictions(values: Partial<Options>): DefaultProblem[] {
  const problems: DefaultProblem[] = [];
  for (const [by, value, names] of withoutEffect) {
    if (values[by] !== value) continue;
    for (const name of names) {
      if (values[name] === undefined) continue;
      delete values[name];
      problems.push({ code: 'useless', name, by, value: `${value}` });
    }
  }
  const excluded = new Set(values['exclude-containers']);
  const twice = values.sidecars?.filter((container) => excluded.has(container)) ?? [];
  if (twice.length > 0) values.sidecars = values.sidecars?.filter((container) => !excluded.has(container)) ?? [];
  return [...problems, ...listed(twice, 10).map((container) => ({ code: 'twice', container }) as const)];
}
