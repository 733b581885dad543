/** Many Jobs at once, of mixed shapes: more than the node can run, so they go in waves; in the cross-section two of each shape. */
import { isCrossSection } from '../../../project/cross-section.ts';
import type { KubeObject } from '../../cluster/api.ts';
import { tryRead } from '../../cluster/processes.ts';
import { eventually } from '../../cluster/progress.ts';
import { cgroupRoot } from '../../cluster/settings.ts';
import { api, app, createJob, type JobOptions, removeJob } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { parentOf, processes } from './support/act.ts';
import { type ClusterPlace, makePlace } from './support/place.ts';
import { isOver } from './support/twin.ts';
import type { SeenPod } from './support/watch-namespace.ts';

const count = isCrossSection ? 16 : 200;
/** Several waves on two cores. */
const seconds = 420;

/** `codes`: each app's exit codes, in order; there are two where it is started again. */
type Shape = JobOptions & { result: 'Complete' | 'Failed'; codes: Record<string, number[]> };

const scratch = { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] };
const hold = { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' };

const shapes: Record<string, Shape> = {
  completes: { result: 'Complete', codes: { app: [0] }, spec: { containers: [app()] } },
  fails: { result: 'Failed', codes: { app: [5] }, spec: { containers: [app({ CODE: 5 })] } },
  faults: { result: 'Failed', codes: { app: [139] }, spec: { containers: [app({ CRASH: 'SEGV' })] } },
  missing: { result: 'Failed', codes: { app: [127] }, spec: { containers: [app({}, { command: ['/missing'] })] } },
  starved: {
    result: 'Failed',
    codes: { app: [137] },
    spec: { containers: [app({ MEMORY: 200, SLEEP: 60 }, { resources: { limits: { memory: '48Mi' } } })] },
  },
  held: { result: 'Failed', codes: { app: [3] }, annotations: hold, spec: { containers: [app({ CODE: 3 })] } },
  two: {
    result: 'Failed',
    codes: { app: [0], other: [4] },
    spec: { containers: [app({ SLEEP: 2 }), app({ SLEEP: 0, CODE: 4 }, { name: 'other' })] },
  },
  retried: {
    result: 'Complete',
    codes: { app: [7, 0] },
    job: { backoffLimit: 3 },
    spec: {
      restartPolicy: 'OnFailure',
      containers: [app({ SLEEP: 0.5, FAIL_ONCE: '/scratch/failed', CODE: 7 }, scratch)],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  },
};

export const many: Case<ClusterPlace>[] = [
  {
    name: 'many-jobs',
    title: 'Many Jobs of mixed shapes at once: all end, each as it should, and nothing is left running',
    alone: true,
    run: runMany,
  },
];

async function runMany(): Promise<string> {
  const { namespace, observer } = await makePlace();
  const all = Object.entries(shapes);
  const names = Array.from({ length: count }, (_, number) => `${all[number % all.length]?.[0]}-${number}`);
  try {
    await Promise.all(names.map((name) => createJob(namespace, name, shapeOf(name))));
    for (const name of names) {
      const seen = await observer.when(name, 'is over', seconds, isOver);
      expectShape(name, seen.jobs[0]?.job, seen.pods);
      await removeJob(namespace, name); // hundreds of ended pods take the kubelet more time than those that run
    }
    const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods`);
    const phases = items.map(({ status }: KubeObject) => status.phase);
    if (phases.some((phase: string) => phase === 'Running' || phase === 'Pending')) {
      throw new Error(`expected no pod to run on, found ${phases}`);
    }
    await eventually('nothing of its pods runs on', 15, async () => leftOf(namespace).length === 0);
  } finally {
    observer.stop();
  }
  return `all ${count} ended: ${all.map(([name, { result }]) => `${name} ${result}`).join(', ')}`;
}

function shapeOf(name: string): Shape {
  const shape = shapes[name.replace(/-\d+$/, '')];
  if (!shape) throw new Error(`expected a shape, found ${name}`);
  return shape;
}

function expectShape(name: string, job: KubeObject, pods: SeenPod[]): void {
  const { result, codes } = shapeOf(name);
  const ended = job.status.conditions.filter(({ status }: KubeObject) => status === 'True');
  const [pod] = pods;
  const found = Object.fromEntries(
    Object.keys(pod?.ends ?? {}).map((container) => [container, codesOf(pod, container)]),
  );
  const expected = { ...codes, 'istio-proxy': [0] };
  const holds =
    pods.length === 1 &&
    ended.some(({ type }: KubeObject) => type === result) &&
    Object.entries(expected).every(([container, wanted]) => fits(pod, container, wanted));
  if (!holds) {
    const what = [ended.map(({ type }: KubeObject) => type), found].map((each) => JSON.stringify(each));
    throw new Error(`${name}: expected ${result} and ${JSON.stringify(expected)}, found ${what.join(' and ')}`);
  }
}

const codesOf = (pod: SeenPod | undefined, container: string): number[] =>
  (pod?.ends[container] ?? []).map(({ exitCode }) => exitCode);

/**
 * On a full node the kubelet may tell of a first end only that there was one: when it comes to report, the second is over,
 * too, and the first container is removed.
 */
function fits(pod: SeenPod | undefined, container: string, wanted: number[]): boolean {
  const found = codesOf(pod, container);
  const { restartCount } = pod?.pod.status.containerStatuses.find(({ name }: KubeObject) => name === container) ?? {};
  return found.length > 0 && `${wanted.slice(-found.length)}` === `${found}` && restartCount === wanted.length - 1;
}

/** Proxies, which name their namespace; and the dead of the cluster's containers that nobody has buried. */
const leftOf = (namespace: string): number[] =>
  processes().filter((pid) => tryRead(`/proc/${pid}/cmdline`).includes(`${namespace}.svc`) || isZombieHere(pid));

function isZombieHere(pid: number): boolean {
  if (!/^State:\tZ/m.test(tryRead(`/proc/${pid}/status`))) return false;
  const parent = parentOf(pid);
  return (
    tryRead(`/proc/${parent}/cgroup`).includes(cgroupRoot) ||
    tryRead(`/proc/${parent}/cmdline`).includes('containerd-shim')
  );
}
