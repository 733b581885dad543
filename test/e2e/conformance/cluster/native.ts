/**
 * What is special about native sidecars, measured on a real kubelet: their order, their end, how they are counted. A Job that ends
 * with one as it would with none is in the other groups, which run each Job under the strategy `native`, too.
 */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { kubectl } from '../../cluster/clients.ts';
import { run } from '../../cluster/exec.ts';
import {
  api,
  app,
  createJob,
  isRunning,
  type JobOptions,
  killContainer,
  nativeIn,
  removeJob,
  statusOf,
} from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { sidecars } from './sidecar-containers.ts';
import { lastPod } from './support/act.ts';
import { describeSeen } from './support/describe.ts';
import type { ClusterPlace } from './support/place.ts';
import { isOver } from './support/twin.ts';
import { nameOf } from './support/verdict.ts';
import type { Seen, SeenPod } from './support/watch-namespace.ts';
import { clockoutAlone, withSidecar } from './support/with-sidecar.ts';

/** A sidecar that Clockout does not know: an annotation names it. */
const side = (env: Record<string, string | number>) => app({ SLEEP: 3600, ...env }, { name: 'side' });
const endsAtOnce = { ON_TERM: 0, TERM_SLEEP: 0 };
const named = { 'clockout.dev/sidecars': 'side' };

type Native = JobOptions & {
  name: string;
  title: string;
  /** What must hold once it is over. What it returns is shown in the docs. */
  expected: (seen: Seen) => string | Promise<string>;
  /** What somebody does to its pod once the proxy and the app run. */
  act?: (pod: KubeObject) => Promise<unknown>;
  /** When to look, if not after the Job's end. */
  until?: (seen: Seen) => boolean;
};

/** A Job without Istio, with `side` as its sidecar. */
const beside = (
  name: string,
  title: string,
  sideEnv: Record<string, string | number>,
  { spec, ...job }: Omit<JobOptions, 'annotations' | 'labels'>,
  expected: Native['expected'],
): Case<ClusterPlace> =>
  native({
    name,
    title,
    labels: clockoutAlone,
    annotations: named,
    spec: { ...spec, containers: [...(spec?.containers ?? [app({ SLEEP: 2 })]), side(sideEnv)] },
    ...job,
    expected,
  });

const aPolicy = (containerName?: string): object => ({
  rules: [{ action: 'FailJob', onExitCodes: { ...(containerName && { containerName }), operator: 'In', values: [7] } }],
});

