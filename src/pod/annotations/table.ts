/** The options that a pod can set as annotations, as one table: the parser, the types and the docs follow from it. */
import { duration, durationForm, entrypoint, flag, list, loopbackUrls, loopbackUrlsForm, oneOf } from './values.ts';

export type Option<T> = {
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
  strategy: option<'wrap' | 'native' | 'auto' | undefined>({
    expected: 'wrap, native or auto',
    fallback: undefined,
    default: "the label `clockout.dev/strategy` of the namespace, or else the installation's setting",
    about:
      'How the pod is made to end: `wrap` puts a wrapper around its apps, `native` makes its sidecars native, and `auto` chooses `native` where the cluster is new enough, and otherwise `wrap`. See [Which strategy](native.md).',
    parse: oneOf('wrap', 'native', 'auto'),
  }),
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
  sidecars: option<string[]>({
    expected: 'names of containers, separated by commas',
    fallback: [],
    default: 'those that Clockout knows',
    about:
      'Containers that are sidecars although Clockout does not know them. With the strategy `native`, Kubernetes ends them. With `wrap`, nothing ends them, unless `quit-urls` names their URLs.',
    parse: list,
  }),
  entrypoint: option<string[] | Record<string, string[]> | undefined>({
    expected: 'a JSON array such as ["/app","--now"], or an object from container name to such an array',
    fallback: undefined,
    default: '–',
    about:
      "What a container without `command` runs: the image's ENTRYPOINT if the container has `args`, which follow it; otherwise ENTRYPOINT and CMD.",
    parse: entrypoint,
  }),
  'needs-pid-1': option<boolean | undefined>({
    expected: 'true or false',
    fallback: undefined,
    default: 'true for a container that starts an init system, such as `/init` or systemd',
    about:
      'Whether a program of the pod only works as process 1. Under a wrapper, it is not process 1. With `true`, Clockout skips the pod as `needs-pid-1`. With `false`, it wraps the pod whatever the program is called.',
    parse: flag,
  }),
  'wait-for-proxy': option<boolean | undefined>({
    expected: 'true or false',
    fallback: undefined,
    default: 'true, but false if waiting could deadlock or get the container killed (see below)',
    about: 'Whether the app waits until the proxy is ready before it starts.',
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
      'What happens if the proxy is not ready after wait-timeout: the app starts anyway, or its container fails with exit code 124.',
    parse: oneOf('start', 'fail'),
  }),
  quit: option({
    expected: 'auto, on-success, always or never',
    fallback: 'auto' as 'auto' | 'on-success' | 'always' | 'never',
    default: 'auto',
    about:
      'Which exits end an app. `auto`: under restartPolicy Never any exit, under OnFailure exit code 0. `on-success`: exit code 0. `always`: any exit. With `never`, Clockout does not ask the proxy to exit.',
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
    default: '60m',
    about:
      'Under restartPolicy Never, a container that has not started counts as ended after this time. 0s means never.',
    parse: duration,
  }),
  'report-after': option({
    expected: durationForm,
    fallback: 10 * 60_000,
    default: '10m',
    about:
      'If other apps still run this long after the first app has ended, a log line names them. 0s means never. The line is in the log of a sidecar with a guard, or else in the log of each of these apps.',
    parse: duration,
  }),
  'quit-urls': option<string[]>({
    expected: loopbackUrlsForm,
    fallback: [],
    default: 'none',
    about:
      'URLs of further sidecars. When all apps have ended, Clockout sends a POST to each URL. It repeats each POST until this URL accepts it, or until quit-timeout has passed.',
    parse: loopbackUrls,
  }),
  guard: option({
    expected: 'true or false',
    fallback: true,
    default: 'true',
    about:
      'Whether a guard runs in the container of each sidecar. Without guards, all sidecars keep running if the last app is killed, and sidecars that need SIGTERM keep running in any case.',
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

export type Options = { [N in Name]: (typeof optionTable)[N]['fallback'] };

export type OptionName = Name;

/**
 * How a pod is made to end: with a wrapper around its apps (`wrap`), by making its sidecars native ones (`native`), or natively
 * where that is safe and wrapped elsewhere (`auto`).
 */
export type Strategy = NonNullable<Options['strategy']>;

export const strategies: readonly Strategy[] = ['wrap', 'native', 'auto'];

export const defaultOptions = Object.fromEntries(
  Object.entries(optionTable).map(([name, { fallback }]) => [name, fallback]),
) as Options;

/** Options that have no effect with a certain value of another option. Who sets both expects something else. */
export const withoutEffect: [option: Name, value: unknown, useless: Name[]][] = [
  ['quit', 'never', ['quit-timeout', 'quit-delay', 'quit-urls', 'start-timeout']],
  ['wait-for-proxy', false, ['wait-timeout', 'on-wait-timeout']],
  ['guard', false, ['start-timeout']],
];
