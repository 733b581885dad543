import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/pod/schema.ts';
import { countEach, readHanging } from '../../src/sweep/read-hanging.ts';
import { app, classicPod, jobPod, proxy } from '../support/pods.ts';
import { hangingPod, withStatus } from './pods.ts';

const inShop = { metadata: { namespace: 'shop' } };
const classic = classicPod(inShop);
const onFailure = classicPod({ ...inShop, spec: { restartPolicy: 'OnFailure' } });
const outlived = { app: 0, 'istio-proxy': 'running' } as const;
const wrapped = app({ command: ['/clockout/busybox', 'sh', '/clockout/run', '--'], args: ['/app'] });
const status = { 'clockout.dev/status': '{"version":"0.1.0","sidecar":"injected","containers":{}}' };
const owned = (kind: string, apiVersion: string): Pod => ({
  ...classic,
  metadata: { ...classic.metadata, ownerReferences: [{ kind, apiVersion, controller: true }] },
});
const native = jobPod({
  ...inShop,
  spec: { initContainers: [proxy({ restartPolicy: 'Always' })], containers: [app()] },
});

describe('a pod hangs', () => {
  it.each<[string, Record<string, unknown>]>([
    ['whose app has exited', withStatus(classic, outlived)],
    ['whose app has failed, and is not started again', withStatus(classic, { ...outlived, app: 1 })],
    [
      'whose two apps have exited',
      withStatus(classicPod({ ...inShop, spec: { containers: [app(), app({ name: 'b' })] } }), { ...outlived, b: 1 }),
    ],
    [
      'that has another sidecar',
      withStatus(classicPod({ ...inShop, spec: { containers: [app(), { name: 'vault-agent' }] } }), {
        ...outlived,
        'vault-agent': 'running',
      }),
    ],
  ])('%s', (_, pod) => expect(readHanging(pod, 0)?.namespace).toBe('shop'));

  it.each<[string, Record<string, unknown>]>([
    ['whose app runs', withStatus(classic, { ...outlived, app: 'running' })],
    ['whose app waits for its next start', withStatus(onFailure, { ...outlived, app: 'waiting' })],
    ['whose app has failed, and is started again', withStatus(onFailure, { ...outlived, app: 1 })],
    ['whose proxy has exited', withStatus(classic, { app: 0, 'istio-proxy': 0 })],
    ['that Clockout wrapped', withStatus(classicPod({ ...inShop, spec: { containers: [wrapped] } }), outlived)],
    ['that has the mark of Clockout', withStatus(classicPod({ ...inShop, annotations: status }), outlived)],
    ['with a native sidecar', withStatus(native, { app: 0 })],
    ['of a Deployment', withStatus(owned('ReplicaSet', 'apps/v1'), outlived)],
    ['of a Job of another project', withStatus(owned('Job', 'batch.volcano.sh/v1alpha1'), outlived)],
    [
      'that is being deleted',
      withStatus({ ...classic, metadata: { ...classic.metadata, deletionTimestamp: 'x' } } as Pod, outlived),
    ],
    ['without a status', { ...classic }],
    ['without a spec', { metadata: { namespace: 'shop' } }],
    ['whose status is of another shape', { ...classic, status: { phase: 'Running', containerStatuses: 'app' } }],
  ])('but not one %s', (_, pod) => expect(readHanging(pod, 0)).toBeUndefined());
});

it('its names and its controller are kept, and nothing else', () => {
  const controller = { apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1', controller: true };
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' };
  const metadata = { namespace: 'shop', name: 'report-x', ownerReferences: [other, controller] };
  expect(readHanging(withStatus(classicPod({ metadata }), outlived), 0)).toEqual({
    ...metadata,
    ownerReferences: [controller],
  });
});

it('they are counted by namespace', () => {
  const found = ['b', 'a', 'b'].map((namespace) => `${readHanging(hangingPod(namespace), 0)?.namespace}`);
  expect(countEach(found)).toEqual(
    new Map([
      ['b', 2],
      ['a', 1],
    ]),
  );
});
