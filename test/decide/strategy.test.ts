import { describe, expect, it } from 'vitest';
import { toWarnings } from '../../src/admission/warnings.ts';
import type { ClusterVersions } from '../../src/decide/cluster-versions.ts';
import { decide } from '../../src/decide/decide.ts';
import type { Origin } from '../../src/decide/origin.ts';
import { type StrategyRow, strategyTable } from '../../src/decide/strategy.ts';
import type { Strategy } from '../../src/pod/annotations/table.ts';
import { createFacts } from '../../src/pod/facts.ts';
import type { Container, Pod } from '../../src/pod/schema.ts';
import { app, classicPod, jobPod, proxy, withStrategy } from '../support/pods.ts';

const server: Origin = { from: 'server' };
const cli: Origin = { from: 'cli', job: true };
const on = { 'clockout.dev/inject': 'true' };
const newest = { apiServer: 35, oldestNode: 35 };

function decideBy(strategy: Strategy, pod: Pod, versions: ClusterVersions = newest, origin = server) {
  const { strategies } = withStrategy(strategy, versions);
  return decide(createFacts(pod), origin, strategies);
}

function answer(strategy: Strategy, pod: Pod, versions?: ClusterVersions, origin?: Origin): string {
  const decision = decideBy(strategy, pod, versions, origin);
  return decision.strategy === 'none' ? decision.reason : decision.strategy;
}

const annotated = (name: string, value: string) => classicPod({ annotations: { [`clockout.dev/${name}`]: value } });
const beside = (sidecar: Container) => classicPod({ spec: { containers: [app(), sidecar] } });
const validated = (image: string) =>
  jobPod({
    annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' },
    spec: { initContainers: [app({ name: 'istio-validation' })], containers: [app(), proxy({ image })] },
  });
const wrapped = classicPod({
  spec: { initContainers: [app({ name: 'clockout-init', command: ['/bin/busybox', 'sh', '-c'] })] },
});

type Example = [pod: Pod, versions: ClusterVersions, native: string, auto: string];

