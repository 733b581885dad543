/** Hooks of the app's container, and probes, which Istio rewrites to go through its agent. */
import type { KubeObject } from '../../cluster/api.ts';
import { app } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { aWhile, deletePod, lastPod } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

const scratch = { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] };
const volumes = [{ name: 'scratch', emptyDir: {} }];
const exec = (...command: string[]): object => ({ exec: { command: ['/app', ...command] } });
const container = (env: Record<string, string | number>, fields: object): KubeObject => ({
  containers: [app({ TOUCH: '/scratch/started', ...env }, { ...scratch, ...fields })],
  volumes,
});

/** Each asks what the app offers once it runs; patient enough for an app that waits for its proxy. */
const probes = {
  exec: exec('there', '/scratch/started'),
  http: { httpGet: { path: '/', port: 8080 } },
  tcp: { tcpSocket: { port: 8080 } },
  grpc: { grpc: { port: 8080 } },
};
const patient = { periodSeconds: 1, failureThreshold: 30 };

export const hooksAndProbes: Case<ClusterPlace>[] = [
  twin({
    name: 'post-start-waits',
    title: 'A postStart hook that waits for the app: the kubelet starts the proxy only after it',
    spec: container({ SLEEP: 4, CODE: 5 }, { lifecycle: { postStart: exec('wait', '/scratch/started') } }),
  }),
  twin({
    name: 'post-start-sleeps',
    title: 'A postStart hook that runs for longer than the app',
    spec: container({ SLEEP: 1 }, { lifecycle: { postStart: { sleep: { seconds: 5 } } } }),
    bound: 12, // the kubelet starts the proxy only when the hook has ended
  }),
  twin({
    name: 'post-start-fails',
    title: 'A postStart hook that fails while the app runs: the kubelet kills the app, and the Job fails',
    spec: container(
      { SLEEP: 600, ON_TERM: 7, TERM_SLEEP: 0 },
      { lifecycle: { postStart: exec('fail', '/scratch/started') } },
    ),
  }),
  twin({
    name: 'post-start-fails-with-hold',
    title: 'The same, with a proxy that starts before the app',
    annotations: { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' },
    spec: container(
      { SLEEP: 600, ON_TERM: 7, TERM_SLEEP: 0 },
      { lifecycle: { postStart: exec('fail', '/scratch/started') } },
    ),
  }),
  twin({
    name: 'pre-stop-unused',
    title: 'A preStop hook does not run when the app ends by itself',
    spec: container({ SLEEP: 3, CODE: 5 }, { lifecycle: { preStop: { sleep: { seconds: 20 } } } }),
  }),
  twin({
    name: 'pre-stop-deleted',
    title: 'A preStop hook runs before the app gets SIGTERM',
    spec: container({ SLEEP: 600, ON_TERM: 7 }, { lifecycle: { preStop: { sleep: { seconds: 3 } } } }),
    act: deletePod(),
  }),
  ...Object.entries(probes).map(([name, probe]) =>
    twin({
      name: `probes-${name}`,
      title: `Startup, liveness and readiness probes by ${name}`,
      spec: container(
        { SLEEP: aWhile, CODE: 5, LISTEN: 8080 },
        {
          startupProbe: { ...probe, ...patient },
          livenessProbe: { ...probe, ...patient },
          readinessProbe: { ...probe, ...patient },
        },
      ),
      act: untilReady,
      also: expectReadyOnce,
    }),
  ),
  ...Object.entries(probes)
    .filter(([name]) => name === 'http' || name === 'grpc')
    .map(([name, probe]) =>
      twin({
        name: `startup-probe-fails-${name}`,
        title: `A startup probe by ${name} that never succeeds kills the app`,
        spec: container(
          { SLEEP: 600, LISTEN: 8080, HEALTHY: 0, ON_TERM: 7, TERM_SLEEP: 0 },
          { startupProbe: { ...probe, initialDelaySeconds: aWhile, periodSeconds: 1, failureThreshold: 3 } },
        ),
      }),
    ),
];

/** Ready at last, and never started anew. */
async function expectReadyOnce({ seen }: Subject): Promise<void> {
  for (const { pod, ends } of seen().pods) {
    const { restartCount } = pod.status.containerStatuses.find(({ name }: KubeObject) => name === 'app');
    if (restartCount !== 0 || ends.app?.length !== 1) throw new Error(`expected one start, found ${restartCount + 1}`);
  }
}

function untilReady({ when }: Subject): Promise<unknown> {
  return when('is ready', (seen) => lastPod(seen)?.status.containerStatuses?.every(({ ready }: KubeObject) => ready));
}
