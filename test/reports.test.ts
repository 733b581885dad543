/**
 * What people have reported of Jobs with sidecars, tried on Clockout: for each report its pod, and what becomes of it. How such pods
 * end on real shells and on the cluster is in test/e2e/wrapper and test/e2e/conformance.
 */
import { describe, expect, it } from 'vitest';
import { admitPod } from '../src/admission/admit.ts';
import type { Outcome } from '../src/admission/outcome.ts';
import type { Container, Pod } from '../src/pod/schema.ts';
import { explain, inject } from './commands/run.ts';
import { app, classicPod, frozen, jobPod, settings } from './support/pods.ts';

const asks = { 'clockout.dev/inject': 'true' };
const sh = (script: string) => ['sh', '-c', script];
const vaultEnv = { name: 'app', image: 'x', command: ['/usr/bin/env', 'VAULT=1'] };
const limited = { limits: { memory: '64Mi', 'ephemeral-storage': '1Mi' } };

/** What a reader of the pod would want to know. */
async function verdictOn(pod: Pod) {
  const outcome: Outcome = await admitPod(frozen(pod), { from: 'server' }, settings);
  if (outcome.kind === 'skipped') return { skipped: outcome.reason };
  const { plan, warnings } = outcome;
  if (plan.strategy !== 'wrap') return { strategy: plan.strategy };
  return {
    wraps: plan.containers.map(({ name }) => name),
    ends: plan.sidecars.map(({ name }) => name),
    ...(warnings.length > 0 && { warnings }),
  };
}

const twoContainers = (second: Container, spec = {}) => classicPod({ spec: { containers: [app(), second], ...spec } });