export const nativeSidecars: Case<ClusterPlace>[] = [
  native({
    name: 'native-order',
    title: 'Three native sidecars start in the order in which they need each other, and end in the opposite order',
    ...withSidecar({ spec: { containers: [app({ SLEEP: 3 })] } }, sidecars['cloud-sql'], sidecars.vault),
    expected: (seen) => {
      const order = ['istio-proxy', 'vault-agent', 'cloud-sql-proxy', 'app'];
      const [only] = seen.pods;
      expect(nativeIn(only?.pod)).toEqual(order.slice(0, 3));
      const ends = order.map((name) => only?.ends[name]?.at(-1));
      // A status has whole seconds.
      expectSorted(ends.map((end) => Date.parse(end?.startedAt ?? '')));
      expectSorted(ends.map((end) => Date.parse(end?.finishedAt ?? '')).toReversed());
      return `they start as ${order.slice(0, 3).join(', ')}, then the app`;
    },
  }),
  native({
    name: 'native-never-ready',
    title:
      'A native proxy that never becomes ready, with Never: the app never starts, and `activeDeadlineSeconds` ends the Job',
    annotations: { 'proxy.istio.io/config': '{"proxyAdminPort": 15999}' },
    spec: { containers: [app()] },
    job: { activeDeadlineSeconds: 20 },
    expected: ({ jobs, pods }) => {
      expect(pods.map(({ ends, pod }) => [ends.app, startsOf(pod, 'app')])).toEqual([[undefined, 0]]);
      return expectResult({ jobs, pods }, 'Failed DeadlineExceeded');
    },
  }),
  native({
    name: 'native-own-drain',
    title: "A pod's own `terminationDrainDuration` of 3 s wins over that of Clockout",
    annotations: { 'proxy.istio.io/config': 'terminationDrainDuration: 3s\n' },
    spec: { containers: [app({ CODE: 5 })] },
    expected: (seen) => {
      const [only] = seen.pods;
      expect(endOf(only, 'istio-proxy') - endOf(only, 'app')).toBeGreaterThanOrEqual(2000);
      return expectResult(seen, 'Failed BackoffLimitExceeded');
    },
  }),
  native({
    name: 'native-short-grace',
    title: 'With a grace period of 1 s, the native proxy exits with 0 before it is killed',
    spec: { terminationGracePeriodSeconds: 1, containers: [app()] },
    expected: (seen) => {
      expect(endsIn(seen, 'istio-proxy')).toEqual(['Completed 0']);
      return expectResult(seen, 'Complete');
    },
  }),
  native({
    name: 'native-killed-counts',
    title: 'A native proxy that is killed, with OnFailure and `backoffLimit: 0`: the Job controller counts its restart',
    spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: 600, ON_TERM: 7, TERM_SLEEP: 0 })] },
    act: (pod) => killContainer(pod, 'istio-proxy'),
    expected: (seen) => expectResult(seen, 'Failed BackoffLimitExceeded'),
  }),
  {
    name: 'native-without-startup-probe',
    title: 'A proxy that Istio injects without a startup probe, as before 1.20, is ready before the app starts',
    run: withoutStartupProbe,
  },
  native({
    name: 'native-dapr-app-port',
    title: 'Dapr that is ready only when the app listens: neither waits for the other',
    ...withSidecar(
      { labels: clockoutAlone, spec: { containers: [app({ SLEEP: 4, LISTEN: 8080, CODE: 5 })] } },
      sidecars['dapr-app-port'],
    ),
    expected: (seen) => expectResult(seen, 'Failed BackoffLimitExceeded'),
  }),
  native({
    name: 'native-kubectl',
    title: '`kubectl wait`, `logs` and `exec` without `--container` find the app beside a native sidecar',
    spec: { containers: [app({ SLEEP: 20 })] },
    until: ({ pods }) => pods.length > 0,
    expected: throughKubectl,
  }),
  beside(
    'native-ends-with-7',
    'A native sidecar that exits with 7 on SIGTERM does not fail its pod',
    { ON_TERM: 7 },
    {},
    (seen) => {
      expect(endsIn(seen, 'side')).toEqual(['Error 7']);
      return expectResult(seen, 'Complete');
    },
  ),
  beside(
    'native-ignores-term',
    'A native sidecar that ignores SIGTERM is killed after the grace period, which does not fail its pod',
    {},
    { spec: { terminationGracePeriodSeconds: 6, containers: [app()] } },
    (seen) => {
      expect(endsIn(seen, 'side')).toEqual(['Error 137']);
      return expectResult(seen, 'Complete');
    },
  ),
  ...(
    [
      ['Never', 'crashes', { ...endsAtOnce, SLEEP: 1, CODE: 1 }, 'Complete'],
      ['OnFailure', 'crashes', { ...endsAtOnce, SLEEP: 1, CODE: 1 }, 'Failed BackoffLimitExceeded'],
      ['Never', 'exits-early', { ...endsAtOnce, SLEEP: 1 }, 'Complete'],
      ['OnFailure', 'exits-early', { ...endsAtOnce, SLEEP: 1 }, 'Failed BackoffLimitExceeded'],
    ] as const
  ).map(([restartPolicy, what, env, result]) =>
    beside(
      `native-${what}-${restartPolicy.toLowerCase()}`,
      `A native sidecar that ${what === 'crashes' ? 'crashes again and again' : 'exits early with 0'}; ${restartPolicy}: ${
        result === 'Complete' ? 'the Job ends as its app' : 'the Job controller counts its restarts'
      }`,
      env,
      { spec: { restartPolicy, containers: [app({ SLEEP: 25 })] }, job: { backoffLimit: 1 } },
      (seen) => expectResult(seen, result),
    ),
  ),
  ...(
    [
      [undefined, 1, 'Failed PodFailurePolicy'],
      ['app', 2, 'Failed BackoffLimitExceeded'],
    ] as const
  ).map(([containerName, pods, result]) =>
    beside(
      `native-policy-${containerName ? 'of-a-container' : 'of-any-container'}`,
      `A \`podFailurePolicy\` with ${containerName ? 'a' : 'no'} \`containerName\` ${
        containerName ? 'ignores' : 'sees'
      } the exit code of a native sidecar`,
      { ON_TERM: 7 },
      {
        spec: { containers: [app({ CODE: 1 })] },
        job: { backoffLimit: 1, podFailurePolicy: aPolicy(containerName) },
      },
      (seen) => {
        expect(seen.pods).toHaveLength(pods);
        return expectResult(seen, result);
      },
    ),
  ),
];

