/** Where a namespace has rules for its pods, the patched pod keeps them. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import {
  api,
  app,
  isWrapped,
  type JobOptions,
  makeNamespace,
  meshed,
  nativeIn,
  runJob,
} from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

/** The proxy's resources, as its owner may set them: https://istio.io/latest/docs/reference/config/annotations/ */
const proxyResources = (cpu: string, memory: string): Record<string, string> => ({
  'sidecar.istio.io/proxyCPU': cpu,
  'sidecar.istio.io/proxyCPULimit': cpu,
  'sidecar.istio.io/proxyMemory': memory,
  'sidecar.istio.io/proxyMemoryLimit': memory,
});
const exactly = (cpu: string, memory: string): KubeObject => ({ requests: { cpu, memory }, limits: { cpu, memory } });

/** One after the other, in a namespace with rules. */
async function completesWithEach(namespace: string, options: JobOptions): Promise<string> {
  for (const strategy of ['wrap', 'native'] as const) {
    const annotations = { ...options.annotations, 'clockout.dev/strategy': strategy };
    const { result, pod } = await runJob(namespace, `with-${strategy}`, { ...options, annotations });
    const natives = strategy === 'native' ? ['istio-proxy'] : [];
    expect([strategy, result, isWrapped(pod), nativeIn(pod)]).toEqual([strategy, 'Complete', true, natives]);
  }
  return 'Complete, with each strategy';
}

const makeRange = (namespace: string, limits: object[]) =>
  api.create({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'range', namespace }, spec: { limits } });

function expectGuaranteed({ seen }: Subject): string {
  expect(seen().pods[0]?.pod.status.qosClass).toBe('Guaranteed');
  return 'Guaranteed';
}

export const limits: Case<ClusterPlace>[] = [
  {
    name: 'pod-security-restricted',
    title: 'Pod Security "restricted" takes the changed pod, and it completes',
    origins: [
      'bank-vaults/bank-vaults#1593',
      'bank-vaults/vault-secrets-webhook#244',
      '1Password/kubernetes-secrets-injector#43',
    ],
    run: async () => {
      const strict = await makeNamespace({ ...meshed, 'pod-security.kubernetes.io/enforce': 'restricted' });
      const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
      return await completesWithEach(strict, {
        // Istio's own container has no seccomp profile: the pod must have one.
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [app({}, { securityContext })],
        },
      });
    },
  },
  twin({
    name: 'guaranteed',
    title: 'A pod of the QoS class Guaranteed stays one',
    origins: ['bank-vaults/bank-vaults#1328', 'bank-vaults/bank-vaults#1331'],
    annotations: proxyResources('50m', '128Mi'),
    spec: { containers: [app({ CODE: 4 }, { resources: exactly('10m', '16Mi') })] },
    also: expectGuaranteed,
    alsoNative: expectGuaranteed,
  }),
  {
    name: 'quota',
    title: 'Under a quota for requests and limits that is just enough for app and proxy, the Job completes',
    origins: ['bank-vaults/bank-vaults#717'],
    run: async () => {
      const namespace = await makeNamespace(meshed);
      const hard = { 'requests.cpu': '60m', 'requests.memory': '160Mi', 'limits.cpu': '60m', 'limits.memory': '160Mi' };
      await api.create({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'quota', namespace },
        spec: { hard },
      });
      return await completesWithEach(namespace, {
        annotations: proxyResources('50m', '128Mi'),
        spec: { containers: [app({}, { resources: exactly('10m', '32Mi') })] },
      });
    },
  },
  {
    name: 'limit-range',
    title: 'Where a LimitRange sets defaults, bounds and a ratio for each container, the Job completes',
    origins: ['bank-vaults/bank-vaults#717', 'bank-vaults/bank-vaults#1328'],
    run: async () => {
      const namespace = await makeNamespace(meshed);
      const resources = { cpu: '50m', memory: '128Mi' };
      await makeRange(namespace, [
        { type: 'Container', min: resources, max: resources, default: resources, defaultRequest: resources },
      ]);
      return await completesWithEach(namespace, {
        annotations: proxyResources('50m', '128Mi'),
        spec: { containers: [app()] },
      });
    },
  },
  {
    name: 'limit-range-of-pods',
    title: 'Where a LimitRange has a maximum for pods that a large init container nearly reaches, the Job completes',
    run: async () => {
      const namespace = await makeNamespace(meshed);
      await makeRange(namespace, [{ type: 'Pod', max: { cpu: '1' } }]);
      const upTo = (cpu: string): KubeObject => ({ resources: { requests: { cpu: '10m' }, limits: { cpu } } });
      return await completesWithEach(namespace, {
        annotations: proxyResources('50m', '128Mi'),
        // With the proxy running beside it, it would be too large.
        spec: {
          initContainers: [app({ SLEEP: 0 }, { name: 'large', ...upTo('980m') })],
          containers: [app({}, upTo('50m'))],
        },
      });
    },
  },
];
