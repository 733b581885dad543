/** Killed, so that no wrapper can tell the proxy: the guard does. */
import type { KubeObject } from '../../cluster/api.ts';
import { kill } from '../../cluster/processes.ts';
import { app, statusOf } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { aWhile, guardOf, killIn, loseSandbox, running } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

const long: KubeObject = { containers: [app({ SLEEP: 600 })] };
const hungry: KubeObject = {
  containers: [app({ MEMORY: 400, SLEEP: 600 }, { resources: { limits: { memory: '64Mi' } } })],
};
const hold = { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' };
/** Lives until the second time. */
const once = (env: object): KubeObject => ({
  restartPolicy: 'OnFailure',
  containers: [
    app({ ...env, FAIL_ONCE: '/scratch/failed' }, { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }),
  ],
  volumes: [{ name: 'scratch', emptyDir: {} }],
});

export const kills: Case<ClusterPlace>[] = [
  twin({
    name: 'killed',
    origins: ['https://github.com/otherguy/k8s-controller-sidecars'],
    title: 'Process 1 of the app is killed from outside',
    spec: long,
    act: killIn('app'),
  }),
  twin({
    name: 'killed-on-failure',
    title: 'Process 1 is killed from outside; OnFailure: the app starts again, with its proxy, and succeeds',
    spec: once({ SLEEP: 15 }),
    job: { backoffLimit: 3 },
    needsProxy: true,
    act: killIn('app'),
  }),
  twin({
    name: 'killed-with-hold',
    title: "Killed, where Istio's own hook is in the proxy's container beside the guard's",
    annotations: hold,
    spec: long,
    act: killIn('app'),
  }),
  twin({
    name: 'out-of-memory',
    origins: ['https://github.com/otherguy/k8s-controller-sidecars'],
    title: 'The app is OOM-killed',
    spec: hungry,
  }),
  twin({
    name: 'out-of-memory-on-failure',
    title: 'The app is OOM-killed, with OnFailure, up to `backoffLimit`',
    spec: { ...hungry, restartPolicy: 'OnFailure' },
    job: { backoffLimit: 1 },
    ends: 1,
  }),
  twin({
    name: 'guard-killed',
    title: 'The guard is killed: the wrapper alone ends the proxy',
    spec: { containers: [app({ SLEEP: aWhile, CODE: 3 })] },
    act: killGuard,
  }),
  twin({
    name: 'sandbox-lost',
    title: "The pod's sandbox is lost; Never: the Job fails",
    spec: long,
    act: loseSandbox,
    proxyEnds: ['Error 137', 'Completed 0', 'Error 255'],
  }),
  twin({
    name: 'sandbox-lost-on-failure',
    title:
      "The pod's sandbox is lost; OnFailure: the app starts again in a new one, without its proxy, which has exited 0 and so is not started again by Kubernetes",
    annotations: { 'clockout.dev/wait-timeout': '8s' },
    spec: once({ SLEEP: 15, CODE: 4 }),
    job: { backoffLimit: 5 },
    act: loseSandbox,
    alsoNative: startedTwice,
  }),
];

/** With the strategy native, the new sandbox has its proxy. */
function startedTwice({ seen }: Subject): void {
  const proxy = statusOf(seen().pods[0]?.pod, 'istio-proxy');
  if (!(proxy.restartCount >= 1)) throw new Error(`expected two starts of istio-proxy, found ${JSON.stringify(proxy)}`);
}

async function killGuard(subject: Subject): Promise<void> {
  const pod = await running(subject);
  if (!subject.wrapped) return;
  const pids = await guardOf(pod);
  if (pids.length === 0) throw new Error('expected a guard to kill');
  for (const pid of pids) kill(pid, 'SIGKILL');
}
