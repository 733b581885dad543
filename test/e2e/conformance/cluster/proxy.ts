/** Whatever the proxy is like, or becomes, the app runs and its pod ends. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { run } from '../../cluster/exec.ts';
import { istioImages } from '../../cluster/images.ts';
import { kill } from '../../cluster/processes.ts';
import { app, createJob, type JobOptions, logOf, pidOf, statusOf } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { aWhile, createPod, killIn, lastPod, running } from './support/act.ts';
import { bringLate, lateName } from './support/late-image.ts';
import type { ClusterPlace } from './support/place.ts';
import { podsEnded, type Subject, twin } from './support/twin.ts';

const short: KubeObject = { containers: [app({ SLEEP: 3 })] };
const fails: KubeObject = { containers: [app({ SLEEP: 3, CODE: 5 })] };
const hold = { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' };
/** The agent asks another port for Envoy's state than the one where it is. */
const neverReady = { 'proxy.istio.io/config': '{"proxyAdminPort": 15999}' };

/** As with Istio's own native sidecar. */
const neverStarts = { leftOut: 'no app of the pod starts before its native proxy is ready' };

const quitDelay = 4;

export const proxy: Case<ClusterPlace>[] = [
  twin({
    name: 'proxy-first',
    origins: ['https://github.com/maksim-paskal/envoy-sidecar-helper', 'istio/istio#45627'],
    title: 'A proxy that starts before the app (holdApplicationUntilProxyStarts)',
    annotations: hold,
    spec: fails,
    needsProxy: true,
    also: ({ seen }: Subject) => {
      const first = seen().pods[0]?.pod.spec.containers[0].name;
      if (first !== 'istio-proxy') throw new Error(`expected istio-proxy as the first container, found ${first}`);
    },
  }),
  ...ports().map(([name, annotation, value, port]) =>
    twin({
      name: `proxy-${name}`,
      title: `A proxy with another status port (\`${annotation}\`)`,
      annotations: { [annotation]: value },
      spec: { containers: [app({ CODE: 5, STATUS_PORT: port })] },
      needsProxy: true,
    }),
  ),
  twin({
    name: 'proxy-without-port',
    origins: ['openkruise/kruise#1366', 'openkruise/kruise#1285', 'karlkfi/kubexit#19'],
    title: 'A proxy without a status port: the guard ends it with SIGTERM',
    annotations: { 'status.sidecar.istio.io/port': '0' },
    // Nobody waits for this proxy, and pilot-agent has no handler for SIGTERM in its first seconds.
    spec: { containers: [app({ SLEEP: 15, CODE: 5 })] },
    bound: 8, // Istio's terminationDrainDuration is 5 s
  }),
  twin({
    name: 'proxy-grpc-agent',
    origins: ['openkruise/kruise#1366', 'openkruise/kruise#1285', 'karlkfi/kubexit#19'],
    title:
      'A proxy without Envoy, which crashes on each quit (template grpc-agent): the guard ends it with SIGTERM after 10 s',
    annotations: { 'inject.istio.io/templates': 'grpc-agent' },
    spec: short,
    bound: 20,
  }),
  twin({
    name: 'proxy-killed',
    origins: ['redboxllc/scuttle#27', 'redboxllc/scuttle#50'],
    title: 'A proxy that is killed before the app ends; Never: nothing restarts it, and its pod fails',
    spec: { containers: [app({ SLEEP: aWhile })] },
    act: killIn('istio-proxy'),
    proxyEnds: ['Error 137'],
    differs: { why: 'a sidecar that was killed fails its pod', failsJob: true },
  }),
  twin({
    name: 'proxy-killed-on-failure',
    origins: ['redboxllc/scuttle#27', 'redboxllc/scuttle#50'],
    title: 'A proxy that is killed before the app ends; OnFailure: it starts again, and its guard with it',
    spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: aWhile })] },
    job: { backoffLimit: 3 }, // the proxy's starts count, too
    act: killIn('istio-proxy'),
  }),
  twin({
    name: 'proxy-and-app-killed',
    title: 'A proxy that was killed and started again, and then the app is killed: the new guard sees it',
    // A Job would count the proxy's start, and make another pod.
    create: createPod,
    labels: { 'clockout.dev/inject': 'true' },
    spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: 600 }, { restartPolicy: 'Never' })] },
    act: killProxyThenApp,
    until: podsEnded,
  }),
  twin({
    name: 'proxy-never-ready',
    native: neverStarts,
    origins: ['linkerd/linkerd2#7659', 'linkerd/linkerd2#8758', 'redboxllc/scuttle#27'],
    title: 'A proxy that never becomes ready: the app starts after `wait-timeout`',
    annotations: { ...neverReady, 'clockout.dev/wait-timeout': '4s' },
    spec: fails,
  }),
  twin({
    name: 'proxy-never-ready-fail',
    native: neverStarts,
    origins: ['linkerd/linkerd2#7659', 'istio/istio#41086'],
    title: 'A proxy that never becomes ready, with `on-wait-timeout: fail`: the app does not start',
    annotations: { ...neverReady, 'clockout.dev/wait-timeout': '4s', 'clockout.dev/on-wait-timeout': 'fail' },
    spec: short,
    differs: { why: 'as the annotation says', ends: { 'Completed 0': 'Error 124' }, failsJob: true },
  }),
  twin({
    name: 'proxy-unreachable',
    title:
      'A proxy whose port swallows every packet once the app runs: SIGTERM after 10 s, `quit-timeout` (30 s) for the app',
    spec: { containers: [app({ SLEEP: aWhile, CODE: 5 })] },
    act: swallowPackets,
    bound: 36,
    within: 120,
  }),
  twin({
    name: 'proxy-stopped',
    title: 'A proxy whose process is stopped (SIGSTOP) once the app runs',
    annotations: { 'clockout.dev/quit-timeout': '5s' },
    spec: { containers: [app({ SLEEP: aWhile, CODE: 5 })] },
    act: stopProxy,
    bound: 30,
  }),
  twin({
    name: 'quit-delay',
    title: 'A proxy that continues to run for some time after the app (`clockout.dev/quit-delay`)',
    annotations: { 'clockout.dev/quit-delay': `${quitDelay}s` },
    spec: fails,
    bound: quitDelay + 5,
    also: expectLaterEnd,
  }),
  twin({
    name: 'no-guard',
    title: 'A proxy without a guard (`clockout.dev/guard: "false"`): the wrapper alone ends it',
    annotations: { 'clockout.dev/guard': 'false' },
    spec: fails,
  }),
  twin({
    name: 'proxy-late',
    title: 'A proxy whose image is pulled late: the app waits for it, and is not started before',
    create: withLateImage,
    spec: { containers: [app({ CODE: 5 })] },
    needsProxy: true,
    within: 120,
  }),
  twin({
    name: 'proxy-late-missed',
    origins: ['karlkfi/kubexit#8'],
    title: 'A proxy whose image is pulled long after the app, which did not wait, has ended: the guard ends it',
    create: withLateImage,
    annotations: { 'clockout.dev/wait-for-proxy': 'false', 'clockout.dev/quit-timeout': '3s' },
    spec: short,
    within: 120,
    bound: 60, // the image's 15 s, and the kubelet's next try
  }),
];

