/** The options of a pod, and the app containers that they leave: annotations held against the containers that there are. */

import { listed } from '../../util/text.ts';
import { injectLabel, prefix, proxyContainerName } from '../names.ts';
import type { Container, Pod } from '../schema.ts';
import { knownIn } from '../sidecars/read.ts';
import { type AllowedAnnotations, badValue, defaultOptions, type Options, parseOptions } from './table.ts';

/** `index` is the position in spec.containers. */
export type AppContainer = { index: number; container: Container };

/** With a problem among the pod's options, none of them counts. */
export function readOptions(pod: Pod, allowed?: AllowedAnnotations): { options: Options; problems: string[] } {
  const { options, problems } = parseOptions(pod.metadata?.annotations ?? {}, allowed);
  const all = [
    ...labelProblems(pod),
    ...problems,
    ...nameProblems(pod, options),
    ...entrypointProblems(pod, options),
    ...contradictions(pod, options),
  ];
  return { options: all.length > 0 ? defaultOptions : options, problems: all };
}

function labelProblems({ metadata }: Pod): string[] {
  const label = metadata?.labels?.[injectLabel];
  if (label == null || label === 'true' || label === 'false') return [];
  return [badValue(`label ${injectLabel}`, '"true" or "false" on a pod', label)];
}

function nameProblems({ spec }: Pod, options: Options): string[] {
  const { entrypoint, containers: only = [], 'exclude-containers': excluded } = options;
  const known = new Set(spec.containers.map(({ name }) => name).filter((name) => name !== proxyContainerName));
  const expected = `names of app containers (${listed([...known], 10).join(', ')})`;
  const named = {
    containers: only,
    'exclude-containers': excluded,
    entrypoint: entrypoint && !Array.isArray(entrypoint) ? Object.keys(entrypoint) : [],
  };
  const unknown = Object.entries(named).flatMap(([option, names]) =>
    names.filter((name) => !known.has(name)).map((name) => badValue(prefix + option, expected, name)),
  );
  const out = new Set(excluded);
  const both = only.filter((name) => out.has(name));
  return [...unknown, ...both.map((name) => `container ${name} is both in ${prefix}containers and exclude-containers`)];
}

function entrypointProblems(pod: Pod, options: Options): string[] {
  if (!Array.isArray(options.entrypoint)) return [];
  const count = appContainers(pod, options).length;
  if (count < 2) return [];
  return [
    `${prefix}entrypoint: expected an object from container name to array for ${count} app containers; found one array`,
  ];
}

/** What an option makes of no use: whoever wrote both expects something of the other. */
const contradicted: [of: keyof Options, value: unknown, useless: (keyof Options)[]][] = [
  ['quit', 'never', ['quit-timeout', 'quit-delay', 'quit-urls', 'start-timeout']],
  ['wait-for-proxy', false, ['wait-timeout', 'on-wait-timeout']],
  ['guard', false, ['start-timeout']],
];

function contradictions({ metadata }: Pod, options: Options): string[] {
  const isSet = (option: keyof Options) => metadata?.annotations?.[prefix + option] !== undefined;
  return contradicted.flatMap(([option, value, useless]) =>
    options[option] !== value
      ? []
      : useless
          .filter(isSet)
          .map(
            (other) =>
              `${prefix}${option}: with ${JSON.stringify(`${value}`)}, ${prefix}${other} has no effect; leave one out`,
          ),
  );
}

/** All containers but sidecars, or those that the options name. */
export function appContainers(pod: Pod, options: Options): AppContainer[] {
  const only = options.containers && new Set(options.containers);
  const excluded = new Set(options['exclude-containers']);
  const known = knownIn(pod);
  const chosen = (container: Container) =>
    container.name !== proxyContainerName &&
    (only?.has(container.name) ?? !known(container)) &&
    !excluded.has(container.name);
  return pod.spec.containers.flatMap((container, index) => (chosen(container) ? [{ index, container }] : []));
}
