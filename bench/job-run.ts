/** Runs Jobs on the test cluster, and notes when what happened: on this machine's clock, which is the node's, too. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { KubeObject } from '../test/e2e/cluster/api.ts';
import { sleep } from '../test/e2e/cluster/progress.ts';
import { containerdSocket } from '../test/e2e/cluster/settings.ts';
import { api, app, createJob, logOf, removeJob, statusOf } from '../test/e2e/cluster/suite/kube.ts';

/** Moments in seconds after the Job was created. */
export type JobRun = {
  podMade: number;
  scheduled: number;
  appStarted: number;
  appEnded: number;
  podEnded: number;
  complete: number;
  pod: KubeObject;
  /** Of each container, by its name; none where containerd's events cannot be read. */
  containers: Record<string, { started: number; exited: number }>;
};

export type Recorder = {
  run: (namespace: string, name: string, annotations: Record<string, string>) => Promise<JobRun>;
  stop: () => void;
};

type Seen = { scheduled?: number; made?: number; ended?: number; pod?: KubeObject };

/** Follows the Jobs and pods of these namespaces, and what containerd says of its containers. */
export async function startRecorder(namespaces: readonly string[]): Promise<Recorder> {
  const pods = new Map<string, Seen>();
  const jobs = new Map<string, { at: number; type: string }>();
  const containers = followContainers();
  const watches = await Promise.all(
    namespaces.flatMap((namespace) => [
      follow(`/api/v1/namespaces/${namespace}/pods`, (pod, at) => {
        const key = `${namespace}/${pod.metadata.labels['job-name']}`;
        const seen = pods.get(key) ?? { made: at };
        if (pod.spec.nodeName) seen.scheduled ??= at;
        if (['Succeeded', 'Failed'].includes(pod.status.phase)) seen.ended ??= at;
        pods.set(key, { ...seen, pod });
      }),
      follow(`/apis/batch/v1/namespaces/${namespace}/jobs`, (job, at) => {
        const key = `${namespace}/${job.metadata.name}`;
        const ended = (job.status.conditions ?? []).find(
          ({ type, status }: KubeObject) => ['Complete', 'Failed'].includes(type) && status === 'True',
        );
        if (ended && !jobs.has(key)) jobs.set(key, { at, type: ended.type });
      }),
    ]),
  );

  const run: Recorder['run'] = async (namespace, name, annotations) => {
    const key = `${namespace}/${name}`;
    const began = Date.now();
    await createJob(namespace, name, { annotations, spec: { containers: [app({ SLEEP: 2 })] } });
    while (!jobs.has(key)) {
      if (Date.now() - began > 120_000) throw new Error(`expected Job ${key} to end within 2 minutes`);
      await sleep(100);
    }
    const { at, type } = jobs.get(key) ?? { at: Number.NaN, type: 'missing' };
    const { pod, made = Number.NaN, scheduled = Number.NaN, ended = Number.NaN } = pods.get(key) ?? {};
    if (type !== 'Complete') throw new Error(`expected Job ${key} to complete, found ${type}`);
    const lines = (await logOf(pod, 'app', true)).split('\n');
    const timeOf = (words: RegExp) => Date.parse(`${lines.find((line) => words.test(line))}`.slice(0, 23).concat('Z'));
    const after = (time: number) => (time - began) / 1000;
    const result: JobRun = {
      podMade: after(made),
      scheduled: after(scheduled),
      appStarted: after(timeOf(/ start pid=/)),
      appEnded: after(timeOf(/ filled /)),
      podEnded: after(ended),
      complete: after(at),
      pod,
      containers: Object.fromEntries(
        namesOf(pod).flatMap((container) => {
          const found = containers.find(statusOf(pod, container)?.containerID ?? '');
          return found ? [[container, { started: after(found.started), exited: after(found.exited) }]] : [];
        }),
      ),
    };
    await removeJob(namespace, name);
    return result;
  };
  return {
    run,
    stop: () => {
      for (const stop of [...watches, containers.stop]) stop();
    },
  };
}

/** Does something once for each of these at random moments of a second, and waits for all. */
export const inOneSecond = <T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> =>
  Promise.all(
    tasks.map(async (task) => {
      await sleep(Math.random() * 1000);
      return await task();
    }),
  );

// --- internal ---

const namesOf = ({ spec }: KubeObject): string[] =>
  [...(spec.initContainers ?? []), ...spec.containers].map(({ name }: KubeObject) => name);

/** @returns what ends it */
async function follow(path: string, see: (object: KubeObject, at: number) => void): Promise<() => void> {
  const { metadata } = await api.get(path);
  return api.watch(path, metadata.resourceVersion, ({ type, object }) => {
    if (type === 'ADDED' || type === 'MODIFIED') see(object, Date.now());
  }).stop;
}

/** By containerd's events: when each container was started, and when it exited. */
function followContainers() {
  const seen = new Map<string, { started: number; exited: number }>();
  const child = spawn('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', 'events'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, day, time, topic, text = ''] = /^(\S+) (\S+) \+0000 UTC \S+ \/tasks\/(start|exit) (.*)$/.exec(line) ?? [];
    if (topic === undefined) return;
    const { container_id: id, id: process = id, exited_at: exited } = JSON.parse(text);
    // Of a process that was started by exec, too.
    if (process !== id) return;
    const now = seen.get(id) ?? { started: Number.NaN, exited: Number.NaN };
    if (topic === 'start') now.started = Date.parse(`${day}T${time?.slice(0, 12)}Z`);
    else now.exited = Date.parse(`${exited.slice(0, 23).replace(/Z?$/, 'Z')}`);
    seen.set(id, now);
  });
  return { find: (id: string) => seen.get(id.replace('containerd://', '')), stop: () => void child.kill() };
}
