/** The faults that `npm run chaos` makes on the cluster, one after the other. */
import { kill } from 'node:process';
import type { KubeObject } from '../cluster/api.ts';
import { apiServer, controllerManager, scheduler } from '../cluster/components.ts';
import { counterOf, replicas } from '../cluster/install.ts';
import { find, start, stop } from '../cluster/processes.ts';
import { eventually } from '../cluster/progress.ts';
import { api, killContainer, pidOf } from '../cluster/suite/kube.ts';
import type { Fault } from './fault.ts';
import { registryAway } from './registry-fault.ts';

const nothing = async () => {};

/** Three probes that fail, 2 s each after the other's begin, and the time until kube-proxy and the API server have noticed. */
const probeWindow = 15;

export const faults: readonly Fault[] = [
  { name: 'none', title: 'nothing, for comparison', make: async () => nothing, seconds: 10 },
  {
    name: 'replica-killed',
    title: 'the busier of two replicas is killed (SIGKILL)',
    make: async () => {
      const victim = await findBusiest();
      await killContainer(victim, 'clockout');
      return nothing;
    },
    seconds: 10,
    window: 5,
  },
  {
    name: 'replica-stopped',
    title: 'the busier of two replicas is stopped for 20 s (SIGSTOP)',
    make: async () => {
      const victim = await findBusiest();
      const pid = await pidOf(victim, 'clockout');
      kill(pid, 'SIGSTOP');
      return async () => void kill(pid, 'SIGCONT');
    },
    seconds: 20,
    window: probeWindow,
  },
  {
    name: 'cpu-throttled',
    title: 'each replica has 100m of CPU',
    values: { resources: { limits: { cpu: '100m', memory: '192Mi' } } },
    make: async () => nothing,
    seconds: 20,
    window: 0,
  },
  {
    name: 'heavy-pods',
    title: "each third pod has 1 MB of variables, in the chart's memory limit",
    make: async () => nothing,
    seconds: 20,
    window: 0,
    pod: (pod, number) => (number % 3 === 0 ? heavy(pod) : pod),
  },
  {
    name: 'api-server-away',
    title: 'the API server is away for a minute',
    make: async () => {
      await stop(apiServer.name);
      return async () => {
        start(apiServer);
        await eventually('the API server is ready', 60, async () => (await api.text('/readyz')) === 'ok');
        // They exit when they cannot renew their leases.
        for (const each of [controllerManager, scheduler]) if (find(each.name).length === 0) start(each);
      };
    },
    seconds: 60,
    // It takes some time to start.
    after: 60,
    hitsApiServer: true,
  },
  registryAway,
];

// --- internal ---

/** The API server keeps its connections, so it may send nothing to the other replica. */
async function findBusiest(): Promise<KubeObject> {
  const all = await replicas(api);
  const counts = await Promise.all(all.map((pod) => counterOf([pod], 'clockout_admission_reviews_total', {})));
  return all[counts.indexOf(Math.max(...counts))] ?? {};
}

/** etcd takes 1.5 MiB. */
const heavy = (pod: Parameters<NonNullable<Fault['pod']>>[0]) => ({
  ...pod,
  spec: {
    ...pod.spec,
    containers: pod.spec.containers.map((container: object) => ({
      ...container,
      env: Array.from({ length: 10 }, (_, i) => ({ name: `HEAVY_${i}`, value: 'x'.repeat(100_000) })),
    })),
  },
});
