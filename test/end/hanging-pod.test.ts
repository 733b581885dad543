/** Which pods hang, and how they would be ended. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hangsSince, readPodState } from '../../src/end/hanging-pod.ts';
import { describeWay } from '../../src/live-status/ways.ts';
import { app } from '../support/pods.ts';
import { ago, type Changes, exited, hungPod, now, running, waiting } from './pods.ts';

const read = (changes: Changes = {}) => readPodState(hungPod(changes), now);
const onFailure = { restartPolicy: 'OnFailure' };
const withRules = (restartPolicyRules: unknown[]) => ({ containers: [app({ restartPolicyRules })] });
const restart = (operator: string, ...values: number[]) => ({ action: 'Restart', exitCodes: { operator, values } });
const proxyRuns = running('istio-proxy');

describe('a pod hangs', () => {
  it.each<[string, Changes]>([
    ['whose app has exited with code 0', {}],
    ['whose app has failed, if it is not started again', { statuses: [exited('app', 5), proxyRuns] }],
    ['whose app was killed', { statuses: [exited('app', 137), proxyRuns] }],
    ['under OnFailure, after code 0', { spec: onFailure }],
    [
      'under OnFailure, if the container itself says Never',
      { spec: onFailure, containers: [app({ restartPolicy: 'Never' })], statuses: [exited('app', 5), proxyRuns] },
    ],
    ['with a rule about another code', withRules([restart('In', 42)])],
    [
      'with two apps that have exited',
      { containers: [app(), app({ name: 'b' })], statuses: [exited('app'), exited('b', 1), proxyRuns] },
    ],
    ['that Clockout has wrapped, long after', { ...wrapped(), statuses: [exited('app', 0, 600), proxyRuns] }],
  ])('%s', (_, changes) => expect(read(changes)).toMatchObject({ state: 'hangs' }));

  it('and says since when, how, and for which Job', () => {
    const pod = read({
      containers: [app(), app({ name: 'b' })],
      statuses: [exited('app', 3, 60), exited('b', 0, 90), proxyRuns],
    });
    expect(pod).toMatchObject({
      namespace: 'shop',
      name: 'report-x7k2p',
      uid: 'uid-of-report-x7k2p',
      job: { name: 'report', uid: 'uid-of-report' },
      apps: [
        { name: 'app', exitCode: 3 },
        { name: 'b', exitCode: 0 },
      ],
    });
    expect(pod && hangsSince(pod)).toBe(Date.parse(ago(60)));
  });
});

describe('a pod does not hang', () => {
  it.each<[string, Changes, string]>([
    ['whose app runs', { statuses: [running('app'), proxyRuns] }, 'runs'],
    ['whose app waits', { statuses: [waiting('app'), proxyRuns] }, 'runs'],
    ['of whose app nothing is known', { statuses: [proxyRuns] }, 'runs'],
    ['with another app that runs', { containers: [app(), app({ name: 'b' })] }, 'runs'],
    ['under OnFailure, after another code', { spec: onFailure, statuses: [exited('app', 5), proxyRuns] }, 'runs'],
    ['under Always', { spec: { restartPolicy: 'Always' } }, 'runs'],
    ['whose container itself says Always', { containers: [app({ restartPolicy: 'Always' })] }, 'runs'],
    ['with a rule that starts the app again', withRules([restart('In', 0)]), 'runs'],
    ['with a rule about all other codes', withRules([restart('NotIn', 42)]), 'runs'],
    ['with a rule in a form that is not known', withRules([{ action: 'RestartAllContainers' }]), 'runs'],
    ['that has finished', { status: { phase: 'Failed' } }, 'finished'],
    ['that is being deleted', { metadata: { deletionTimestamp: ago(1) } }, 'ending'],
    ['whose sidecars have exited', { statuses: [exited('app'), exited('istio-proxy')] }, 'ending'],
    [
      'that Clockout has wrapped, and is ending',
      { ...wrapped(), statuses: [exited('app', 0, 60), proxyRuns] },
      'ending',
    ],
  ])('%s', (_, changes, state) => expect(read(changes)).toMatchObject({ state, ways: [] }));

  it.each([
    ['nothing', undefined],
    ['a text', 'pod'],
    ['an object without a name', { metadata: {} }],
    ['a pod without a status', { ...hungPod(), status: undefined }],
    ['a pod whose spec is none', { ...hungPod(), spec: { containers: 'all' } }],
  ])('%s is no pod of a cluster', (_, object) => expect(readPodState(object, now)).toBeUndefined());
});

function wrapped(): Changes {
  const command = ['/clockout/busybox', 'sh', '/clockout/run', 'me=app', '--', '/app'];
  return { containers: [app({ command })] };
}

const vault = app({ name: 'vault-agent', image: 'vault:1' });
const quitVault = { 'vault.hashicorp.com/agent-enable-quit': 'true' };
const cloudSql = (args: string[]) => app({ name: 'cloud-sql-proxy', args });
const newRelic = app({ name: 'newrelic-infrastructure-sidecar' });

describe('the sidecars of a pod that hangs', () => {
  it.each<[string, Changes, string[]]>([
    ['Istio alone', {}, ['istio-proxy: POST :15020/quitquitquit']],
    [
      'Istio at another port',
      { annotations: { 'status.sidecar.istio.io/port': '15099' } },
      ['istio-proxy: POST :15099/quitquitquit'],
    ],
    [
      'Istio without a status port',
      { annotations: { 'status.sidecar.istio.io/port': '0' } },
      ['istio-proxy: POST :15000/quitquitquit'],
    ],
    [
      'one with a signal, before Istio',
      { containers: [app(), vault] },
      ['vault-agent: SIGTERM, by exec', 'istio-proxy: POST :15020/quitquitquit'],
    ],
    [
      'one with a URL',
      { containers: [app(), vault], annotations: quitVault },
      ['vault-agent: POST :8200/agent/v1/quit', 'istio-proxy: POST :15020/quitquitquit'],
    ],
    [
      'one that has exited already',
      { containers: [app(), vault], statuses: [exited('app'), exited('vault-agent'), proxyRuns] },
      ['istio-proxy: POST :15020/quitquitquit'],
    ],
    [
      'one that ends by itself',
      { containers: [app(), app({ name: 'kuma-sidecar' })] },
      ['kuma-sidecar: ends by itself', 'istio-proxy: POST :15020/quitquitquit'],
    ],
    [
      'one of the author’s own, with its URL',
      {
        containers: [app(), app({ name: 'own' })],
        annotations: {
          'clockout.dev/exclude-containers': 'own',
          'clockout.dev/quit-urls': 'http://localhost:8001/quit?now=1',
        },
      },
      ['clockout.dev/quit-urls: POST :8001/quit?now=1', 'own: ends by itself', 'istio-proxy: POST :15020/quitquitquit'],
    ],
  ])('%s', (_, changes, ways) => {
    const pod = read(changes);
    expect(pod).not.toHaveProperty('keeper');
    expect(pod?.ways.map(describeWay)).toEqual(ways);
  });

  it.each<[string, Changes, RegExp]>([
    [
      'one that nothing ends',
      { containers: [app(), newRelic] },
      /^nothing ends newrelic-infrastructure-sidecar: set the/,
    ],
    [
      'one that needs an argument',
      { containers: [app(), cloudSql([])] },
      /^nothing ends cloud-sql-proxy: give it the argument/,
    ],
    [
      'one of the author’s own, without a URL',
      { containers: [app(), app({ name: 'own' })], annotations: { 'clockout.dev/exclude-containers': 'own' } },
      /names own, and no clockout.dev\/quit-urls ends it/,
    ],
    ['ports that are the node’s', { spec: { hostNetwork: true } }, /^it has the node's network/],
    [
      'a signal that would reach the app',
      { containers: [app(), vault], spec: { shareProcessNamespace: true } },
      /shareProcessNamespace/,
    ],
    [
      'one that would be started again',
      { containers: [app({ restartPolicy: 'Never' })], spec: { restartPolicy: 'Always' } },
      /^the kubelet would start istio-proxy again$/,
    ],
    [
      'one with rules of its own',
      { containers: [app(), { ...vault, restartPolicyRules: [restart('In', 0)] }] },
      /^the kubelet would start vault-agent again$/,
    ],
  ])('%s keeps the pod, and the others are left as they are', (_, changes, keeper) =>
    expect(read(changes)).toMatchObject({ state: 'hangs', ways: [], keeper: expect.stringMatching(keeper) }),
  );
});

describe('laws', () => {
  const policy = fc.constantFrom('Never', 'OnFailure', 'Always', undefined);
  const rules = fc.option(
    fc.array(fc.constantFrom(restart('In', 0, 3), restart('NotIn', 1), { exitCodes: 1 }), { maxLength: 2 }),
    { nil: undefined },
  );
  const state = fc.oneof(
    fc.constantFrom(0, 1, 3, 137).map((code) => exited('', code).state),
    fc.constantFrom(running('').state, waiting('').state, {}, null, 'terminated'),
  );
  const one = fc.record({ policy, rules, state });

  it('a pod of which an app can still run is never ended', () => {
    fc.assert(
      fc.property(policy, fc.array(one, { minLength: 1, maxLength: 3 }), (podPolicy, apps) => {
        const containers = apps.map((each, i) =>
          app({
            name: `app-${i}`,
            ...(each.policy && { restartPolicy: each.policy }),
            ...(each.rules && { restartPolicyRules: each.rules }),
          }),
        );
        const statuses = [...apps.map((each, i) => ({ name: `app-${i}`, state: each.state })), proxyRuns];
        const pod = read({
          containers,
          statuses,
          spec: podPolicy ? { restartPolicy: podPolicy } : { restartPolicy: null },
        });
        const canRun = apps.some((each) => {
          const code = (each.state as { terminated?: { exitCode: number } } | null)?.terminated?.exitCode;
          if (code === undefined) return true;
          const matched = each.rules?.some(
            (rule) =>
              !('action' in rule) || (rule.exitCodes.operator === 'In') === rule.exitCodes.values.includes(code),
          );
          const own = each.policy ?? podPolicy ?? 'Always';
          return matched || own === 'Always' || (own === 'OnFailure' && code !== 0);
        });
        expect(pod?.state === 'hangs').toBe(!canRun);
        if (canRun) expect(pod?.ways).toEqual([]);
      }),
    );
  });

  it('whatever an object looks like, it is read without an error', () => {
    const odd = fc.dictionary(
      fc.constantFrom('state', 'name', 'terminated', 'running', 'exitCode'),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(odd), (any, statuses) => {
        readPodState(any, now);
        readPodState(hungPod({ statuses }), now);
      }),
    );
  });
});
