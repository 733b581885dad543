/** Where a namespace has rules for its pods, the patched pod keeps them. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { api, app, isWrapped, makeNamespace, meshed, runJob } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import type { ClusterPlace } from './place.ts';
import { type Subject, twin } from './twin.ts';

/** The proxy's resources, as its owner may set them: https://istio.io/latest/docs/reference/config/annotations/ */
const proxyResources = (cpu: string, memory: string): Record<string, string> => ({
  'sidecar.istio.io/proxyCPU': cpu,
  'sidecar.istio.io/proxyCPULimit': cpu,
  'sidecar.istio.io/proxyMemory': memory,
  'sidecar.istio.io/proxyMemoryLimit': memory,
});
const exactly = (cpu: string, memory: string): KubeObject => ({ requests: { cpu, memory }, limits: { cpu, memory } });

export const limits: Case<ClusterPlace>[] = [
  {
    name: 'pod-security-restricted',
    title: 'Pod Security "restricted" takes the wrapped pod, and it completes',
    origins: [
      'bank-vaults/bank-vaults#1593',
      'bank-vaults/vault-secrets-webhook#244',
      '1Password/kubernetes-secrets-injector#43',
    ],
    run: async () => {
      const strict = await makeNamespace({ ...meshed, 'pod-security.kubernetes.io/enforce': 'restricted' });
      const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
      const { result, pod } = await runJob(strict, 'restricted', {
        // Istio's own container has no seccomp profile: the pod must have one.
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [app({}, { securityContext })],
        },
      });
      expect(isWrapped(pod)).toBe(true);
      expect(result).toBe('Complete');
    },
  },
  twin({
    name: 'guaranteed',
    title: 'A pod of the QoS class Guaranteed stays one',
    origins: ['bank-vaults/bank-vaults#1328', 'bank-vaults/bank-vaults#1331'],
    annotations: proxyResources('50m', '128Mi'),
    spec: { containers: [app({ CODE: 4 }, { resources: exactly('10m', '16Mi') })] },
    also: ({ seen }: Subject) => {
      expect(seen().pods[0]?.pod.status.qosClass).toBe('Guaranteed');
      return 'Guaranteed';
    },
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
      const { result, pod } = await runJob(namespace, 'quota', {
        annotations: proxyResources('50m', '128Mi'),
        spec: { containers: [app({}, { resources: exactly('10m', '32Mi') })] },
      });
      expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
    },
  },
  {
    name: 'limit-range',
    title: 'Where a LimitRange sets defaults, bounds and a ratio for each container, the Job completes',
    origins: ['bank-vaults/bank-vaults#717', 'bank-vaults/bank-vaults#1328'],
    run: async () => {
      const namespace = await makeNamespace(meshed);
      const resources = { cpu: '50m', memory: '128Mi' };
      const limits = [
        { type: 'Container', min: resources, max: resources, default: resources, defaultRequest: resources },
      ];
      await api.create({
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'range', namespace },
        spec: { limits },
      });
      const { result, pod } = await runJob(namespace, 'ranged', {
        annotations: proxyResources('50m', '128Mi'),
        spec: { containers: [app()] },
      });
      expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
    },
  },
];
