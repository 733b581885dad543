/** What the tests do with the cluster: make Jobs, wait for how they end, look at their pods. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { connect, type KubeObject } from '../api.ts';
import { run } from '../exec.ts';
import { appImage } from '../images.ts';
import { needBuiltCluster } from '../own-cluster.ts';
import { root } from '../paths.ts';
import { kill } from '../processes.ts';
import { eventually, TimedOut } from '../progress.ts';
import { containerdSocket } from '../settings.ts';

export const api = connect();

/** Labels of a namespace in which Istio injects, and Clockout wraps. */
export const meshed = { 'istio-injection': 'enabled', 'clockout.dev/inject': 'enabled' };

/** Makes a namespace with a name of its own. It is removed with the cluster, or by `removeNamespaces`. */
export async function makeNamespace(labels: Record<string, string>): Promise<string> {
  const name = `test-${randomUUID().slice(0, 8)}`;
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  made.push(name);
  await eventually(`the service account of ${name}`, 30, () =>
    api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`),
  );
  return name;
}

const made: string[] = [];

export async function removeNamespaces(): Promise<void> {
  for (const name of made.splice(0)) await api.delete(`/api/v1/namespaces/${name}`);
}

export type JobOptions = {
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  /** Fields of the pod's spec. */
  spec?: KubeObject;
  /** Fields of the Job's spec. */
  job?: KubeObject;
};

/** A container with the test app. */
export const app = (env: Record<string, string | number> = {}, fields: KubeObject = {}): KubeObject => ({
  name: 'app',
  image: appImage,
  command: ['/app'],
  env: Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
  ...fields,
});

/** What ends well and soon. */
export const shortJob = { spec: { containers: [app({ SLEEP: 0.2 })] } };

/** Its pods go with it. */
export const removeJob = (namespace: string, name: string): Promise<unknown> =>
  api.delete(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`);

/** Creates a Job with one try. */
export async function createJob(namespace: string, name: string, options: JobOptions): Promise<KubeObject> {
  const { annotations = {}, labels = {}, spec, job } = options;
  return await api.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      template: { metadata: { annotations, labels }, spec: { restartPolicy: 'Never', ...spec } },
      ...job,
    },
  });
}

export type Ended = { result: 'Complete' | 'Failed'; job: KubeObject; pod: KubeObject };

/** Waits until a Job has ended, well or not; if it doesn't, the error shows its pod and logs. */
export async function jobEnd(namespace: string, name: string, seconds = 60): Promise<Ended> {
  try {
    return await eventually(`Job ${name} ends`, seconds, async () => {
      const job = await api.get(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`);
      const result = ['Complete', 'Failed'].find((type) => hasCondition(job, type)) as Ended['result'] | undefined;
      return result && { result, job, pod: await podOf(namespace, name) };
    });
  } catch (error) {
    throw new TimedOut(`${error instanceof Error ? error.message : error}\n${await describePod(namespace, name)}`);
  }
}

/** Creates a Job and waits until it has ended. */
export async function runJob(namespace: string, name: string, options: JobOptions, seconds?: number): Promise<Ended> {
  await createJob(namespace, name, options);
  return await jobEnd(namespace, name, seconds);
}

/** The newest pod of a Job. */
export async function podOf(namespace: string, job: string): Promise<KubeObject> {
  const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=job-name%3D${job}`);
  return items.at(-1);
}

/** Waits until a pod of a Job fits. */
export const podWhen = (
  namespace: string,
  job: string,
  what: string,
  fits: (pod: KubeObject) => boolean,
): Promise<KubeObject> =>
  eventually(`the pod of ${job} ${what}`, 60, async () => {
    const pod = await podOf(namespace, job);
    return pod && fits(pod) && pod;
  });

export const statusOf = (pod: KubeObject, container: string): KubeObject =>
  [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find(
    (each) => each.name === container,
  );

/** How a container ended: its exit code, or undefined while it hasn't. */
export const exitCode = (pod: KubeObject, container: string): number | undefined =>
  statusOf(pod, container)?.state.terminated?.exitCode;

export const isRunning = (pod: KubeObject, container: string): boolean =>
  statusOf(pod, container)?.state.running !== undefined;

export const containerOf = (pod: KubeObject, name: string): KubeObject =>
  pod.spec.containers.find((each: KubeObject) => each.name === name);

export const isWrapped = (pod: KubeObject): boolean => pod.metadata.annotations?.['clockout.dev/status'] !== undefined;

/** Names of the init containers that Kubernetes runs as sidecars. */
export const nativeIn = ({ spec }: KubeObject): string[] =>
  (spec.initContainers ?? [])
    .filter(({ restartPolicy }: KubeObject) => restartPolicy === 'Always')
    .map(({ name }: KubeObject) => name);

/** What would be stored of a Job's pod, and the warnings. */
export const tryJobPod = (namespace: string, spec: object = {}, annotations: object = {}) =>
  api.tryOut({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tried', namespace, labels: { 'job-name': 'tried' }, annotations },
    spec: { restartPolicy: 'Never', containers: [app()], ...spec },
  });

/** Seconds from a container's end to the Job's. Both are noted in whole seconds. */
export function secondsToJobEnd({ job, pod, result }: Ended, container: string): number {
  const ended = job.status.conditions.find((each: KubeObject) => each.type === result).lastTransitionTime;
  return (Date.parse(ended) - Date.parse(statusOf(pod, container).state.terminated.finishedAt)) / 1000;
}

/** @param timestamps whether each line begins with the time at which it was written */
export const logOf = (pod: KubeObject, container: string, timestamps = false): Promise<string> =>
  api.text(
    `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log?container=${container}&timestamps=${timestamps}`,
  );

/** The process id of a container's process 1, as this machine sees it. */
export async function pidOf(pod: KubeObject, container: string): Promise<number> {
  needBuiltCluster("the node's processes");
  const id = statusOf(pod, container).containerID.replace('containerd://', '');
  const tasks = await run(['ctr', '--address', containerdSocket, '--namespace', 'k8s.io', 'tasks', 'list']);
  const pid = Number(new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(tasks)?.[1]);
  if (!pid) throw new Error(`container ${container} is in no list of containerd's`);
  return pid;
}

/** Kills a container's process 1 from outside, as the kernel or an administrator might. */
export const killContainer = async (pod: KubeObject, container: string): Promise<void> =>
  kill(await pidOf(pod, container), 'SIGKILL');

/** An object as it can be created again. */
export function anew(object: KubeObject): KubeObject {
  const { resourceVersion: _, uid: __, managedFields: ___, creationTimestamp: ____, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** One of the example's manifests, in another namespace. */
export function example(file: string, namespace: string): KubeObject {
  const manifest = parse(readFileSync(join(root, 'examples', file), 'utf8'));
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

function hasCondition(object: KubeObject, type: string): boolean {
  return (object.status?.conditions ?? []).some((each: KubeObject) => each.type === type && each.status === 'True');
}

async function describePod(namespace: string, job: string): Promise<string> {
  const pod = await podOf(namespace, job);
  if (!pod) return 'It has no pod.';
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const parts = await Promise.all(
    statuses.map(async ({ name, state, restartCount }: KubeObject) => {
      const log = await logOf(pod, name).catch((error: Error) => error.message);
      return `--- ${name}: ${JSON.stringify(state)}, ${restartCount} restarts\n${log.split('\n').slice(-12).join('\n')}`;
    }),
  );
  return `pod ${pod.metadata.name} is ${pod.status.phase}\n${parts.join('\n')}`;
}
