/** Several containers, and settings of containers. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { app, logOf } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { aWhile, killIn } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

const scratch = { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] };
const volumes = [{ name: 'scratch', emptyDir: {} }];
const locked = {
  runAsNonRoot: true,
  runAsUser: 12345,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

export const containers: Case<ClusterPlace>[] = [
  twin({
    name: 'two-containers',
    origins: ['https://github.com/kvij/scuttle'],
    title: 'Two apps, of which the first to end fails: the proxy waits for the other',
    spec: { containers: [app({ SLEEP: 1, CODE: 4 }, { name: 'short' }), app({ SLEEP: 8 }, { name: 'long' })] },
    also: expectProxyLast('long'),
  }),
  ...[
    { name: 'waits-for-another', teller: 'istio-proxy', annotations: {} },
    { name: 'waits-for-another-no-guard', teller: 'long', annotations: { 'clockout.dev/guard': 'false' } },
  ].map(({ name, teller, annotations }) =>
    twin({
      name,
      title: `Two apps, of which one still runs after \`report-after\`: the log of ${teller} names it`,
      annotations: { ...annotations, 'clockout.dev/report-after': '1s' },
      spec: { containers: [app({ SLEEP: 0 }, { name: 'short' }), app({ SLEEP: 25 }, { name: 'long' })] },
      also: expectLine(teller, 'CLOCKOUT: the pod waits for long; another container has ended'),
    }),
  ),
  twin({
    name: 'two-containers-one-killed',
    title: 'Two apps, of which one is killed: the proxy waits for the other',
    spec: { containers: [app({ SLEEP: 600 }), app({ SLEEP: aWhile }, { name: 'long' })] },
    act: killIn('app'),
    also: expectProxyLast('long'),
  }),
  twin({
    name: 'two-containers-retried',
    title: 'Two apps with OnFailure: one has long succeeded when the other is tried again',
    spec: {
      restartPolicy: 'OnFailure',
      containers: [
        app({ SLEEP: 0 }, { name: 'steady' }),
        app({ FAIL_ONCE: '/scratch/failed', CODE: 9 }, { name: 'shaky', ...scratch }),
      ],
      volumes,
    },
    job: { backoffLimit: 3 },
    needsProxy: true,
  }),
  twin({
    name: 'three-containers-give-up',
    title: 'Three apps with OnFailure, of which one always fails, up to `backoffLimit`',
    spec: {
      restartPolicy: 'OnFailure',
      containers: [app({}, { name: 'one' }), app({}, { name: 'two' }), app({ SLEEP: 3, CODE: 6 }, { name: 'three' })],
    },
    job: { backoffLimit: 1 },
  }),
  twin({
    name: 'own-policy-never',
    title: "A container's own `restartPolicy: Never` in a pod with OnFailure: it is not tried again",
    spec: {
      restartPolicy: 'OnFailure',
      containers: [app({ CODE: 4 }, { restartPolicy: 'Never' }), app({ SLEEP: 4 }, { name: 'other' })],
    },
  }),
  twin({
    name: 'own-policy-on-failure',
    title: "A container's own `restartPolicy: OnFailure` in a pod with Never: it is tried again",
    spec: {
      containers: [
        app({ FAIL_ONCE: '/scratch/failed', CODE: 4 }, { restartPolicy: 'OnFailure', ...scratch }),
        app({ SLEEP: 1 }, { name: 'other' }),
      ],
      volumes,
    },
    needsProxy: true,
  }),
  twin({
    name: 'native-helper',
    origins: ['istio/istio#49054'],
    title: "A native sidecar of the user's own is left to Kubernetes",
    spec: {
      containers: [app({ SLEEP: 3, CODE: 5 })],
      initContainers: [app({ SLEEP: 600, ON_TERM: 0, TERM_SLEEP: 0 }, { name: 'helper', restartPolicy: 'Always' })],
    },
    also: expectUnwrapped('helper'),
  }),
  twin({
    name: 'init-container',
    title: 'An init container of its own runs first, without the proxy and unwrapped',
    spec: { containers: [app({ CODE: 5 })], initContainers: [app({}, { name: 'before' })] },
    also: expectUnwrapped('before'),
  }),
  twin({
    name: 'init-container-fails',
    title: 'An init container that fails: the app never starts, and the Job fails',
    spec: { containers: [app()], initContainers: [app({ CODE: 4 }, { name: 'before' })] },
  }),
  twin({
    name: 'excluded',
    title: 'An excluded container is neither wrapped nor waited for',
    annotations: { 'clockout.dev/exclude-containers': 'helper' },
    spec: { containers: [app({ SLEEP: 6 }), app({ SLEEP: 1 }, { name: 'helper' })] },
    also: expectUnwrapped('helper'),
  }),
  twin({
    name: 'shared-processes',
    origins: ['hashicorp/consul-k8s#722', 'kvij/scuttle#17'],
    title: 'All containers share their processes (shareProcessNamespace)',
    spec: { shareProcessNamespace: true, containers: [app({ SLEEP: 3, CODE: 5 })] },
  }),
  twin({
    name: 'shared-processes-killed',
    title: 'All containers share their processes, and the app is killed',
    spec: { shareProcessNamespace: true, containers: [app({ SLEEP: 600 })] },
    act: killIn('app'),
  }),
  twin({
    name: 'locked-down',
    title: 'No capabilities, a read-only root, no way to more rights, another user',
    spec: { containers: [app({ CODE: 5 }, { securityContext: locked })] },
    needsProxy: true,
  }),
  twin({
    name: 'locked-down-killed',
    title: 'The same, and the app is killed',
    spec: { containers: [app({ SLEEP: 600 }, { securityContext: locked })] },
    act: killIn('app'),
  }),
  twin({
    name: 'stdin-and-tty',
    title: 'A container with stdin and a terminal',
    spec: { containers: [app({ CODE: 5 }, { stdin: true, stdinOnce: true, tty: true })] },
  }),
];

/** No sooner than the end of this container's app. */
/** In a container's log, once. */
function expectLine(container: string, line: string): (subject: Subject) => Promise<void> {
  return async ({ seen }) => {
    for (const { pod } of seen().pods)
      expect((await logOf(pod, container)).split('\n').filter((one) => one === line)).toHaveLength(1);
  };
}

function expectProxyLast(name: string): (subject: Subject) => void {
  return ({ seen }) => {
    for (const { ends } of seen().pods) {
      const [last, proxy] = [ends[name]?.at(-1), ends['istio-proxy']?.at(-1)];
      // The container outlives its app to tell the proxy; both ends are known in whole seconds.
      const early = Date.parse(last?.finishedAt ?? '') - Date.parse(proxy?.finishedAt ?? '');
      if (!(early <= 1000)) throw new Error(`expected istio-proxy to end with ${name}, not ${early} ms before`);
    }
  };
}

function expectUnwrapped(name: string): (subject: Subject) => void {
  return ({ seen }) => {
    for (const { pod } of seen().pods) {
      const all: KubeObject[] = [...pod.spec.containers, ...pod.spec.initContainers];
      const command = all.find((each) => each.name === name).command[0];
      if (command !== '/app') throw new Error(`expected ${name} to be skipped, found ${command}`);
    }
  };
}
