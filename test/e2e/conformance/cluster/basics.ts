/** What all others rest on: it hangs without Clockout, and the app is run as it would have been. */
import { sleep } from '../../cluster/progress.ts';
import { app, createJob, exitCode, isRunning, isWrapped, logOf, removeJob } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { lastPod } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { isOver, twin } from './support/twin.ts';

const odd = ['two words', '', '$HOME "quoted" \'too\'', 'line\nbreak', '$(NAME)', '$$(NAME)', '--'];

export const basics: Case<ClusterPlace>[] = [
  {
    name: 'hangs-without-clockout',
    title: 'Without Clockout a Job with a classic sidecar hangs: its app has exited, and its proxy keeps running',
    origins: [
      'istio/istio#6324',
      'istio/istio#11659',
      'kubernetes/kubernetes#25908',
      'defenseunicorns/uds-core#15',
      'linkerd/linkerd2#1869',
      'CrunchyData/postgres-operator#2945',
      'open-policy-agent/gatekeeper#1978',
      'cloudnative-pg/cloudnative-pg#801',
      'cockroachdb/helm-charts#256',
    ],
    run: hangs,
  },
  {
    name: 'native-sidecar',
    origins: ['defenseunicorns/uds-core#536'],
    title: 'A pod whose sidecar is native completes, without anything from Clockout',
    run: completesUntouched,
  },
  twin({
    name: 'arguments',
    title: 'The app gets the arguments that it would have had, and its log shows nothing else',
    spec: { containers: [app({ NAME: 'expanded', SLEEP: 0, CODE: 5 }, { args: odd })] },
    also: async ({ seen }) => {
      const log = await logOf(lastPod(seen()), 'app');
      const args = /args=\[(.*)\]/.exec(log)?.[1];
      const expected = String.raw`"/app" "two words" "" "$HOME \"quoted\" 'too'" "line\nbreak" "expanded" "$(NAME)" "--"`;
      if (args !== expected) throw new Error(`expected ${expected}, found ${args}`);
      const lines = log.split('\n').map((line) => line.split(' ')[0]);
      if (`${lines}` !== 'start,filled,exit,') throw new Error(`expected only the app's lines, found ${log}`);
    },
  }),
];

async function hangs({ namespace, observer }: ClusterPlace): Promise<string> {
  const name = 'hangs-without-clockout';
  await createJob(namespace, name, { labels: { 'clockout.dev/inject': 'false' }, spec: { containers: [app()] } });
  await observer.when(name, 'has an ended app', 60, (seen) => lastPod(seen) && exitCode(lastPod(seen), 'app') === 0);
  await sleep(10_000);
  const { jobs, pods } = observer.of(name);
  const pod = pods[0]?.pod;
  if (
    isWrapped(pod) ||
    pod.status.phase !== 'Running' ||
    !isRunning(pod, 'istio-proxy') ||
    jobs[0]?.job.status.succeeded
  ) {
    throw new Error(`expected a proxy that runs on, found ${JSON.stringify(pod.status)}`);
  }
  await removeJob(namespace, name);
  return 'Running, 10 s after the end of the app with exit code 0';
}

async function completesUntouched({ namespace, observer }: ClusterPlace): Promise<string> {
  const name = 'native-sidecar';
  await createJob(namespace, name, {
    annotations: { 'sidecar.istio.io/nativeSidecar': 'true' },
    spec: { containers: [app({ NEED_PROXY: 1 })] },
  });
  const { jobs, pods } = await observer.when(name, 'is over', 90, isOver);
  const { spec } = pods[0]?.pod ?? {};
  const inits = spec.initContainers.map((each: { name: string }) => each.name);
  if (jobs[0]?.job.status.succeeded !== 1) throw new Error('expected the Job to complete');
  if (isWrapped(pods[0]?.pod) || `${inits}` !== 'istio-proxy' || `${spec.containers[0].command}` !== '/app') {
    throw new Error(`expected an untouched pod, found ${JSON.stringify(spec)}`);
  }
  return 'Complete, skipped: `native-sidecar`';
}
