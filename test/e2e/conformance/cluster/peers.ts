/** What went wrong with others who change pods or end sidecars as Clockout does: see the origins. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { busyboxImage } from '../../cluster/images.ts';
import { expectWithin } from '../../cluster/progress.ts';
import { api, app, isRunning, isWrapped, logOf, makeNamespace, runJob } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { limits } from './peers-limits.ts';
import { patches } from './peers-patch.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

// Its own environment, not what it would hand on.
const countVariables =
  'exit $(tr "\\0" "\\n" </proc/$$/environ | grep -cx -e spring.datasource.url=jdbc:x -e my-var=1 -e "two words=2")';

export const peers: Case<ClusterPlace>[] = [
  ...patches,
  ...limits,
  twin({
    name: 'args-without-command',
    title: 'A container with args alone keeps them behind its entrypoint, which the annotation tells',
    origins: ['bank-vaults/bank-vaults#524', 'https://github.com/Tsingshen/cronjob-sidecar'],
    annotations: { 'clockout.dev/entrypoint': '["/app"]' },
    spec: {
      containers: [app({ NAME: 'expanded' }, { command: undefined, args: ['a  b', '$(NAME)', ''] })],
    },
    also: async (subject: Subject) => {
      expect(await logOf(subject.seen().pods[0]?.pod, 'app')).toContain('args=["/app" "a  b" "expanded" ""]');
      return 'the same arguments';
    },
  }),
  {
    name: 'template-stays',
    title:
      "A Job's own template stays as it was sent: only its pods are changed, so that applying it again is no change",
    origins: ['argoproj/argo-cd#7430'],
    run: async ({ namespace }) => {
      const { job, pod } = await runJob(namespace, 'template', { spec: { containers: [app({ SLEEP: 0 })] } });
      expect(isWrapped(pod)).toBe(true);
      expect(job.spec.template.spec.containers).toHaveLength(1);
      expect(job.spec.template.spec.containers[0].command).toEqual(['/app']);
      expect(JSON.stringify(job)).not.toContain('/clockout');
    },
  },
  twin({
    name: 'proxy-with-probes',
    title: 'Probes that ask the proxy (`clockout.dev/probes`) restart nothing after the proxy was asked to exit',
    origins: ['linkerd/linkerd2#8033', 'hashicorp/consul-k8s#1791'],
    annotations: { 'clockout.dev/probes': 'readiness-liveness' },
    spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: 12 })] },
    needsProxy: true,
  }),
  twin({
    name: 'deleted-while-waiting',
    native: { leftOut: 'no app of the pod starts before its native proxy' },
    title: 'A pod that is deleted while its app waits for the proxy is gone at once, not after its grace period',
    origins: ['redboxllc/scuttle#34', 'istio/istio#11659'],
    annotations: { 'sidecar.istio.io/proxyImage': 'localhost/no/such:image' },
    spec: { terminationGracePeriodSeconds: 60, containers: [app({ SLEEP: 600, ON_TERM: 143, TERM_SLEEP: 0 })] },
    act: deletedWhileWaiting,
  }),
  twin({
    name: 'odd-variables',
    title: 'Variables whose names no shell could set reach the app: its exit code is how many it has',
    spec: {
      containers: [
        app(
          { 'spring.datasource.url': 'jdbc:x', 'my-var': '1', 'two words': '2' },
          { image: busyboxImage, command: ['/bin/sh', '-c', countVariables] },
        ),
      ],
    },
  }),
  twin({
    name: 'without-token',
    title: 'A pod without a service account token, whose account has no rights',
    origins: ['https://github.com/skyfjell/istio-proxy-quit', 'https://github.com/maksim-paskal/envoy-sidecar-helper'],
    spec: { automountServiceAccountToken: false, containers: [app({ CODE: 5 })] },
    needsProxy: true,
  }),
  {
    name: 'no-mesh',
    title: 'Where no mesh is, a Job that asked for Clockout runs as it is, and completes',
    origins: ['redboxllc/scuttle#21', 'linkerd/linkerd2#8758', 'AOEpeople/kubernetes-sidecar-cleaner#1'],
    run: async () => {
      const namespace = await makeNamespace({ 'clockout.dev/inject': 'enabled' });
      const { result, pod } = await runJob(namespace, 'no-mesh', { spec: { containers: [app()] } });
      expect([result, isWrapped(pod)]).toEqual(['Complete', false]);
    },
  },
  twin({
    name: 'hold-runs-out',
    native: { leftOut: 'no app of the pod starts before its native proxy is ready' },
    title:
      "A proxy that never becomes ready, with `holdApplicationUntilProxyStarts`: the kubelet kills it after Istio's minute",
    origins: ['istio/istio#45627', 'istio/istio#41086'],
    annotations: {
      'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true, "proxyAdminPort": 15999}',
      'clockout.dev/wait-timeout': '4s',
    },
    spec: { containers: [app({ CODE: 5 })] },
    within: 150,
  }),
  twin({
    name: 'host-processes',
    title: 'A pod that shares the process namespace of its node',
    origins: ['hashicorp/consul-k8s#722'],
    spec: { hostPID: true, containers: [app({ CODE: 6 })] },
    needsProxy: true,
  }),
];

/** Seen from without: the app waits, its proxy's image is missing. Only the wrapped one waits. */
async function deletedWhileWaiting(subject: Subject): Promise<void> {
  const seen = await subject.when('runs its app', (each) => {
    const pod = each.pods[0]?.pod;
    return pod && isRunning(pod, 'app');
  });
  const began = Date.now();
  await api.delete(`/api/v1/namespaces/${subject.namespace}/pods/${seen.pods[0]?.pod.metadata.name}`);
  await subject.when('is gone', ({ pods }) => pods[0]?.deleted || isEnded(pods[0]?.pod));
  expectWithin('it is gone', 10, (Date.now() - began) / 1000);
}

const isEnded = (pod: KubeObject): boolean => ['Succeeded', 'Failed'].includes(pod.status.phase);
