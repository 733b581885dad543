/** New recipes out of old ones: other texts, more of the same, another place, two recipes in one. */
import { type Recipe, scaled, type Value } from './recipe.ts';
import { tokens } from './tokens.ts';

/** Numbers from 0 to below 1. */
export type Random = () => number;

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator: enough for a search, and the same on each run */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The lower bits repeat soon.
    return ((state >>> 8) & 0xffff) / 0x10000 + (state >>> 24) / 0x1000000;
  };
}

export function mutate(parent: Recipe, other: Recipe, random: Random): Recipe {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length) % list.length] as T;
  const paths = Object.keys(parent.set);
  const way = random();
  if (paths.length > 0 && way < 0.25) {
    const path = pick(paths);
    const factor = pick([0.1, 0.5, 0.7, 1.5, 2, 4, 16]);
    return { ...parent, set: { ...parent.set, [path]: scaled(parent.set[path] ?? null, factor) } };
  }
  if (paths.length > 0 && way < 0.4) {
    const path = pick(paths);
    return { ...parent, set: { ...parent.set, [path]: withOtherTexts(parent.set[path] ?? null, () => pick(tokens)) } };
  }
  if (way < 0.55) return { pod: parent.pod, set: { ...other.set, ...parent.set } };
  if (paths.length > 1 && way < 0.65) {
    const dropped = pick(paths);
    return { ...parent, set: Object.fromEntries(Object.entries(parent.set).filter(([path]) => path !== dropped)) };
  }
  const [path, values] = pick(Object.entries(places));
  const start = way < 0.85 ? parent : { pod: parent.pod, set: {} };
  return {
    pod: start.pod,
    set: { ...start.set, [path]: pick(values)({ pick, count: () => Math.ceil(2 ** (random() * 21)) }) },
  };
}

// --- internal ---

type Choices = { pick: <T>(list: readonly T[]) => T; count: () => number };
type Make = (choices: Choices) => Value;

const text: Make = ({ pick, count }) => ({ $text: [pick(starts), pick(tokens), count(), pick(ends)] });
const starts = [
  '',
  '',
  'a',
  '1',
  '/',
  'statusPort: ',
  'statusPort',
  '{"statusPort":',
  'x: |\n',
  'http://127.0.0.1/',
  '- ',
  '#',
];
const ends = ['', '', '!', '\n', '\n!', 'statusPort', '\nstatusPort: 1', ',', '"', '}', '/', '@'];
const texts: Make = (choices) => ({ $list: [choices.count(), choices.pick(['', 'a', '#', '-', '--x=#', '[]'])] });
const list =
  (...items: Value[]): Make =>
  ({ pick, count }) => ({ $list: [count(), pick(items)] });
const keys =
  (key: string, ...items: Value[]): Make =>
  ({ pick, count }) => ({ $keys: [count(), key, pick(items)] });
const deep: Make = ({ count, pick }) => ({ $text: ['', pick(['[', '{"a":', '[{"a":']), count(), ''] });
const wrapped = ['/clockout/busybox', 'sh', '/clockout/run', '--'];
const names = [
  'a',
  'app-#',
  'vault-agent',
  'daprd',
  'consul-dataplane-#',
  'cloud-sql-proxy',
  'istio-proxy',
  'clockout-init',
];

const container = (name: string): Value[] => [
  { name },
  { name, image: 'a/app-#' },
  { name, command: ['x'] },
  { name, command: wrapped, args: ['x'] },
  { name, image: 'a/b@sha256:c', args: ['--graceful-port=$(A)', '-x'], env: [{ name: 'A', value: '1' }] },
  { name, lifecycle: { postStart: { exec: { command: ['x'] } } }, livenessProbe: { periodSeconds: 1 } },
  { name, resources: { requests: { memory: '1.5Gi', cpu: 1 } }, volumeMounts: [{ name, mountPath: '/clockout/../#' }] },
];
const mounts = list(
  { name: 'a', mountPath: '/#' },
  { name: 'clockout', mountPath: '/./clockout//x' },
  { name: '', mountPath: '' },
);
const env = list(
  { name: 'A#', value: '' },
  { name: 'PROXY_CONFIG', value: 'statusPort: 1' },
  { name: '' },
  { name: 'A', valueFrom: {} },
);
const expression = (choices: Choices): Value => ({
  key: choices.pick(['kubernetes.io/os', 'kubernetes.io/arch', 'beta.kubernetes.io/arch', 'zone']),
  operator: choices.pick(['In', 'In', 'NotIn', 'Exists']),
  values: choices.pick<Make>([texts, () => ['linux', 'amd64'], (same) => [text(same)]])(choices),
});

