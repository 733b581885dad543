import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../../src/admission/warnings.ts';
import { createFacts } from '../../../src/pod/facts.ts';
import type { Container, Pod } from '../../../src/pod/schema.ts';
import type { SidecarEnd } from '../../../src/pod/sidecars/end.ts';
import { findKnown, knownSidecars } from '../../../src/pod/sidecars/find-known.ts';
import { findEndProblem, lookUpSidecars } from '../../../src/pod/sidecars/read.ts';
import { app, classicPod, jobPod } from '../../support/pods.ts';

const env = (variables: Record<string, string>) => ({
  env: Object.entries(variables).map(([name, value]) => ({ name, value })),
});
const endOf = (container: Partial<Container> & { name: string }, spec: Partial<Pod['spec']> = {}, annotations = {}) => {
  const pod = jobPod({ annotations, spec: { containers: [app(), container], ...spec } });
  return createFacts(pod).sidecars[0]?.end;
};
const url = (text: string, term = true): SidecarEnd => ({ by: 'url', url: `http://127.0.0.1:${text}`, term });
const term: SidecarEnd = { by: 'term' };
const nothing = { by: 'nothing', advice: expect.stringContaining('--quitquitquit') };

describe('how a sidecar is ended', () => {
  const sql = (...args: string[]) => ({ name: 'cloud-sql-proxy', args });
  it.each<[string, Partial<Container> & { name: string }, unknown]>([
    ['Cloud SQL, as it comes', sql('p:r:i'), nothing],
    ['Cloud SQL with the endpoint', sql('--quitquitquit', 'p:r:i'), url('9091/quitquitquit', false)],
    ['Cloud SQL with another port', sql('--quitquitquit', '--admin-port=9092'), url('9092/quitquitquit', false)],
    ['Cloud SQL with a port as a word', sql('--quitquitquit', '--admin-port', '9093'), url('9093/quitquitquit', false)],
    ['Cloud SQL, switched off', sql('--quitquitquit=false'), nothing],
    ['Cloud SQL, which takes no word for a switch', sql('--quitquitquit', 'false'), url('9091/quitquitquit', false)],
    ['Cloud SQL with exit code 0', sql('--exit-zero-on-sigterm'), term],
    ['Cloud SQL with both', sql('--quitquitquit', '--exit-zero-on-sigterm'), url('9091/quitquitquit')],
    [
      'Cloud SQL by its environment',
      { name: 'csql-team-db', ...env({ CSQL_PROXY_QUITQUITQUIT: 'true', CSQL_PROXY_ADMIN_PORT: '9094' }) },
      url('9094/quitquitquit', false),
    ],
    [
      'Cloud SQL, whose flag beats its environment',
      { ...sql('--quitquitquit=0'), ...env({ CSQL_PROXY_QUITQUITQUIT: 'true' }) },
      nothing,
    ],
    [
      'Cloud SQL by its image',
      { name: 'db', image: 'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14@sha256:0', args: ['--quitquitquit'] },
      url('9091/quitquitquit', false),
    ],
    ['AlloyDB', { name: 'alloydb-auth-proxy', args: ['--exit-zero-sigterm'] }, term],
    ['Linkerd, as it comes', { name: 'linkerd-proxy' }, term],
    [
      'Linkerd with the endpoint',
      { name: 'linkerd-proxy', ...env({ LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: 'true' }) },
      url('4191/shutdown'),
    ],
    [
      'Linkerd with another port',
      {
        name: 'linkerd-proxy',
        ...env({
          LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: 'true',
          LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '[::]:4199',
        }),
      },
      url('4199/shutdown'),
    ],
    ['Dapr', { name: 'daprd', args: ['/daprd', '--dapr-http-port', '3501'] }, url('3501/v1.0/shutdown')],
    [
      'Dapr with addresses',
      { name: 'daprd', args: ['--dapr-listen-addresses=[::1],127.0.0.1'] },
      url('3500/v1.0/shutdown'),
    ],
    ['Dapr elsewhere', { name: 'daprd', args: ['--dapr-listen-addresses', '10.0.0.1'] }, term],
    ['Dapr with a token', { name: 'daprd', env: [{ name: 'DAPR_API_TOKEN' }] }, term],
    ['Dapr on a socket', { name: 'daprd', args: ['--unix-domain-socket', '/run'] }, term],
    ['Vault', { name: 'vault-agent' }, term],
    ['Cloud SQL version 1', { name: 'cloud-sql-proxy', image: 'gcr.io/cloudsql-docker/gce-proxy:1.33' }, term],
    ['Consul', { name: 'consul-dataplane', args: ['-graceful-port=20601'] }, url('20601/graceful_shutdown')],
    ['Consul of a second service', { name: 'consul-dataplane-web', args: ['-graceful-addr=::1'] }, term],
    ['Kuma', { name: 'kuma-sidecar' }, { by: 'itself' }],
  ])('%s', (_, container, expected) => expect(endOf(container)).toEqual(expected));

  it('Vault by its annotations', () => {
    const annotations = {
      'vault.hashicorp.com/agent-enable-quit': 'true',
      'vault.hashicorp.com/agent-cache-listener-port': '8201',
    };
    expect(endOf({ name: 'vault-agent' }, {}, annotations)).toEqual(url('8201/agent/v1/quit'));
  });

  describe('whose port is set, but not shown', () => {
    const unread = { by: 'nothing', advice: 'its admin port cannot be read from the pod; write it there as a number' };
    const fromSecret = (name: string) => ({ name, valueFrom: {} });
    it.each<[string, Partial<Container> & { name: string }, unknown]>([
      ['a literal variable is read', { ...sql('--quitquitquit', '--admin-port=$(P)'), ...env({ P: '9099' }) }, 9099],
      [
        'one of another is not',
        { ...sql('--quitquitquit', '--admin-port', '$(P)'), ...env({ Q: '90', P: '$(Q)98' }) },
        unread,
      ],
      ['a switch', { ...sql('--quitquitquit=$(Q)'), ...env({ Q: '1' }) }, 9091],
      ['one that is not there', sql('--quitquitquit', '--admin-port=$(P)'), unread],
      ['one from elsewhere', { ...sql('--quitquitquit', '--admin-port=$(P)'), env: [fromSecret('P')] }, unread],
      [
        'the setting itself from elsewhere',
        { ...sql('--quitquitquit'), env: [fromSecret('CSQL_PROXY_ADMIN_PORT')] },
        unread,
      ],
      ['an empty variable counts as unset', { ...sql('--quitquitquit'), ...env({ CSQL_PROXY_ADMIN_PORT: '' }) }, 9091],
      ['a number that is no port', sql('--quitquitquit', '--admin-port=99999'), unread],
      ['a flag without its word', sql('--quitquitquit', '--admin-port'), unread],
      ['but TERM is as good', sql('--quitquitquit', '--exit-zero-on-sigterm', '--admin-port=$(P)'), term],
      ["Dapr's", { name: 'daprd', args: ['--dapr-http-port', '$(P)'] }, term],
      ["Consul's path", { name: 'consul-dataplane', args: ['-graceful-shutdown-path=$(P)'] }, term],
    ])('%s', (_, container, expected) =>
      expect(endOf(container)).toEqual(
        typeof expected === 'number' ? url(`${expected}/quitquitquit`, false) : expected,
      ),
    );
  });

  describe.each([
    [{ shareProcessNamespace: true }, /shareProcessNamespace, .* the app/],
    [{ hostPID: true }, /hostPID, .* the node/],
  ])('with %j SIGTERM would reach others', (shared, advice) => {
    it('so it is not sent', () =>
      expect(endOf({ name: 'vault-agent' }, shared)).toEqual({ by: 'nothing', advice: expect.stringMatching(advice) }));
    it('nor after a POST', () => expect(endOf({ name: 'daprd' }, shared)).toEqual(url('3500/v1.0/shutdown', false)));
  });
});