it.each<[report: string, what: string, pod: Pod, verdict: object]>([
  [
    'apache/airflow#13967',
    'its sidecar for results is ended by its operator, with SIGINT',
    jobPod({
      labels: asks,
      metadata: { ownerReferences: [] },
      spec: {
        containers: [
          app({ name: 'base', command: ['python', 'etl.py'] }),
          {
            name: 'airflow-xcom-sidecar',
            image: 'alpine',
            command: sh('trap "exit 0" INT; while true; do sleep 1; done;'),
          },
          { name: 'cloud-sql-proxy', args: ['--quitquitquit'] },
        ],
      },
    }),
    { wraps: ['base'], ends: ['cloud-sql-proxy'] },
  ],
  [
    'kubeflow/katib#1383',
    'its collector looks for the app by its process id',
    classicPod({
      labels: asks,
      spec: {
        shareProcessNamespace: true,
        containers: [
          app({
            name: 'training-container',
            command: sh('python train.py && echo completed > /var/log/katib/$$$$.pid'),
          }),
          {
            name: 'metrics-logger-and-collector',
            image: 'kubeflowkatib/file-metrics-collector:v0.17.0',
            command: ['./file-metricscollector'],
          },
        ],
      },
    }),
    { skipped: 'watched-processes' },
  ],
  [
    'kubeflow/katib#1638',
    'a collector of TensorFlow events looks for the app in the same way, under another name',
    classicPod({
      labels: { ...asks, 'katib.kubeflow.org/trial': 'random-6h8' },
      spec: {
        shareProcessNamespace: true,
        containers: [
          app({ name: 'tensorflow' }),
          { name: 'metrics-collector', image: 'kubeflowkatib/tfevent-metrics-collector' },
        ],
      },
    }),
    { skipped: 'watched-processes' },
  ],
  [
    'https://github.com/flyteorg/flyte/blob/0dfd15a19/flytecopilot/cmd/containerwatcher/spns_watcher.go',
    'its copilot waits until no other process has the parent 0, which its own wrapper would have',
    classicPod({
      labels: asks,
      spec: {
        shareProcessNamespace: true,
        containers: [app(), { name: 'flyte-copilot-sidecar', command: ['/bin/flyte-copilot', 'sidecar'] }],
      },
    }),
    { skipped: 'watched-processes' },
  ],
  [
    'https://github.com/open-telemetry/opentelemetry-operator/blob/033694747/internal/instrumentation/golang.go',
    'its agent for Go watches the app, and has the pod share its processes',
    twoContainers(
      { name: 'opentelemetry-auto-instrumentation', image: 'x', command: ['/otel-go-instrumentation'] },
      { shareProcessNamespace: true },
    ),
    {
      wraps: ['app'],
      ends: ['istio-proxy'],
      warnings: [expect.stringContaining('leave instrumentation.opentelemetry.io/inject-go out of Jobs')],
    },
  ],
  [
    'airbytehq/airbyte-platform#282',
    'a home-made watcher of processes that nobody knows',
    twoContainers(
      { name: 'watcher', command: sh('while pgrep -P 0 app; do sleep 1; done') },
      { shareProcessNamespace: true },
    ),
    {
      wraps: ['app', 'watcher'],
      ends: ['istio-proxy'],
      warnings: [expect.stringContaining('the pod has shareProcessNamespace')],
    },
  ],
  [
    'kubeflow/mpi-operator#429',
    'the launcher of an MPIJob is a Job, whatever else owns that',
    classicPod({ labels: { 'training.kubeflow.org/job-name': 'pi', 'training.kubeflow.org/job-role': 'launcher' } }),
    { wraps: ['app'], ends: ['istio-proxy'] },
  ],
  [
    'istio/istio#33555',
    'sidecar.istio.io/inject with another value than true and false asks for nothing',
    jobPod({ metadata: { labels: { 'sidecar.istio.io/inject': 'yes' } } }),
    { skipped: 'no-sidecar' },
  ],
  [
    'kubeflow/trainer#1066',
    'the pods of older training operators have the label of a Job',
    classicPod({
      labels: { 'job-name': 'mnist' },
      metadata: {
        labels: { 'job-name': 'mnist' },
        ownerReferences: [{ apiVersion: 'kubeflow.org/v1', kind: 'PyTorchJob', controller: true }],
      },
    }),
    { skipped: 'not-a-job' },
  ],
  [
    'DataDog/datadog-agent#31543',
    'its agent waits until no other process is left',
    twoContainers(
      {
        name: 'datadog-agent-injected',
        image: 'gcr.io/datadoghq/agent:7.60.0',
        command: ['/entry'],
        env: [{ name: 'DD_AUTO_EXIT_NOPROCESS_ENABLED', value: 'true' }],
      },
      { shareProcessNamespace: true },
    ),
    { wraps: ['app'], ends: ['istio-proxy'] },
  ],
  [
    'DataDog/datadog-agent#23963',
    'an older agent does not, and SIGTERM would reach the app',
    twoContainers(
      { name: 'datadog-agent-injected', image: 'gcr.io/datadoghq/agent:7.50.0', command: ['/entry'] },
      { shareProcessNamespace: true },
    ),
    {
      wraps: ['app'],
      ends: ['istio-proxy'],
      warnings: [expect.stringContaining('set DD_AUTO_EXIT_NOPROCESS_ENABLED to "true" in its env')],
    },
  ],
  [
    'Azure/azure-workload-identity#773',
    'azwi-proxy keeps Jobs running',
    twoContainers({
      name: 'azwi-proxy',
      image: 'mcr.microsoft.com/oss/azure/workload-identity/proxy:v1.3.0',
      command: ['/entry'],
    }),
    { wraps: ['app'], ends: ['istio-proxy', 'azwi-proxy'] },
  ],
  [
    'kubernetes/kubernetes#73118',
    'a second container that nobody knows is waited for',
    twoContainers({ name: 'dind', image: 'docker:27-dind', command: ['/entry'] }),
    { wraps: ['app', 'dind'], ends: ['istio-proxy'] },
  ],
  [
    'https://caarlos0.dev',
    'an agent beside Docker in Docker, which looks for a file in a shared volume',
    twoContainers({
      name: 'dind',
      image: 'docker:27-dind',
      command: sh('dockerd & while [ ! -f /agent/done ]; do sleep 1; done'),
    }),
    { wraps: ['app', 'dind'], ends: ['istio-proxy'] },
  ],
  [
    'kubernetes/kubernetes#139368',
    'fluentd in a CronJob',
    twoContainers({ name: 'fluentd', image: 'fluent/fluentd:v1.17', command: ['/entry'] }),
    { wraps: ['app'], ends: ['istio-proxy', 'fluentd'] },
  ],
  [
    'GoogleCloudPlatform/cloud-sql-proxy#128',
    'the proxy from a mirror, under a name of its own',
    twoContainers({
      name: 'db',
      image: 'registry.corp.example/mirror/cloud-sql-proxy:2.14.1',
      command: ['/entry'],
      args: ['--quitquitquit'],
    }),
    { wraps: ['app'], ends: ['istio-proxy', 'db'] },
  ],
  [
    'kubernetes/enhancements#5122',
    'a stop signal that the wrapper has no trap for',
    classicPod({
      spec: {
        containers: [
          app({ lifecycle: { stopSignal: 'SIGBUS' } }),
          app({ name: 'b', lifecycle: { stopSignal: 'SIGUSR1' } }),
          app({ name: 'c', lifecycle: { stopSignal: 'SIGABRT' } }),
        ],
      },
    }),
    { wraps: ['app', 'b', 'c'], ends: ['istio-proxy'], warnings: [expect.stringMatching(/app.*SIGBUS/)] },
  ],
  [
    'just-containers/s6-overlay#158',
    'an init system that must be process 1',
    classicPod({ spec: { containers: [app({ command: ['/init', 'migrate'] })] } }),
    { skipped: 'needs-pid-1' },
  ],
  [
    'hashicorp/vault#11089',
    'Vault Agent revokes its token at the end, before the proxy goes',
    classicPod({
      annotations: { 'vault.hashicorp.com/agent-revoke-on-shutdown': 'true' },
      spec: {
        containers: [app(), { name: 'vault-agent', image: 'hashicorp/vault:1.18', command: ['/bin/sh', '-ec'] }],
      },
    }),
    { wraps: ['app'], ends: ['istio-proxy', 'vault-agent'] },
  ],
  [
    '1Password/kubernetes-secrets-injector#52',
    'a webhook has put itself before our wrapper',
    classicPod({
      annotations: {
        'clockout.dev/status': JSON.stringify({ version: '0.1.0', containers: { app: { entrypoint: 'pod' } } }),
      },
      spec: {
        containers: [
          { ...vaultEnv, args: ['/clockout/busybox', 'sh', '/clockout/run', 'name=app', '--', 'sh', '-c', 'date'] },
        ],
      },
    }),
    { wraps: ['app'], ends: ['istio-proxy'] },
  ],
])('%s: %s', async (_report, _what, pod, verdict) => expect(await verdictOn(pod)).toEqual(verdict));

