/** Told to end by somebody else: the app gets its signal and its time, and its pod ends when it does. */
import type { KubeObject } from '../../cluster/api.ts';
import { busyboxImage, initsImage } from '../../cluster/images.ts';
import { api, app } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { aWhile, deleteJob, deletePod, drain, evict, jobPathOf, lastPod, pathOf, running } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

/** Cleans up for 2 seconds on TERM, and ends with 7. */
const cleansUp = { SLEEP: 600, ON_TERM: 7, TERM_SLEEP: 2 };
const spec = { terminationGracePeriodSeconds: 60, containers: [app(cleansUp)] };
const ignores = { terminationGracePeriodSeconds: 6, containers: [app({ SLEEP: 600 })] };
const probe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
/** Has started once it and its proxy answer, which Istio's rewritten probe asks; then falls ill. */
const fallsIll = app(
  { ...cleansUp, LISTEN: 8080, HEALTHY: aWhile },
  { startupProbe: { ...probe, failureThreshold: 120 }, livenessProbe: { ...probe, failureThreshold: 2 } },
);
const sleeps = app({}, { image: busyboxImage, command: ['/bin/busybox', 'sleep', '600'] });

export const toldToEnd: Case<ClusterPlace>[] = [
  twin({
    name: 'pod-deleted',
    origins: ['redboxllc/scuttle#34', 'hashicorp/consul-k8s#536'],
    title: 'Its pod is deleted',
    spec,
    act: deletePod(),
  }),
  twin({ name: 'job-deleted', title: 'The Job is deleted', spec, act: deleteJob }),
  twin({ name: 'pod-evicted', title: 'Its pod is evicted through the Eviction API', spec, act: evict }),
  twin({ name: 'node-drained', title: 'The node is drained (`kubectl drain`)', spec, act: drain, alone: true }),
  twin({
    name: 'job-deadline',
    title: "The Job's `activeDeadlineSeconds` run out",
    spec,
    act: endTimeOfJob,
  }),
  twin({
    name: 'job-deadline-on-failure',
    title: "The Job's `activeDeadlineSeconds` run out, with OnFailure",
    spec: { ...spec, restartPolicy: 'OnFailure' },
    act: endTimeOfJob,
  }),
  twin({
    name: 'pod-deadline',
    title: "The pod's own `activeDeadlineSeconds` run out",
    spec,
    act: endTimeOfPod,
  }),
  twin({
    name: 'success-on-term',
    title: 'An app that exits with 0 after SIGTERM',
    spec: { ...spec, containers: [app({ ...cleansUp, ON_TERM: 0 })] },
    act: deletePod(),
  }),
  twin({
    name: 'term-ignored',
    origins: ['istio/istio#11659'],
    title: 'An app that ignores SIGTERM is killed at the end of the grace period',
    spec: ignores,
    act: deletePod(),
  }),
  twin({
    name: 'stop-signal',
    title: 'A container with a stop signal of its own (`lifecycle.stopSignal`), if the cluster supports this',
    origins: ['kubernetes/enhancements#5122'],
    spec: {
      ...ignores,
      os: { name: 'linux' },
      containers: [app({ SLEEP: 600 }, { lifecycle: { stopSignal: 'SIGUSR1' } })],
    },
    act: deletePod(),
  }),
  twin({
    name: 'term-without-handler',
    title: 'An app without a handler for SIGTERM',
    spec: { ...ignores, containers: [sleeps] },
    act: deletePod(),
    differs: {
      why: 'the kernel does not send SIGTERM to a process 1 without a handler',
      ends: { 'Error 137': 'Error 143' },
    },
  }),
  twin({
    name: 'second-deletion',
    title: 'A second deletion with a shorter grace period, of an app that ignores SIGTERM',
    spec: { terminationGracePeriodSeconds: 20, containers: [app({ SLEEP: 600 })] },
    act: deletedTwice,
    proxyEnds: ['Completed 0', 'Error 137'],
  }),
  ...['tini', 'dumb-init'].map((init) =>
    twin({
      name: `deleted-under-${init}`,
      title: `An app under ${init} gets SIGTERM`,
      spec: {
        ...spec,
        containers: [app(cleansUp, { image: initsImage, command: [`/${init}`, '--', '/app'] })],
      },
      act: deletePod(),
    }),
  ),
  twin({
    name: 'deleted-during-init',
    title: 'Its pod is deleted while an init container of its own runs',
    spec: { ...spec, initContainers: [app(cleansUp, { name: 'init' })] },
    act: deletedDuringInit,
  }),
  twin({
    name: 'liveness-killed',
    title: 'A failed liveness probe kills the app; Never: the Job fails',
    spec: { ...spec, containers: [fallsIll] },
  }),
  twin({
    name: 'liveness-killed-on-failure',
    title: 'A failed liveness probe kills the app; OnFailure: it starts again, up to `backoffLimit`',
    spec: {
      ...spec,
      restartPolicy: 'OnFailure',
      containers: [fallsIll],
    },
    job: { backoffLimit: 1 },
  }),
];

/** Set once the app runs, since a deadline counts from the Job's start, and a busy machine may take longer to start the app. */
const past = { spec: { activeDeadlineSeconds: 1 } };

async function endTimeOfJob(subject: Subject): Promise<void> {
  await running(subject);
  await api.merge(jobPathOf(subject), past);
}

async function endTimeOfPod(subject: Subject): Promise<void> {
  await api.merge(pathOf(await running(subject)), past);
}

async function deletedTwice(subject: Subject): Promise<void> {
  const pod = await running(subject);
  await api.delete(pathOf(pod));
  await subject.when('is being deleted', (seen) => lastPod(seen)?.metadata.deletionTimestamp !== undefined);
  await api.delete(pathOf(pod), { gracePeriodSeconds: 4 });
}

async function deletedDuringInit(subject: Subject): Promise<void> {
  const seen = await subject.when('runs its init container', (each) => {
    const pod = lastPod(each);
    return pod?.status.initContainerStatuses?.some(({ state }: KubeObject) => state.running);
  });
  await api.delete(pathOf(lastPod(seen)));
}
