/** What somebody does to a Job's pod while it runs, and how to find what to do it to. */
import { readdirSync, readlinkSync } from 'node:fs';
import { nodeName } from '../../../cluster/addresses.ts';
import type { KubeObject } from '../../../cluster/api.ts';
import { kubectl } from '../../../cluster/clients.ts';
import { run } from '../../../cluster/exec.ts';
import { appImage, initsImage } from '../../../cluster/images.ts';
import { needBuiltCluster } from '../../../cluster/own-cluster.ts';
import { kill, tryRead } from '../../../cluster/processes.ts';
import { eventually } from '../../../cluster/progress.ts';
import {
  api,
  isRunning,
  type JobOptions,
  killContainer,
  logOf,
  pidOf,
  removeJob,
  statusOf,
} from '../../../cluster/suite/kube.ts';
import type { Subject } from './twin.ts';
import type { Seen } from './watch-namespace.ts';

/** Seconds that an app lives for something to be done to it meanwhile, by a machine that may be slow. */
export const aWhile = 30;

/** The newest pod that isn't gone. */
export const lastPod = ({ pods }: Seen): KubeObject | undefined => pods.findLast(({ deleted }) => !deleted)?.pod;

/** Waits until all containers of the newest pod run, the proxy is ready, and each test app listens to signals. */
export async function running(subject: Subject): Promise<KubeObject> {
  const seen = await subject.when('runs', (each) => {
    const pod = lastPod(each);
    return pod?.spec.containers.every(({ name }: KubeObject) => isRunning(pod, name) && isReadyIfProxy(pod, name));
  });
  const pod = lastPod(seen);
  for (const { name, image } of pod.spec.containers) {
    if (image !== appImage && image !== initsImage) continue;
    await eventually(`${name} starts`, 30, async () => /^start /m.test(await logOf(pod, name)));
  }
  return pod;
}

const isReadyIfProxy = (pod: KubeObject, name: string): boolean => name !== 'istio-proxy' || statusOf(pod, name).ready;

export const pathOf = ({ metadata }: KubeObject): string =>
  `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;

export const jobPathOf = ({ namespace, name }: Subject): string =>
  `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;

/** A pod that no Job made, in place of a Job. */
export async function createPod(
  { namespace, name }: Subject,
  { labels, annotations = {}, spec }: JobOptions,
): Promise<void> {
  await api.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations },
    spec: { restartPolicy: 'Never', ...spec },
  });
}

export const deletePod =
  (gracePeriodSeconds?: number) =>
  async (subject: Subject): Promise<void> => {
    const pod = await running(subject);
    await api.delete(pathOf(pod), gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
  };

export async function deleteJob(subject: Subject): Promise<void> {
  await running(subject);
  await removeJob(subject.namespace, subject.name);
}

export async function evict(subject: Subject): Promise<void> {
  const { metadata } = await running(subject);
  const { name, namespace } = metadata;
  await api.post(`${pathOf({ metadata })}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
  });
}

/** As an administrator does before maintenance; only this Job's pods. The node is opened again at once. */
export async function drain(subject: Subject): Promise<void> {
  needBuiltCluster('a node to drain');
  await running(subject);
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s'];
  try {
    await run([...kubectl, 'drain', nodeName, ...flags, `--pod-selector=job-name=${subject.name}`]);
  } finally {
    await run([...kubectl, 'uncordon', nodeName]);
  }
}

/** Kills a container's process 1 from outside; the proxy only where there is one. */
export const killIn =
  (container: string) =>
  async (subject: Subject): Promise<void> => {
    const pod = await running(subject);
    if (subject.hasProxy || container !== 'istio-proxy') await killContainer(pod, container);
  };

/** Kills the process that holds a pod's namespaces, and with it the network of all its containers. */
export async function loseSandbox(subject: Subject): Promise<void> {
  const app = await pidOf(await running(subject), 'app');
  const shim = parentOf(app);
  const pause = processes().find((pid) => parentOf(pid) === shim && commandOf(pid).includes('catatonit'));
  if (pause === undefined) throw new Error('expected a process that holds the namespaces');
  kill(pause, 'SIGKILL');
}

/** The processes of the guard, which shares the proxy's process namespace. */
export async function guardOf(pod: KubeObject): Promise<number[]> {
  const proxy = await pidOf(pod, 'istio-proxy');
  return processes().filter((pid) => sharesProcesses(pid, proxy) && commandOf(pid).includes('/clockout/guard'));
}

export const processes = (): number[] => readdirSync('/proc').map(Number).filter(Boolean);

const commandOf = (pid: number): string => tryRead(`/proc/${pid}/cmdline`);

export const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(tryRead(`/proc/${pid}/status`))?.[1]);

function sharesProcesses(pid: number, other: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync(`/proc/${other}/ns/pid`);
  } catch {
    return false;
  }
}
