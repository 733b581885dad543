/** Checks a pod's options against its containers, and selects the app containers. */

import { listed } from '../../util/text.ts';
import { injectLabel, prefix, proxyContainerName } from '../names.ts';
import type { ContainerAt, PodMetadata } from '../schema.ts';
import type { KnownContainer } from '../sidecars/end.ts';
import { type AllowedAnnotations, type AnnotationProblem, parseOptions } from './parse.ts';
import { type DefaultLevels, withDefaults } from './read-defaults.ts';
import { defaultOptions, type OptionName, type Options, withoutEffect } from './table.ts';

/**
 * With a problem among the pod's options, every option has its usual value, unless only a wrapper has the problem: then a pod with
 * native sidecars has its options. Only what the pod itself says is checked.
 * @param defaults what holds where the pod says nothing
 */
export function readOptions(
  metadata: PodMetadata | null | undefined,
  containers: readonly KnownContainer[],
  allowed?: AllowedAnnotations,
  defaults?: DefaultLevels,
): { options: Options; problems: AnnotationProblem[] } {
  const annotations = metadata?.annotations ?? {};
  const { options, problems } = parseOptions(annotations, allowed);
  const all = [...checkLabel(metadata?.labels?.[injectLabel]), ...problems];
  if (options !== defaultOptions)
    all.push(
      ...checkNames(containers, options),
      ...checkEntrypoint(containers, options),
      ...checkEffects(annotations, options),
    );
  if (all.some((problem) => !isOnlyWrappers(problem))) return { options: defaultOptions, problems: all };
  if (defaults === undefined) return { options, problems: all };
  const isOwn = (name: OptionName) => annotations[prefix + name] != null;
  return { options: withDefaults(options, isOwn, namesOf(containers), defaults), problems: all };
}

/** Whether it is a problem only for a wrapper, which could obey either of two options. Natively, neither has an effect. */
export const isOnlyWrappers = ({ code }: AnnotationProblem): boolean => code === 'without-effect';

/** The containers that the options name, or else all but sidecars. */
export function selectApps(containers: readonly KnownContainer[], options: Options): ContainerAt[] {
  const only = options.containers && new Set(options.containers);
  const excluded = new Set([...options['exclude-containers'], ...options.sidecars]);
  return containers.filter(
    ({ container: { name }, known }) =>
      name !== proxyContainerName && (only?.has(name) ?? !known) && !excluded.has(name),
  );
}

// --- internal ---

function checkLabel(label: string | null | undefined): AnnotationProblem[] {
  if (label == null || label === 'true' || label === 'false') return [];
  return [{ code: 'bad-value', key: `label ${injectLabel}`, expected: '"true" or "false" on a pod', found: label }];
}

function checkNames(containers: readonly KnownContainer[], options: Options): AnnotationProblem[] {
  const { entrypoint, containers: only = [], 'exclude-containers': excluded, sidecars } = options;
  const named = {
    containers: only,
    'exclude-containers': excluded,
    sidecars,
    entrypoint: entrypoint && !Array.isArray(entrypoint) ? Object.keys(entrypoint) : [],
  };
  const apps = new Set(namesOf(containers).filter((name) => name !== proxyContainerName));
  const expected = `names of app containers (${listed([...apps], 10).join(', ')})`;
  const unknown = Object.entries(named).flatMap(([option, names]) =>
    names
      .filter((name) => !apps.has(name))
      .map((found) => ({ code: 'bad-value', key: prefix + option, expected, found }) as const),
  );
  return [
    ...unknown,
    ...findInBoth('containers', only, 'exclude-containers', excluded),
    ...findInBoth('containers', only, 'sidecars', sidecars),
    ...findInBoth('sidecars', sidecars, 'exclude-containers', excluded),
  ];
}

function findInBoth(
  option: OptionName,
  names: readonly string[],
  other: OptionName,
  others: readonly string[],
): AnnotationProblem[] {
  const found = new Set(others);
  return names
    .filter((name) => found.has(name))
    .map((container) => ({ code: 'chosen-and-excluded', container, options: [option, other] }));
}

function checkEntrypoint(containers: readonly KnownContainer[], options: Options): AnnotationProblem[] {
  if (!Array.isArray(options.entrypoint)) return [];
  const apps = selectApps(containers, options).length;
  return apps < 2 ? [] : [{ code: 'one-entrypoint-for-many', apps }];
}

function checkEffects(annotations: Readonly<Record<string, unknown>>, options: Options): AnnotationProblem[] {
  return withoutEffect
    .filter(([option, value]) => options[option] === value)
    .flatMap(([option, value, useless]) =>
      useless
        .filter((other) => annotations[prefix + other] !== undefined)
        .map((other) => ({ code: 'without-effect', option, value: `${value}`, useless: other }) as const),
    );
}

const namesOf = (containers: readonly ContainerAt[]) => containers.map(({ container: { name } }) => name);
