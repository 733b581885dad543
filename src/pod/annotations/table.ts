/**
 * The options that a pod may set as annotations: one table, from which come the strict parser, the types and the docs.
 * A value that does not parse is never replaced by a default: the pod is left alone and its owner told why.
 */
import { injectLabel, prefix, statusAnnotation } from '../names.ts';
import { duration, durationForm, entrypoint, flag, list, loopbackUrls, loopbackUrlsForm, oneOf } from './values.ts';

type Option<T> = {
  /** What a good value looks like; ends the sentence "expected …". */
  expected: string;
  fallback: T;
  /** The fallback in words, for the docs. */
  default: string;
  about: string;
  parse: (text: string) => T | undefined;
};

const option = <T>(spec: Option<T>) => spec;

export const optionTable = {
  containers: option<string[] | undefined>({
    expected: 'names of containers, separated by commas',
    fallback: undefined,
    default: 'all app containers',
    about: 'The containers whose end ends the pod; others are neither wrapped nor waited for.',
    parse: list,
  }),
  'exclude-containers': option<string[]>({
    expected: 'names of containers, separated by commas',
    fallback: [],
    default: 'none',
    about: 'Containers to leave out, such as a sidecar of your own.',
    parse: list,
  }),
  entrypoint: option<string[] | Record<string, string[]> | undefined>({
    expected: 'a JSON array such as ["/app","--now"], or an object from container name to such an array',
    fallback: undefined,
    default: '–',
    about: "What the image would run before the pod's args, for a container without `command`.",
    parse: entrypoint,
  }),
  'wait-for-proxy': option<boolean | undefined>({
    expected: 'true or false',
    fallback: undefined,
    default: 'true, but false where waiting could deadlock or get the container killed',
    about: 'Start the app only once the proxy is ready.',
    parse: flag,
  }),
  'wait-timeout': option({
    expected: durationForm,
    fallback: 2 * 60_000,
    default: '2m',
    about: 'How long to wait for the proxy.',
    parse: duration,
  }),
  'on-wait-timeout': option({
    expected: 'start or fail',
    fallback: 'start' as 'start' | 'fail',
    default: 'start',
    about: 'What to do when the proxy is not ready by then: start the app anyway, or fail with exit code 124.',
    parse: oneOf('start', 'fail'),
  }),
  quit: option({
    expected: 'auto, on-success, always or never',
    fallback: 'auto' as 'auto' | 'on-success' | 'always' | 'never',
    default: 'auto',
    about:
      'When a container counts as ended: `auto` at any end under restartPolicy Never and at exit 0 under OnFailure, `on-success` at exit 0, `always` at any end; `never` leaves the proxy to somebody else.',
    parse: oneOf('auto', 'on-success', 'always', 'never'),
  }),
  'quit-timeout': option({
    expected: durationForm,
    fallback: 30_000,
    default: '30s',
    about: 'How long a container stays to tell a sidecar to quit.',
    parse: duration,
  }),
  'quit-delay': option({
    expected: durationForm,
    fallback: 0,
    default: '0s',
    about: 'Time between the last end and the quit, for a proxy that has access logs or traces left to send.',
    parse: duration,
  }),
  'start-timeout': option({
    expected: durationForm,
    fallback: 60 * 60_000,
    default: '1h (60m)',
    about: 'Under restartPolicy Never: when to give up a container that never started; 0s means never.',
    parse: duration,
  }),
  'report-after': option({
    expected: durationForm,
    fallback: 10 * 60_000,
    default: '10m',
    about:
      'When a log names the containers that the pod still waits for, once another has ended: that of a sidecar with a guard, else that of each such container; 0s means never.',
    parse: duration,
  }),
  'quit-urls': option<string[]>({
    expected: loopbackUrlsForm,
    fallback: [],
    default: 'none',
    about:
      'Further sidecars to end: when all containers have ended, each URL gets a POST, until it takes one or quit-timeout is over.',
    parse: loopbackUrls,
  }),
  guard: option({
    expected: 'true or false',
    fallback: true,
    default: 'true',
    about:
      'Whether a guard runs in the container of each sidecar; without it, a killed app leaves the sidecars running.',
    parse: flag,
  }),
  probes: option({
    expected: 'none, readiness or readiness-liveness',
    fallback: 'none' as 'none' | 'readiness' | 'readiness-liveness',
    default: 'none',
    about: 'Probes to add to the app containers that check that the proxy is started and ready.',
    parse: oneOf('none', 'readiness', 'readiness-liveness'),
  }),
  trace: option({
    expected: 'true or false',
    fallback: false,
    default: 'false',
    about: 'Whether wrappers and guards say in their logs what they decide, in lines that begin with `clockout:`.',
    parse: flag,
  }),
};

type Name = keyof typeof optionTable;

/** All that there are, without their prefix. */
export const optionNames = Object.keys(optionTable) as Name[];

/** Those that the operator lets pods use; undefined: all. */
export type AllowedAnnotations = ReadonlySet<string> | undefined;

export type Options = { [N in Name]: (typeof optionTable)[N]['fallback'] };

export const defaultOptions = Object.fromEntries(
  Object.entries(optionTable).map(([name, { fallback }]) => [name, fallback]),
) as Options;

/**
 * The pod's options, and a sentence for each value that cannot be used. One that the operator does not allow is such a problem,
 * too: without what it asks for, the pod could end otherwise than its owner means.
 * @param annotations all of the pod's; only those under `clockout.dev/` are read
 */
export function parseOptions(
  annotations: Record<string, string | null>,
  allowed?: AllowedAnnotations,
): { options: Options; problems: string[] } {
  const options = { ...defaultOptions };
  const problems: string[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    const text = value ?? '';
    if (!key.startsWith(prefix) || key === statusAnnotation) continue;
    const name = key.slice(prefix.length);
    const read = readOption(key, name, text, allowed);
    if (typeof read === 'string') problems.push(read);
    else Object.assign(options, { [name]: read.value });
  }
  return { options, problems };
}

/** @returns what the option is set to, or what is wrong */
function readOption(key: string, name: string, text: string, allowed: AllowedAnnotations): { value: unknown } | string {
  const spec: Option<unknown> | undefined = Object.hasOwn(optionTable, name) ? optionTable[name as Name] : undefined;
  if (spec === undefined) return unknownKey(key);
  if (allowed?.has(name) === false) return notAllowed(key, allowed);
  const value = spec.parse(text);
  return value === undefined ? badValue(key, spec.expected, text) : { value };
}

/** Found values are somebody else's text: quoted, and short enough for a warning. */
export const badValue = (key: string, expected: string, found: string) =>
  `${key}: expected ${expected}; found ${JSON.stringify(found.length > 60 ? `${found.slice(0, 60)}…` : found)}`;

const unknownKey = (key: string) =>
  key === injectLabel
    ? `${key} is a label, not an annotation`
    : `${JSON.stringify(key)} is not an annotation that Clockout knows; it knows ${optionNames.join(', ')}`;

const notAllowed = (key: string, allowed: ReadonlySet<string>) =>
  `${key} is not allowed in this cluster; Clockout's operator allows ${allowed.size > 0 ? `only ${[...allowed].join(', ')}` : 'no annotations'}`;
