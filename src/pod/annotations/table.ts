/**
 * The options that a pod can set as annotations, as one table: the parser, the types and the docs follow from it.
 * A value that does not parse is never replaced by a default: the pod is skipped, with a warning.
 */
import { fail, ok, type Result } from '../../util/result.ts';
import { injectLabel, prefix, statusAnnotation } from '../names.ts';
import { duration, durationForm, entrypoint, flag, list, loopbackUrls, loopbackUrlsForm, oneOf } from './values.ts';

type Option<T> = {
  /** What a good value looks like; completes the sentence "expected …". */
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
    about: 'The app containers. Clockout wraps them and waits for them, and for no others.',
    parse: list,
  }),
  'exclude-containers': option<string[]>({
    expected: 'names of containers, separated by commas',
    fallback: [],
    default: 'none',
    about: 'Containers that are not apps, such as a sidecar of your own.',
    parse: list,
  }),
  entrypoint: option<string[] | Record<string, string[]> | undefined>({
    expected: 'a JSON array such as ["/app","--now"], or an object from container name to such an array',
    fallback: undefined,
    default: '–',
    about: "The image's ENTRYPOINT, for a container without `command`; the container's `args` follow it.",
    parse: entrypoint,
  }),
  'wait-for-proxy': option<boolean | undefined>({
    expected: 'true or false',
    fallback: undefined,
    default: 'true, but false where waiting could deadlock or get the container killed',
    about: 'Whether the app starts only when the proxy is ready.',
    parse: flag,
  }),
  'wait-timeout': option({
    expected: durationForm,
    fallback: 2 * 60_000,
    default: '2m',
    about: 'How long an app waits for the proxy to become ready.',
    parse: duration,
  }),
  'on-wait-timeout': option({
    expected: 'start or fail',
    fallback: 'start' as 'start' | 'fail',
    default: 'start',
    about:
      'What happens if the proxy is not ready by then: the app starts anyway, or its container fails with exit code 124.',
    parse: oneOf('start', 'fail'),
  }),
  quit: option({
    expected: 'auto, on-success, always or never',
    fallback: 'auto' as 'auto' | 'on-success' | 'always' | 'never',
    default: 'auto',
    about:
      'When an app counts as ended: with `auto` at any exit under restartPolicy Never and at exit code 0 under OnFailure, with `on-success` at exit code 0, with `always` at any exit. With `never`, Clockout does not ask the proxy to exit.',
    parse: oneOf('auto', 'on-success', 'always', 'never'),
  }),
  'quit-timeout': option({
    expected: durationForm,
    fallback: 30_000,
    default: '30s',
    about: 'How long a container keeps asking a sidecar to exit.',
    parse: duration,
  }),
  'quit-delay': option({
    expected: durationForm,
    fallback: 0,
    default: '0s',
    about:
      'How long to wait after the last app has ended before the sidecars are asked to exit. A proxy can use the time to send access logs or traces.',
    parse: duration,
  }),
  'start-timeout': option({
    expected: durationForm,
    fallback: 60 * 60_000,
    default: '1h (60m)',
    about:
      'Under restartPolicy Never: after which time a container that has not started counts as ended; 0s means never.',
    parse: duration,
  }),
  'report-after': option({
    expected: durationForm,
    fallback: 10 * 60_000,
    default: '10m',
    about:
      'How long after the first app has ended a log line names the apps that still run; 0s means never. It is in the log of a sidecar with a guard, or else in the log of each of these apps.',
    parse: duration,
  }),
  'quit-urls': option<string[]>({
    expected: loopbackUrlsForm,
    fallback: [],
    default: 'none',
    about:
      'URLs of further sidecars. When all apps have ended, each URL gets a POST, again and again until one succeeds or quit-timeout is over.',
    parse: loopbackUrls,
  }),
  guard: option({
    expected: 'true or false',
    fallback: true,
    default: 'true',
    about:
      'Whether a guard runs in the container of each sidecar. Without a guard, the sidecars keep running if an app is killed.',
    parse: flag,
  }),
  probes: option({
    expected: 'none, readiness or readiness-liveness',
    fallback: 'none' as 'none' | 'readiness' | 'readiness-liveness',
    default: 'none',
    about: 'Probes to add to the app containers. They check that the proxy has started and is ready.',
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

/** The names of all options, without their prefix. */
export const optionNames = Object.keys(optionTable) as Name[];

/** The names of the options that the operator allows pods to set; undefined = all. */
export type AllowedAnnotations = ReadonlySet<string> | undefined;

export type Options = { [N in Name]: (typeof optionTable)[N]['fallback'] };

export const defaultOptions = Object.fromEntries(
  Object.entries(optionTable).map(([name, { fallback }]) => [name, fallback]),
) as Options;

/** What is wrong with an annotation or label of Clockout. `found` is text of the pod's author. */
export type AnnotationProblem =
  | { code: 'bad-value'; key: string; expected: string; found: string }
  | { code: 'unknown-annotation' | 'label-as-annotation'; key: string }
  | { code: 'not-allowed'; key: string; allowed: readonly string[] }
  | { code: 'chosen-and-excluded'; container: string }
  | { code: 'one-entrypoint-for-many'; apps: number }
  | { code: 'without-effect'; option: Name; value: string; useless: Name };

/**
 * The pod's options, and a problem for each annotation that cannot be used. An annotation that the operator does not allow is
 * a problem, too: without it, the pod could end otherwise than its author expects.
 * @param annotations all of the pod's; only those under `clockout.dev/` are read
 */
export function parseOptions(
  annotations: Readonly<Record<string, string | null>>,
  allowed?: AllowedAnnotations,
): { options: Options; problems: AnnotationProblem[] } {
  const options = { ...defaultOptions };
  const problems: AnnotationProblem[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(prefix) || key === statusAnnotation) continue;
    const name = key.slice(prefix.length);
    const read = readOption(key, name, value ?? '', allowed);
    if (read.ok) Object.assign(options, { [name]: read.value });
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
  const spec: Option<unknown> | undefined = Object.hasOwn(optionTable, name) ? optionTable[name as Name] : undefined;
  if (spec === undefined)
    return fail({ code: key === injectLabel ? 'label-as-annotation' : 'unknown-annotation', key });
  if (allowed?.has(name) === false) return fail({ code: 'not-allowed', key, allowed: [...allowed] });
  const value = spec.parse(text);
  return value === undefined ? fail({ code: 'bad-value', key, expected: spec.expected, found: text }) : ok(value);
}