it('kubernetes/website#51114: the init container has room for its copy where ephemeral storage is limited', async () => {
  const pod = classicPod({ spec: { containers: [app({ resources: limited })] } });
  const outcome = await admitPod(frozen(pod), { from: 'server' }, settings);
  const init = outcome.kind === 'patched' ? outcome.patched.spec.initContainers?.[0] : undefined;
  expect(init?.resources?.limits?.['ephemeral-storage']).toBe('16Mi');
});

it('1Password/kubernetes-secrets-injector#52: what was put before our wrapper stays before it, once', async () => {
  const args = ['/clockout/busybox', 'sh', '/clockout/run', 'name=app', '--', 'sh', '-c', 'date'];
  const pod = classicPod({ spec: { containers: [{ ...vaultEnv, args }] } });
  const outcome = await admitPod(frozen(pod), { from: 'server' }, settings);
  const [wrapped] = outcome.kind === 'patched' ? outcome.patched.spec.containers : [];
  expect(wrapped?.command).toEqual(vaultEnv.command);
  expect(wrapped?.args?.filter((word) => word === '/clockout/run')).toHaveLength(1);
  expect(wrapped?.args?.slice(-4)).toEqual(['--', 'sh', '-c', 'date']);
});

it('kubernetes/kubernetes#81450: a postStart hook of the app that sleeps does not make the app wait for the proxy', async () => {
  // The action sleep: https://github.com/kubernetes/enhancements/issues/3960
  const pod = classicPod({
    spec: { containers: [app({ lifecycle: { postStart: { sleep: { seconds: 5 } } as object } })] },
  });
  const outcome = await admitPod(frozen(pod), { from: 'server' }, settings);
  const plan = outcome.kind === 'patched' && outcome.plan;
  expect(plan && plan.strategy === 'wrap' && plan.containers.map(({ wait }) => wait)).toEqual([0]);
});

