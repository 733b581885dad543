/** 200 Jobs at once, of mixed shapes: more than the node can run, so they go in waves. */
import type { KubeObject } from '../../cluster/api.ts';
import { tryRead } from '../../cluster/processes.ts';
import { eventually } from '../../cluster/progress.ts';
import { cgroupRoot } from '../../cluster/settings.ts';
import { api, app, createJob, type JobOptions } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { parentOf, processes } from './act.ts';
import type { SeenPod } from './observe.ts';
import { type ClusterPlace, makePlace } from './place.ts';
import { isOver } from './twin.ts';

const count = 200;
/** Several waves on two cores. */
const seconds = 420;

type Shape = JobOptions & { result: 'Complete' | 'Failed'; codes: number[] };

const scratch = { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] };
const hold = { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' };

/** What each ends with: its condition, and every exit code of its apps. */
const shapes: Record<string, Shape> = {
  completes: { result: 'Complete', codes: [0], spec: { containers: [app()] } },
  fails: { result: 'Failed', codes: [5], spec: { containers: [app({ CODE: 5 })] } },
  faults: { result: 'Failed', codes: [139], spec: { containers: [app({ CRASH: 'SEGV' })] } },
  missing: { result: 'Failed', codes: [127], spec: { containers: [app({}, { command: ['/missing'] })] } },
  starved: {
    result: 'Failed',
    codes: [137],
    spec: { containers: [app({ MEMORY: 200, SLEEP: 60 }, { resources: { limits: { memory: '48Mi' } } })] },
  },
  held: { result: 'Failed', codes: [3], annotations: hold, spec: { containers: [app({ CODE: 3 })] } },
  two: {
    result: 'Failed',
    codes: [0, 4],
    spec: { containers: [app({ SLEEP: 2 }), app({ SLEEP: 0, CODE: 4 }, { name: 'other' })] },
  },
  retried: {
    result: 'Complete',
    codes: [7, 0],
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
    title: `${count} Jobs of mixed shapes at once: all end, each as it should, and nothing is left running`,
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
  const proxy = pod?.ends['istio-proxy']?.map(({ exitCode }) => exitCode);
  const found = ['app', 'other'].flatMap((container) => (pod?.ends[container] ?? []).map(({ exitCode }) => exitCode));
  const holds =
    pods.length === 1 &&
    ended.some(({ type }: KubeObject) => type === result) &&
    `${found}` === `${codes}` &&
    `${proxy}` === '0';
  if (!holds) {
    throw new Error(
      `${name}: expected ${result}, ${codes} and istio-proxy's 0, found ${JSON.stringify(ended)}, ${found} and ${proxy}`,
    );
  }
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