describe('the sidecars of a pod', () => {
  const pod = classicPod({ spec: { containers: [app(), { name: 'vault-agent' }, { name: 'daprd' }] } });
  const namesOf = (annotations: Record<string, string> = {}) =>
    createFacts({ ...pod, metadata: { ...pod.metadata, annotations } }).sidecars.map(
      ({ container, index }) => `${index} ${container.name}`,
    );
  it('are those in the table but Istio’s', () => expect(namesOf()).toEqual(['1 vault-agent', '2 daprd']));
  it('not what is wrapped', () =>
    expect(namesOf({ 'clockout.dev/containers': 'app,daprd' })).toEqual(['1 vault-agent']));
  it('not what is left out', () =>
    expect(namesOf({ 'clockout.dev/exclude-containers': 'daprd' })).toEqual(['1 vault-agent']));
  it.each([
    ['example.com:5000/mirror/cloud-sql-proxy:1', true],
    ['example.com:5000/mirror/cloud-sql-proxy@sha256:0', true],
    ['cloud-sql-proxy', true],
    ['example.com/cloud-sql-proxy/app:1', false],
    ['example.com/my-cloud-sql-proxy', false],
    ['', false],
  ])('by its image, in whichever registry it is: %s %s', (image, isOne) =>
    expect(findKnown(app({ image })) !== undefined).toBe(isOne),
  );
});