/** For each row of the table, pods and clusters for which it is the first that holds. */
const examples: Record<StrategyRow, Example[]> = {
  'wrapped-before': [[wrapped, newest, 'wrap', 'wrap']],
  'api-server-too-old': [
    [classicPod(), { apiServer: 28, oldestNode: 28 }, 'native-unsupported', 'wrap'],
    [classicPod(), { oldestNode: 35 }, 'native-unsupported', 'wrap'],
    [classicPod(), {}, 'native-unsupported', 'wrap'],
  ],
  'istio-cni-too-old': [
    [validated('docker.io/istio/proxyv2:1.18.7-distroless'), newest, 'native-unsupported', 'wrap'],
    [validated('docker.io/istio/proxyv2:dev'), newest, 'native-unsupported', 'wrap'],
    [validated('istio/proxyv2@sha256:0'), newest, 'native-unsupported', 'wrap'],
    [validated('istio/proxyv2:1.18.0'), { apiServer: 35, oldestNode: 28 }, 'native-unsupported', 'wrap'],
  ],
  'status-unreadable': [
    [classicPod({ annotations: { 'sidecar.istio.io/status': 'injected' } }), newest, 'native-unsupported', 'wrap'],
  ],
  'node-too-old': [
    [classicPod(), { apiServer: 35, oldestNode: 28 }, 'native', 'wrap'],
    [classicPod(), { apiServer: 35 }, 'native', 'wrap'],
  ],
  'node-not-new-enough': [[classicPod(), { apiServer: 35, oldestNode: 32 }, 'native', 'wrap']],
  'pod-declines': [
    [classicPod({ annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } }), newest, 'native', 'wrap'],
  ],
  'needs-wrapper': [
    [annotated('wait-timeout', '1m'), newest, 'native', 'wrap'],
    [annotated('on-wait-timeout', 'fail'), newest, 'native', 'wrap'],
    [annotated('quit', 'never'), newest, 'native', 'wrap'],
    [annotated('quit', 'on-success'), newest, 'native', 'wrap'],
    [annotated('quit-timeout', '1m'), newest, 'native', 'wrap'],
    [annotated('quit-urls', 'http://localhost:1/quit'), newest, 'native', 'wrap'],
    [annotated('probes', 'readiness'), newest, 'native', 'wrap'],
    [annotated('wait-for-proxy', 'true'), newest, 'native', 'wrap'],
    [annotated('start-timeout', '1m'), newest, 'native', 'wrap'],
    [annotated('report-after', '1m'), newest, 'native', 'wrap'],
    [annotated('guard', 'false'), newest, 'native', 'wrap'],
    [annotated('trace', 'true'), newest, 'native', 'wrap'],
    [
      classicPod({
        annotations: { 'clockout.dev/containers': 'app' },
        spec: { containers: [app(), app({ name: 'more' })] },
      }),
      newest,
      'native',
      'wrap',
    ],
  ],
  'leaves-sidecars': [
    [beside({ name: 'vault-agent', restartPolicyRules: [{}] }), newest, 'native', 'wrap'],
    [beside({ name: 'kuma-sidecar' }), newest, 'native', 'wrap'],
    [beside({ name: 'gke-gcsfuse-sidecar' }), newest, 'native', 'wrap'],
    [
      classicPod({
        annotations: { 'clockout.dev/exclude-containers': 'mine' },
        spec: { containers: [app(), app({ name: 'mine' })] },
      }),
      newest,
      'native',
      'wrap',
    ],
  ],
  otherwise: [
    [classicPod(), newest, 'native', 'native'],
    [classicPod(), { apiServer: 33, oldestNode: 33 }, 'native', 'native'],
    [validated('docker.io/istio/proxyv2:1.19.0'), newest, 'native', 'native'],
    [validated('gcr.io/istio-release/proxyv2:1.26.2-asm.5@sha256:0'), newest, 'native', 'native'],
    [annotated('quit', 'auto'), newest, 'native', 'native'],
    [annotated('quit-delay', '1s'), newest, 'native', 'native'],
    [annotated('entrypoint', '["/app"]'), newest, 'native', 'native'],
    [beside({ name: 'vault-agent' }), newest, 'native', 'native'],
  ],
};

describe('the table of strategies', () => {
  const all = Object.entries(examples).flatMap(([row, each]) =>
    each.map((example, i) => [`${row}, ${i + 1}`, ...example] as const),
  );

  it.each(all)('%s', (_, pod, versions, native, auto) => {
    expect([answer('wrap', pod, versions), answer('native', pod, versions), answer('auto', pod, versions)]).toEqual([
      'wrap',
      native,
      auto,
    ]);
  });

  it('has an example for each row that holds for no row before it', () => {
    const rows = Object.entries(strategyTable);
    for (const [name, each] of Object.entries(examples))
      for (const [pod, versions] of each) {
        const { strategies } = withStrategy('native', versions);
        const first = rows.find(([, { holds }]) => holds(createFacts(pod), versions, strategies));
        expect(first?.[0]).toBe(name);
      }
  });

  it('takes the minor version of the nodes that the operator chose', () => {
    const { strategies } = withStrategy('auto', { apiServer: 35, oldestNode: 30 }, 30);
    expect(decide(createFacts(classicPod()), server, strategies).strategy).toBe('native');
  });
});

