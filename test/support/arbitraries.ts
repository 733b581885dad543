/** Generated pods: Jobs' pods with a classic sidecar, odd but legal in every field that is read, with fields that are not. */
import fc from 'fast-check';
import type { Container, Pod } from '../../src/pod/schema.ts';

const word = fc.string({
  unit: fc.constantFrom('a', '$', '(', ')', 'HOME', '/', '~', ' ', '\n', "'", '"', '\\', 'é', '😀', '='),
  maxLength: 8,
});
const argv = fc.array(word, { maxLength: 4 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 });
const key = fc
  .string({ unit: fc.constantFrom('a', 'b', '.', '/', '~', '1', '-'), minLength: 1, maxLength: 10 })
  .map((k) => `x${k}`);
const map = fc.dictionary(key, word, { maxKeys: 4 });

/** Fields that Clockout does not know must come through. */
const unknown = fc.dictionary(fc.constantFrom('stdin', 'futureField', 'x~1y', 'a/b'), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 2,
});

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
const quantities = fc.dictionary(
  fc.constantFrom('cpu', 'memory', 'ephemeral-storage', 'nvidia.com/gpu'),
  fc.constantFrom('1', '100m', '8Mi', '64Mi', '1Gi', 5),
);
const token = fc.constantFrom(
  [],
  [{ name: 'kube-api-access-x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
);
const volumeMounts = fc
  .tuple(token, fc.array(name, { maxLength: 2 }))
  .map(([mounts, names]) => [...mounts, ...names.map((n, i) => ({ name: n, mountPath: `/mnt/${i}` }))]);
const probe = fc.record(
  { periodSeconds: fc.nat(100), failureThreshold: fc.integer({ min: 1, max: 30 }) },
  { requiredKeys: [] },
);
const handler = fc.constantFrom({ exec: { command: ['/hook', '$(A)'] } }, { httpGet: { port: 80 } });

const optional = {
  command: maybe(argv),
  args: maybe(argv),
  env: maybe(fc.array(fc.record({ name: key, value: word }), { maxLength: 3 })),
  resources: maybe(fc.record({ requests: quantities, limits: quantities }, { requiredKeys: [] })),
  volumeMounts: maybe(volumeMounts),
  lifecycle: maybe(fc.record({ postStart: handler, preStop: handler }, { requiredKeys: [] })),
  livenessProbe: maybe(probe),
  readinessProbe: maybe(probe),
  startupProbe: maybe(probe),
  securityContext: maybe(fc.record({ runAsUser: fc.nat(70_000) }, { requiredKeys: [] })),
};

const container = (names: fc.Arbitrary<string>): fc.Arbitrary<Container> =>
  fc
    .tuple(
      unknown,
      fc.record(
        { name: names, image: fc.constant('example.com/app:1'), ...optional },
        { requiredKeys: ['name', 'image'] },
      ),
    )
    .map(([extra, known]) => ({ ...extra, ...known }) as Container);

/** Known ones are ended, not wrapped. */
const sidecar = container(fc.constantFrom('vault-agent', 'daprd', 'linkerd-proxy', 'cloud-sql-proxy'));

const apps = fc.uniqueArray(container(name), { minLength: 1, maxLength: 4, selector: (c) => c.name });
const proxy = container(fc.constant('istio-proxy'));
const initContainers = fc.uniqueArray(container(name.map((n) => `init-${n}`)), {
  maxLength: 2,
  selector: (c) => c.name,
});

const annotations = fc.record(
  {
    'clockout.dev/wait-timeout': fc.constantFrom('1s', '10m', '250ms'),
    'clockout.dev/quit': fc.constantFrom('auto', 'always', 'on-success', 'never'),
    'clockout.dev/quit-urls': fc.constantFrom('http://localhost:9091/quitquitquit?a=$(HOME)'),
    'clockout.dev/guard': fc.constantFrom('true', 'false'),
    'clockout.dev/probes': fc.constantFrom('none', 'readiness', 'readiness-liveness'),
    'proxy.istio.io/config': fc.constantFrom('statusPort: 15099', 'holdApplicationUntilProxyStarts: true'),
    'clockout.dev/status': fc.constantFrom('', '{}', '{"version":"9","containers":{}}', 'null', '{"containers":1}'),
  },
  { requiredKeys: [] },
);

export const anyPod: fc.Arbitrary<Pod> = fc
  .record({
    apps,
    proxy,
    sidecar: fc.option(sidecar, { nil: undefined }),
    first: fc.boolean(),
    initContainers: maybe(initContainers),
    ours: annotations,
    map,
    extra: unknown,
    volumes: maybe(
      fc.uniqueArray(
        name.map((n) => ({ name: n })),
        { maxLength: 2, selector: (v) => v.name },
      ),
    ),
    restartPolicy: fc.constantFrom('Never', 'OnFailure'),
  })
  .map(({ apps, sidecar, ...rest }) => ({ ...rest, apps: sidecar ? [...apps, sidecar] : apps }))
  .map(({ apps, proxy, first, initContainers, ours, map, extra, volumes, restartPolicy }) => ({
    metadata: {
      generateName: 'x-',
      labels: { ...map, 'batch.kubernetes.io/job-name': 'x' },
      annotations: { ...map, ...ours, 'sidecar.istio.io/status': '{}' },
    },
    spec: { ...extra, restartPolicy, volumes, initContainers, containers: first ? [proxy, ...apps] : [...apps, proxy] },
  }))
  // As it comes from the wire: no -0, no object that stands in two places.
  .map((pod) => JSON.parse(JSON.stringify(pod)));