/** Every field that is read, and some that are not: what may be put there. */
const places: Record<string, Make[]> = {
  'metadata annotations': [
    keys('clockout.dev/#', 'x', ''),
    keys('a#', '', 'x', null),
    keys('#', ''),
    keys('a#', 1, []),
  ],
  'metadata labels': [keys('a#', '', 'x'), keys('#', '')],
  'metadata ownerReferences': [
    list({ apiVersion: 'batch/v1', kind: 'Job' }, { apiVersion: '', kind: '', controller: true }),
  ],
  'metadata generateName': [text],
  'metadata namespace': [text],
  'metadata managedFields': [list({}, [], 0, '', null), keys('f:#', {}, 0), keys('#', {}, 1)],
  'metadata annotations clockout.dev/containers': [text, ({ count }) => ({ $text: ['app', ',a', count(), ''] })],
  'metadata annotations clockout.dev/exclude-containers': [
    text,
    ({ count }) => ({ $text: ['', 'app,', count(), 'b'] }),
  ],
  'metadata annotations clockout.dev/entrypoint': [
    text,
    deep,
    ({ count }) => ({ $json: { $list: [count(), 'x'] } }),
    ({ count }) => ({ $json: { $keys: [count(), 'app-#', ['x']] } }),
  ],
  'metadata annotations clockout.dev/quit-urls': [
    text,
    ({ count }) => ({ $text: ['', 'http://127.0.0.1:1/x,', count(), 'http://[::1]'] }),
  ],
  'metadata annotations clockout.dev/status': [
    text,
    deep,
    ({ count }) => ({
      $json: { version: '', sidecar: 'injected', containers: { $keys: [count(), 'app-#', { entrypoint: 'pod' }] } },
    }),
  ],
  'metadata annotations clockout.dev/wait-timeout': [text],
  'metadata annotations clockout.dev/probes': [() => 'readiness-liveness', text],
  'metadata annotations clockout.dev/guard': [() => 'false'],
  'metadata annotations proxy.istio.io/config': [text, text, text, deep, keys('a#', '')],
  'metadata annotations status.sidecar.istio.io/port': [text],
  'metadata labels clockout.dev/inject': [() => 'true', text],
  'spec containers': [list(...names.flatMap(container)), list({}, [], 0, null)],
  'spec containers +': [list(...names.flatMap(container))],
  'spec initContainers': [list(...names.flatMap(container)), list({ name: '' })],
  'spec containers 0 name': [text, ({ pick }) => pick(names)],
  'spec containers 0 image': [text],
  'spec containers 0 command': [
    () => null,
    texts,
    list('/clockout/busybox', 'x'),
    () => wrapped,
    (choices) => [text(choices)],
  ],
  'spec containers 0 args': [texts, (choices) => [text(choices)], list('--graceful-port', '-admin-port=$(A)')],
  'spec containers 0 env': [env],
  'spec containers 0 ports': [list({ containerPort: 1 }, {})],
  'spec containers 0 volumeMounts': [mounts, (choices) => [{ name: 'a', mountPath: text(choices) }]],
  'spec containers 0 volumeDevices': [
    list({ devicePath: '/clockout/x#' }),
    (choices) => [{ devicePath: text(choices) }],
  ],
  'spec containers 0 resources requests': [keys('a#', '1', 1), keys('#', 'x')],
  'spec containers 0 resources requests memory': [text],
  'spec containers 0 resources limits memory': [text],
  'spec containers 0 lifecycle postStart exec command': [
    texts,
    () => ['/clockout/busybox', 'sh', '/clockout/guard', '--', 'x'],
  ],
  'spec containers 0 restartPolicyRules': [list({}, 0)],
  'spec containers 1 env': [env],
  'spec containers 1 env 0': [(choices) => ({ name: 'PROXY_CONFIG', value: text(choices) })],
  'spec containers 1 args': [texts],
  'spec containers 1 lifecycle postStart exec command': [texts],
  'spec volumes': [list({ name: 'a#' }, { name: 'clockout', emptyDir: {} }, { name: '' }, {})],
  'spec nodeSelector': [keys('a#', ''), () => ({ 'kubernetes.io/arch': 'arm64', 'beta.kubernetes.io/os': 'linux' })],
  'spec nodeSelector kubernetes.io/arch': [text],
  'spec tolerations': [list({}, [], 0, { key: '#' })],
  'spec imagePullSecrets': [list({ name: '#' }, {})],
  'spec affinity nodeAffinity requiredDuringSchedulingIgnoredDuringExecution nodeSelectorTerms': [
    list({ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['#'] }] }, {}),
    (choices) => [{ matchExpressions: [expression(choices), expression(choices)] }],
    (choices) => ({ $list: [choices.count(), { matchExpressions: [expression(choices), expression(choices)] }] }),
    (choices) => [{ matchExpressions: { $list: [choices.count(), expression(choices)] } }],
  ],
  'spec y': [list({ '#a': 0 }, { '#': 0 }, { '#a': { '#b': 0 } }, [[{}]]), keys('constructor#', 0), deep],
  'spec constructor': [() => ({}), () => 0],
  'spec x': [
    keys('a#', 0, {}, ''),
    keys('#', 0, {}),
    keys('#00000', 0),
    list([], {}, 0, '', [[]], { a: 1 }),
    list(1e300, 0.1),
  ],
  'spec securityContext runAsUser': [() => 'x'],
  'spec restartPolicy': [() => 'OnFailure', () => 'Always', () => 5],
};

function withOtherTexts(value: Value, other: () => string): Value {
  if (Array.isArray(value)) return value.map((item) => withOtherTexts(item, other));
  if (typeof value !== 'object' || value === null) return value;
  const { $text } = value;
  if (Array.isArray($text)) return { $text: [$text[0] ?? '', other(), $text[2] ?? 1, $text[3] ?? ''] };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOtherTexts(item, other)]));
}