describe('whose strategy holds', () => {
  it.each<[string, Strategy, string | undefined, string | undefined, string]>([
    ["the installation's", 'native', undefined, undefined, 'native'],
    ["the namespace's over the installation's", 'wrap', 'native', undefined, 'native'],
    ["the pod's over both", 'native', 'native', 'wrap', 'wrap'],
    ["the pod's over the installation's", 'wrap', undefined, 'auto', 'native'],
    ["a namespace's that is none does not", 'native', 'sometimes', undefined, 'native'],
    ["a pod's that is none does not, and the pod is skipped", 'native', undefined, 'sometimes', 'invalid-annotation'],
  ])('%s', (_, installation, namespace, pod, expected) => {
    const own = pod === undefined ? classicPod() : annotated('strategy', pod);
    expect(answer(installation, own, newest, { from: 'server', strategy: namespace })).toBe(expected);
  });

  it.each<[string, Pod, Origin, string]>([
    [
      'sometimes',
      classicPod(),
      { ...cli, strategy: 'sometimes' },
      'found "sometimes"; so this pod has the strategy native, that of the installation',
    ],
    ['', classicPod(), { ...cli, strategy: '' }, 'found ""; so this pod has the strategy native'],
    [
      'not told by the API server',
      classicPod(),
      { ...server, strategy: null },
      'found another value; so this pod has the strategy native',
    ],
    [
      'overruled by the pod',
      annotated('strategy', 'wrap'),
      { ...server, strategy: null },
      'has the strategy wrap, which its own annotation names',
    ],
  ])('a label that is none is warned of, with what holds: %s', (_, pod, origin, expected) => {
    const [warning] = toWarnings(decideBy('native', pod, newest, origin).problems);
    expect(warning).toContain("the namespace's label clockout.dev/strategy: expected wrap, native or auto; found ");
    expect(warning).toContain(expected);
  });

  it.each(['wrap', 'native'] as const)('a pod without a sidecar gets no such warning, with %s', (strategy) => {
    const { problems } = decideBy(strategy, jobPod(), newest, { ...server, strategy: null });
    expect(problems).toEqual([]);
  });
});

describe('a pod that cannot be wrapped', () => {
  const commands = (command: string[]) => classicPod({ spec: { containers: [app({ command })] } });
  const nodes = (oldestNode: number) => ({ apiServer: 35, oldestNode });
  const sql = { name: 'cloud-sql-proxy' };
  const rules = { restartPolicyRules: [{}] };
  const besides = (sidecar: Container, more: Partial<Container>, option = 'guard', value = 'true') =>
    classicPod({
      annotations: { [`clockout.dev/${option}`]: value },
      spec: { containers: [app(), sidecar, { name: 'vault-agent', ...more }] },
    });
  it.each<[string, Pod, ClusterVersions, string]>([
    ['on nodes that are only just new enough', commands(['/init']), nodes(29), 'native'],
    ['on older nodes', commands(['/init']), nodes(28), 'needs-pid-1'],
    ['on unknown nodes', commands(['/init']), { apiServer: 35 }, 'needs-pid-1'],
    ['with a name of Clockout', classicPod({ spec: { volumes: [{ name: 'clockout' }] } }), nodes(30), 'native'],
    [
      'with a sidecar that Clockout ends only if the pod itself asks',
      jobPod({ spec: { containers: [app(), { name: 'vault-agent' }] } }),
      nodes(30),
      'native',
    ],
    ['without a sidecar', jobPod(), nodes(30), 'no-sidecar'],
    ['with a sidecar beside Istio’s that only Kubernetes can end', beside(sql), nodes(30), 'native'],
    ['with such a sidecar, on older nodes', beside(sql), nodes(28), 'wrap'],
    ['with such a sidecar, and one that cannot be native', besides(sql, rules), nodes(35), 'wrap'],
    [
      'with such a sidecar, and a URL that may end it',
      besides(sql, {}, 'quit-urls', 'http://localhost:1/x'),
      nodes(35),
      'wrap',
    ],
    ['with such a sidecar, which is to keep running', besides(sql, {}, 'quit', 'never'), nodes(35), 'wrap'],
    ['with such a sidecar, and another option of a wrapper', besides(sql, {}, 'trace', 'true'), nodes(35), 'native'],
    [
      'with a sidecar that only Kubernetes can end',
      jobPod({ labels: on, spec: { containers: [app(), { name: 'cloud-sql-proxy' }] } }),
      nodes(30),
      'native',
    ],
    ['on the network of its node', classicPod({ spec: { hostNetwork: true } }), nodes(30), 'host-network'],
  ])('%s', (_, pod, versions, expected) => expect(answer('auto', pod, versions)).toBe(expected));

  it('may turn out to be one when its entrypoint is looked up', () => {
    const decision = decideBy('auto', classicPod(), nodes(30));
    expect(decision).toMatchObject({ strategy: 'wrap', orElse: { strategy: 'native' } });
    expect(decideBy('wrap', classicPod(), nodes(30))).not.toHaveProperty('orElse');
  });
});