function native({
  name,
  title,
  expected,
  act,
  until = isOver,
  annotations = {},
  ...options
}: Native): Case<ClusterPlace> {
  return {
    name,
    title,
    pod: { annotations, ...(options.spec && { spec: options.spec }) },
    run: async ({ namespace, observer }) => {
      await createJob(namespace, name, {
        ...options,
        annotations: { ...annotations, 'clockout.dev/strategy': 'native' },
      });
      if (act) {
        const runs = (each: Seen) => isRunning(lastPod(each) ?? noPod, 'app');
        await act(lastPod(await observer.when(name, 'runs', 90, runs)));
      }
      const seen = await observer.when(name, 'is over', 120, until).catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await describeSeen(observer.of(name))}`);
      });
      const said = await expected(seen);
      for (const { pod } of observer.of(name).pods) expect(nativeIn(pod)).not.toEqual([]);
      await removeJob(namespace, name);
      return said;
    },
  };
}

const noPod: KubeObject = { status: {} };

/** @param result the type and the reason of the Job's last condition, or the type alone */
function expectResult({ jobs }: Seen, result: string): string {
  const conditions = jobs.flatMap(({ job }) =>
    job.status.conditions.map(({ type, reason }: KubeObject) => `${type} ${reason}`),
  );
  expect(conditions).toContainEqual(expect.stringMatching(new RegExp(`^${result}\\b`)));
  return result.replace(/ (.*)/, ' ($1)');
}

const endsIn = ({ pods }: Seen, container: string): string[] =>
  pods.flatMap(({ ends }) => (ends[container] ?? []).map(nameOf));

const endOf = (seen: SeenPod | undefined, container: string): number =>
  Date.parse(seen?.ends[container]?.at(-1)?.finishedAt ?? '');

/** How often a container was started, as far as its status says. */
function startsOf(pod: KubeObject, container: string): number {
  const { state = {}, restartCount = 0 } = statusOf(pod, container) ?? {};
  return restartCount + (state.running || state.terminated?.containerID ? 1 : 0);
}

function expectSorted(times: number[]): void {
  expect(times).not.toContain(Number.NaN);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

/** As Istio injects it here, except for the probe; its webhook is not called again, because the pod says that it is injected. */
async function withoutStartupProbe({ namespace, observer }: ClusterPlace): Promise<string> {
  const name = 'native-without-startup-probe';
  const { object } = await api.tryOut({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'clockout.dev/inject': 'false' } },
    spec: { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [app({ NEED_PROXY: 1 })] },
  });
  const { metadata, spec } = object;
  const containers = spec.containers.map(({ startupProbe: _, ...container }: KubeObject) => container);
  await createJob(namespace, name, {
    labels: { ...metadata.labels, ...clockoutAlone },
    annotations: { ...metadata.annotations, 'clockout.dev/strategy': 'native' },
    spec: { automountServiceAccountToken: false, volumes: spec.volumes, containers },
  });
  const seen = await observer.when(name, 'is over', 90, isOver);
  const proxy = lastPod(seen)?.spec.initContainers.find((each: KubeObject) => each.name === 'istio-proxy');
  expect(proxy.startupProbe).toMatchObject({ ...proxy.readinessProbe, periodSeconds: 1, failureThreshold: 600 });
  return expectResult(seen, 'Complete');
}

/** While it runs, as a person looks at it. */
async function throughKubectl({ pods, jobs }: Seen): Promise<string> {
  const { namespace, name } = jobs[0]?.job.metadata ?? pods[0]?.pod.metadata ?? {};
  const ask = (...words: string[]) => run([...kubectl, '--namespace', namespace, ...words]);
  await ask('wait', '--for=condition=Ready', 'pod', `--selector=job-name=${name}`, '--timeout=60s');
  expect(await ask('logs', `job/${name}`)).toMatch(/^start pid=1 /);
  expect(await ask('exec', `job/${name}`, '--', '/app', 'there', '/app')).toBe('');
  await ask('wait', '--for=condition=Complete', `job/${name}`, '--timeout=90s');
  return 'Ready, then Complete';
}