describe('a sidecar that kubexit runs', () => {
  const env = [{ name: 'KUBEXIT_DEATH_DEPS', value: 'app' }];
  const end = { by: 'itself' };
  it.each<[container: Partial<Container>, expected: object]>([
    [{ command: ['/kubexit/kubexit', 'vault', 'agent'], env }, end],
    [{ command: ['kubexit'], args: ['vault', 'agent'], env }, end],
    [{ args: ['kubexit', 'vault'], env }, end],
    [{ command: ['kubexit', 'vault'] }, { by: 'term' }],
    [{ command: ['kubexit', 'vault'], env: [{ name: 'KUBEXIT_DEATH_DEPS', value: '' }] }, { by: 'term' }],
    [{ command: ['notkubexit', 'vault'], env }, { by: 'term' }],
    [{ args: ['vault', 'kubexit'], env }, { by: 'term' }],
  ])('%j is ended by %j', (more, expected) => expect(endOf({ name: 'vault-agent', ...more })).toEqual(expected));
});

describe('what people also run as an app', () => {
  const knownOf = (...containers: Container[]) => {
    return lookUpSidecars(containers).map(({ known }) => known?.title);
  };
  const fluentd = { name: 'fluentd', image: 'fluent/fluentd:v1' };

  it('is a sidecar if the pod has another app', () => expect(knownOf(app(), fluentd)).toEqual([undefined, 'Fluentd']));
  it('is an app if the pod has no other', () =>
    expect(knownOf(fluentd, { name: 'istio-proxy' }, { name: 'vault-agent' })).toEqual([
      undefined,
      'Istio',
      'Vault Agent',
    ]));
});

describe('the table', () => {
  it.each([
    ['azwi-proxy', 'term'],
    ['jaeger-agent', 'term'],
    ['fluent-bit', 'term'],
    ['tailing-sidecar-0', 'term'],
    ['openbao-agent', 'term'],
    ['datadog-agent-injected', 'term'],
    ['opentelemetry-auto-instrumentation', 'term'],
    ['airflow-xcom-sidecar', 'itself'],
    ['fluid-fuse-0', 'itself'],
    ['jfs-mount', 'itself'],
    ['consul-template', 'nothing'],
    ['tailing-sidecar', undefined],
    ['constructor', undefined],
  ])('%s: %s', (name, by) => expect(findKnown({ name })?.end({ name }, {}).by).toBe(by));

  it('lets the Datadog Agent of a Job end itself where it was told to', () => {
    const env = [{ name: 'DD_AUTO_EXIT_NOPROCESS_ENABLED', value: 'true' }];
    const container = { name: 'datadog-agent-injected', env };
    expect(findKnown(container)?.end(container, {})).toEqual({ by: 'itself' });
  });

  it('has each name and image once', () => {
    const names = knownSidecars.flatMap(({ names }) => names);
    const images = knownSidecars.flatMap(({ image }) => image ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(images).size).toBe(images.length);
  });
});

it('the advice is for a sidecar that nothing can end', () => {
  const pod = jobPod({ spec: { containers: [{ name: 'cloud-sql-proxy' }, { name: 'vault-agent' }] } });
  expect(createFacts(pod).sidecars.flatMap(findEndProblem).map(describeProblem)).toEqual([
    'container cloud-sql-proxy keeps the pod running, because nothing can end it: give it the argument --quitquitquit; you can also name its URL in clockout.dev/quit-urls',
  ]);
});

it('every row names its source and how it is ended', () => {
  for (const { source, ended } of knownSidecars) {
    expect(source).toMatch(/^https:\/\//);
    expect(ended).not.toBe('');
  }
});