describe('the strategy native', () => {
  const spec = (containers: Container[], more = {}) => ({ containers: [app(), ...containers], ...more });
  const native = { initContainers: [proxy({ restartPolicy: 'Always' })] };
  const rules = { name: 'vault-agent', restartPolicyRules: [{}] };
  const urls = { 'clockout.dev/quit-urls': 'http://localhost:1/x' };
  it.each<[string, Pod, Origin, string]>([
    ['Linkerd without Istio, and nobody asks', jobPod({ spec: spec([{ name: 'linkerd-proxy' }]) }), server, 'native'],
    ['a sidecar that nobody knows', jobPod({ spec: spec([{ name: 'mine' }]) }), server, 'no-sidecar'],
    [
      'one that an annotation names',
      jobPod({ annotations: { 'clockout.dev/sidecars': 'mine' }, spec: spec([{ name: 'mine' }]) }),
      server,
      'native',
    ],
    ['one that ends by itself', jobPod({ spec: spec([{ name: 'kuma-sidecar' }]) }), server, 'no-sidecar'],
    ['only one that cannot be native', jobPod({ spec: spec([rules]) }), server, 'native-unsupported'],
    ['only a URL', jobPod({ annotations: urls }), server, 'native-unsupported'],
    ['a native one', jobPod({ spec: spec([], native) }), server, 'native-sidecar'],
    ['another beside a native one', jobPod({ spec: spec([{ name: 'daprd' }], native) }), server, 'native'],
    ['Istio has yet to come', jobPod({ labels: { 'sidecar.istio.io/inject': 'true' } }), server, 'native'],
    ['Istio has yet to come, in a manifest', jobPod(), cli, 'native'],
    ['no container is left', jobPod({ spec: { containers: [{ name: 'daprd' }] } }), server, 'no-app-container'],
    [
      'a command, a name of Clockout, rules of the app',
      classicPod({
        spec: {
          volumes: [{ name: 'clockout' }],
          containers: [app({ command: ['/init'], restartPolicyRules: [{}] })],
        },
      }),
      server,
      'native',
    ],
    ['policy Always', classicPod({ spec: { restartPolicy: 'Always' } }), server, 'restart-policy-always'],
    ['Argo Workflows', classicPod({ labels: { 'workflows.argoproj.io/workflow': 'x' } }), server, 'managed-command'],
    ['Windows', classicPod({ spec: { os: { name: 'windows' } } }), server, 'windows'],
    ['opted out', classicPod({ labels: { 'clockout.dev/inject': 'false' } }), server, 'opted-out'],
    [
      'an init container of the same name',
      classicPod({ spec: { initContainers: [app({ name: 'istio-proxy' })] } }),
      server,
      'native-unsupported',
    ],
  ])('%s', (_, pod, origin, expected) => expect(answer('native', pod, newest, origin)).toBe(expected));

  it('leaves a pod alone in which a name is there twice: the API server refuses it', () => {
    const twice = [{ name: 'vault-agent' }, { name: 'vault-agent' }];
    expect(answer('native', classicPod({ spec: spec(twice) }))).toBe('native-unsupported');
    expect(answer('native', classicPod({ spec: { initContainers: twice } }))).toBe('native-unsupported');
  });

  it('says what has no effect, and what stays', () => {
    const annotations = { 'clockout.dev/quit': 'never', 'clockout.dev/exclude-containers': 'mine' };
    const pod = classicPod({ annotations, spec: { containers: [app(), app({ name: 'mine' }), rules] } });
    expect(toWarnings(decideBy('native', pod).problems)).toEqual([
      'clockout.dev/quit has no effect with the strategy native, because Kubernetes ends the sidecars when all other containers have exited; remove it',
      expect.stringMatching(/^container vault-agent stays a classic sidecar and keeps the pod running/),
      'Kubernetes waits for container mine; if it is a sidecar, name it in clockout.dev/sidecars',
    ]);
  });

  const named = (options: Record<string, string>) =>
    classicPod({
      annotations: Object.fromEntries(Object.entries(options).map(([name, value]) => [`clockout.dev/${name}`, value])),
    });

  it.each<[string, Record<string, string>, string[]]>([
    ['quit: never and quit-timeout', { quit: 'never', 'quit-timeout': '1m' }, ['quit', 'quit-timeout']],
    ['quit: never and quit-delay, which it obeys', { quit: 'never', 'quit-delay': '2s' }, ['quit']],
    [
      'wait-for-proxy and wait-timeout',
      { 'wait-for-proxy': 'false', 'wait-timeout': '1m' },
      ['wait-for-proxy', 'wait-timeout'],
    ],
    ['guard and start-timeout', { guard: 'false', 'start-timeout': '1m' }, ['start-timeout', 'guard']],
    ['an entrypoint', { entrypoint: '["/app"]' }, ['entrypoint']],
    ['needs-pid-1', { 'needs-pid-1': 'true' }, ['needs-pid-1']],
  ])('warns of %s once for each, and does not skip the pod', (_, options, expected) => {
    const { strategy, problems } = decideBy('native', named(options));
    expect(strategy).toBe('native');
    expect(problems).toEqual(expected.map((option) => ({ code: 'no-effect', option })));
  });

  it('skips a pod whose options contradict each other otherwise, too', () => {
    const pod = named({ quit: 'never', 'quit-delay': '2s', 'exclude-containers': 'none-such' });
    expect(answer('native', pod)).toBe('invalid-annotation');
    expect(answer('wrap', named({ quit: 'never', 'quit-delay': '2s' }))).toBe('invalid-annotation');
  });

  it('obeys the other options of a pod with two that only a wrapper obeys', () => {
    const pod = named({ quit: 'never', 'quit-delay': '2s', sidecars: 'app' });
    expect(createFacts(pod).options).toMatchObject({ 'quit-delay': 2000, sidecars: ['app'] });
  });

  it('with auto, says nothing of an annotation that is of use on other clusters', () => {
    expect(decideBy('auto', named({ entrypoint: '["/app"]' })).problems).toEqual([]);
    expect(decideBy('auto', named({ 'needs-pid-1': 'true' })).problems).toEqual([]);
  });

  it.each<[string, Pod, ClusterVersions, string]>([
    ['an old API server', classicPod(), { apiServer: 28 }, 'newer; found 1.28'],
    ['an API server that has not answered', classicPod(), {}, 'it has not answered, or'],
    ['an old CNI plugin', validated('proxyv2:1.18.0'), newest, 'shows no newer version'],
    ['a node that is too old', classicPod(), { apiServer: 35, oldestNode: 27 }, 'the oldest node runs Kubernetes 1.27'],
    ['a pod that is wrapped', wrapped, newest, 'because the pod is wrapped already'],
  ])('warns of %s', (_, pod, versions, found) => {
    const own = {
      ...pod,
      metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, 'clockout.dev/strategy': 'native' } },
    };
    expect(toWarnings(decideBy('wrap', own, versions).problems).join('\n')).toContain(found);
  });
});