describe('on the command line', () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'x', command: ['/app'] }] } };
  const job = (name: string, namespace: string, labels = {}) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: { template: { ...template, metadata: { labels } } },
  });
  const namespace = (name: string, labels: object) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  const stream = (...objects: object[]) => ({ 'x.yaml': objects.map((each) => JSON.stringify(each)).join('\n---\n') });
  const ambient = { 'istio.io/dataplane-mode': 'ambient' };
  const asksIstio = { 'sidecar.istio.io/inject': 'true' };

  it.each<[report: string, what: string, labels: object, own: object, because: string | undefined]>([
    ['istio/istio#60313', 'a namespace in ambient mode', ambient, {}, 'istio.io/dataplane-mode: ambient'],
    ['istio/istio#60313', 'a pod in ambient mode', {}, ambient, 'istio.io/dataplane-mode: ambient'],
    ['istio/istio#60313', 'a namespace with the tag of a revision', { 'istio.io/rev': 'stable' }, {}, undefined],
    [
      'istio/istio.io#14597',
      'a namespace without injection',
      { 'istio-injection': 'disabled' },
      asksIstio,
      'istio-injection: disabled',
    ],
    ['istio/istio.io#14597', 'a pod with a sidecar in ambient mode', ambient, asksIstio, undefined],
  ])(
    '%s: the Namespace beside the Job says whether Istio adds a sidecar: %s',
    async (_report, _what, labels, own, because) => {
      const input = stream(job('j', 'jobs', own), namespace('jobs', { 'clockout.dev/inject': 'enabled', ...labels }));
      const [explained, injected] = [await explain(input), await inject(input, { output: 'patch' })];
      expect(explained.stdout).toContain(because ? 'not wrapped (no-sidecar)' : 'Istio will add istio-proxy');
      expect(injected.stderr).toContain(because ? 'skipped, no-sidecar' : 'wrapped app');
      for (const text of [explained.stdout, injected.stderr])
        if (because) expect(text).toContain(`has the label "${because}", with which Istio adds no sidecar`);
    },
  );

  it('dapr/dapr#4284: a kind with pod templates of its own gets a line, and --template-path shows its pods', async () => {
    const scaled = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledJob',
      metadata: { name: 'q' },
      spec: { jobTargetRef: { template } },
    };
    const ray = {
      apiVersion: 'ray.io/v1',
      kind: 'RayJob',
      metadata: { name: 'r' },
      spec: { entrypoint: 'python x.py' },
    };
    const input = stream(scaled, ray);
    const lines = [
      'x.yaml: ScaledJob q: skipped; the webhook would decide on its pods, which belong to Jobs; see them with --template-path /spec/jobTargetRef/template',
      expect.stringMatching(/^x.yaml: RayJob r: skipped; the webhook would decide on its pods/),
    ];
    for (const { stdout, stderr } of [await explain(input), await inject(input)]) {
      expect(stderr.trim().split('\n')).toEqual(lines);
      expect(stdout).not.toContain('clockout');
    }
    const templatePaths = [['spec', 'jobTargetRef', 'template']];
    const explained = await explain(input, { templatePaths });
    expect(explained.stdout).toContain('x.yaml: ScaledJob q\n  wrapped: ');
    expect(explained.stderr.trim().split('\n')).toEqual(lines.slice(1));
    const injected = await inject(input, { templatePaths, output: 'json' });
    expect(JSON.parse(injected.stdout).items[0].spec.jobTargetRef.template.spec.initContainers).toMatchObject([
      { name: 'clockout-init' },
    ]);
    expect(JSON.parse(injected.stdout).items[1]).toEqual(ray);
  });
});