function ports(): [string, string, string, number][] {
  return [
    ['port-annotation', 'status.sidecar.istio.io/port', '15099', 15099],
    ['port-config', 'proxy.istio.io/config', 'statusPort: 15098\n', 15098],
  ];
}

/** The app's container stays as long as the proxy, so it is the app's log that tells its end. */
async function expectLaterEnd({ seen }: Subject): Promise<string> {
  const [only] = seen().pods;
  const end = /^(\S+Z) exit \d+$/m.exec(await logOf(only?.pod, 'app', true))?.[1] ?? '';
  const lived = (Date.parse(only?.ends['istio-proxy']?.at(-1)?.finishedAt ?? '') - Date.parse(end)) / 1000;
  // A status has whole seconds.
  expect(lived).toBeGreaterThanOrEqual(quitDelay - 1);
  return `the proxy ends ${quitDelay} s after the app`;
}

/** The proxy alone; then, when it is back, the app. */
async function killProxyThenApp(subject: Subject): Promise<void> {
  await killIn('istio-proxy')(subject);
  if (subject.hasProxy) {
    await subject.when('has its proxy back', (seen) => {
      const status = lastPod(seen) && statusOf(lastPod(seen), 'istio-proxy');
      return status?.restartCount === 1 && status.ready;
    });
  }
  await killIn('app')(subject);
}

/** As a firewall would: no answer, not even a refusal. */
async function swallowPackets(subject: Subject): Promise<void> {
  const pod = await running(subject);
  if (!subject.hasProxy) return;
  const inPod = ['nsenter', '--net', '--target', String(await pidOf(pod, 'istio-proxy'))];
  const rule = ['--append', 'INPUT', '--protocol', 'tcp', '--dport', '15020', '--jump', 'DROP'];
  await run([...inPod, 'iptables', ...rule]);
}

async function stopProxy(subject: Subject): Promise<void> {
  const pod = await running(subject);
  if (subject.hasProxy) kill(await pidOf(pod, 'istio-proxy'), 'SIGSTOP');
}

async function withLateImage(subject: Subject, options: JobOptions): Promise<void> {
  const original = `${istioImages.hub}/proxyv2:${istioImages.tag}`;
  const image = lateName(original);
  const annotations = { ...options.annotations, 'sidecar.istio.io/proxyImage': image };
  await createJob(subject.namespace, subject.name, { ...options, annotations });
  if (subject.hasProxy) await bringLate(subject, 'istio-proxy', original, image);
}
