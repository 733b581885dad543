/** Watches the Jobs and pods of a namespace, and keeps the last that was seen of each, since pods don't stay to be asked. */
import type { KubeObject } from '../../../cluster/api.ts';
import { eventually, sleep } from '../../../cluster/progress.ts';
import { api } from '../../../cluster/suite/kube.ts';

/** A container's end, as the kubelet reported it. */
export type End = { exitCode: number; reason: string; startedAt: string; finishedAt: string };

export type SeenPod = {
  /** As it was last. */
  pod: KubeObject;
  deleted: boolean;
  /** All ends of each container, in order; a restart would otherwise hide all but the last. */
  ends: Record<string, End[]>;
};

type SeenJob = { job: KubeObject; deleted: boolean };

/** What was seen of a Job, a CronJob's Jobs, or a pod of that name; in the order in which they were made. */
export type Seen = { jobs: SeenJob[]; pods: SeenPod[] };

export type Observer = {
  of: (name: string) => Seen;
  /** Waits until what was seen fits, at most so many seconds. */
  when: (name: string, what: string, seconds: number, fits: (seen: Seen) => boolean | undefined) => Promise<Seen>;
  stop: () => void;
};

/** Starts to watch a namespace; it returns when the first lists are in. */
export async function observe(namespace: string): Promise<Observer> {
  const jobs = new Map<string, SeenJob>();
  const pods = new Map<string, SeenPod & { byId: Map<string, End> }>();

  const noteJob = (job: KubeObject, deleted: boolean) => jobs.set(job.metadata.uid, { job, deleted });
  const notePod = (pod: KubeObject, deleted: boolean) => {
    const seen = pods.get(pod.metadata.uid) ?? { pod, deleted, ends: {}, byId: new Map() };
    Object.assign(seen, { pod, deleted });
    pods.set(pod.metadata.uid, seen);
    for (const status of statusesOf(pod)) noteEnds(seen, status);
  };
  const watches = [
    await follow(`/apis/batch/v1/namespaces/${namespace}/jobs`, noteJob),
    await follow(`/api/v1/namespaces/${namespace}/pods`, notePod),
  ];

  const of = (name: string): Seen => {
    const mine = [...jobs.values()].filter(({ job }) => job.metadata.name === name || ownerOf(job) === name);
    const names = new Set(mine.map(({ job }) => job.metadata.name));
    return {
      jobs: mine,
      pods: [...pods.values()].filter(({ pod }) => pod.metadata.name === name || names.has(ownerOf(pod))),
    };
  };
  return {
    of,
    when: (name, what, seconds, fits) =>
      eventually(`${name} ${what}`, seconds, async () => fits(of(name)) && of(name), 50),
    stop: () => {
      for (const stop of watches) stop();
    },
  };
}

/** Lists, then watches, and begins anew whenever the API server ends the stream. */
async function follow(path: string, note: (object: KubeObject, deleted: boolean) => void): Promise<() => void> {
  let stopped = false;
  let stopWatch = (): void => {};
  const known = new Map<string, KubeObject>();
  const take = (object: KubeObject, deleted: boolean): void => {
    if (deleted) known.delete(object.metadata.uid);
    else known.set(object.metadata.uid, object);
    note(object, deleted);
  };
  const list = async (): Promise<string> => {
    const { items, metadata } = await api.get(path);
    const there = new Set(items.map((item: KubeObject) => item.metadata.uid));
    for (const object of [...known.values()]) if (!there.has(object.metadata.uid)) take(object, true);
    for (const item of items) take(item, false);
    return metadata.resourceVersion;
  };
  let version = await list();
  const keepOn = async (): Promise<void> => {
    while (!stopped) {
      const watch = api.watch(path, version, ({ type, object }) => {
        if (type !== 'ERROR' && type !== 'BOOKMARK') take(object, type === 'DELETED');
      });
      stopWatch = watch.stop;
      await watch.ended;
      if (!stopped) await sleep(200);
      if (!stopped) version = await list().catch(() => version);
    }
  };
  void keepOn();
  return () => {
    stopped = true;
    stopWatch();
  };
}

/** The state shows the last end, or what follows it; `lastState` the one before. */
function noteEnds(seen: SeenPod & { byId: Map<string, End> }, status: KubeObject): void {
  const ended = [status.lastState?.terminated, status.state?.terminated].filter(Boolean);
  for (const { containerID, exitCode, reason, startedAt, finishedAt } of ended) {
    // One that could not be started has no ID.
    seen.byId.set(`${status.name} ${containerID ?? startedAt}`, { exitCode, reason, startedAt, finishedAt });
  }
  const mine = [...seen.byId].filter(([id]) => id.startsWith(`${status.name} `)).map(([, end]) => end);
  if (mine.length > 0) seen.ends[status.name] = mine;
}

const statusesOf = ({ status }: KubeObject): KubeObject[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];

const ownerOf = ({ metadata }: KubeObject): string | undefined => metadata.ownerReferences?.[0]?.name;
