/**
 * Other sidecars than Istio's, without it and beside it. Each is ended once the apps have ended for good, and with 0, so
 * that the Job ends as it would have without them.
 */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { app, containerOf, createJob, type JobOptions } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { cloudSqlWithoutEnd, helper, sidecars } from './sidecar-containers.ts';
import { hangs, leftAlone, leftToKubernetes } from './sidecars-unwrapped.ts';
import { killIn } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, type Twin, twin } from './support/twin.ts';
import { nameOf } from './support/verdict.ts';
import { clockoutAlone, type Sidecar, withSidecar } from './support/with-sidecar.ts';

/** How the app ends. */
const endings = {
  'at-once': { title: 'the app exits before the sidecar has started', spec: { containers: [app({ SLEEP: 0 })] } },
  completes: { title: 'the app exits with 0', spec: { containers: [app()] } },
  fails: { title: 'the app exits with 5', spec: { containers: [app({ CODE: 5 })] } },
  killed: { title: 'the app is killed from outside', spec: { containers: [app({ SLEEP: 600 })] }, act: killIn('app') },
  retried: {
    title: 'the app fails once; OnFailure: the sidecar lives until it has succeeded',
    spec: {
      restartPolicy: 'OnFailure',
      containers: [
        app({ CODE: 3, FAIL_ONCE: '/scratch/failed' }, { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }),
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
    job: { backoffLimit: 2 },
  },
} satisfies Record<string, JobOptions & Pick<Twin, 'title' | 'act'>>;

const twoApps = {
  title: 'of two apps one exits at once, and the other seconds later',
  spec: { containers: [app({ SLEEP: 0 }), app({ SLEEP: 7 }, { name: 'slow' })] },
};

type Ending = keyof typeof endings;

const allEndings = Object.keys(endings) as Ending[];
/** What is the same anyway isn't tried again. */
const someEndings: Ending[] = ['fails', 'killed', 'retried'];

const mainSidecars = ['cloud-sql', 'linkerd', 'dapr', 'vault'] as const;
/** The same programs, set up in another way. */
const variants = [
  'cloud-sql-operator',
  'cloud-sql-term',
  'linkerd-shutdown',
  'dapr-token',
  'dapr-slow',
  'vault-shell',
  'vault-quit',
] as const;

export const otherSidecars: Case<ClusterPlace>[] = [
  ...mainSidecars.map((name) => hangs(name, sidecars[name])),
  ...mainSidecars.flatMap((name) => allEndings.map((ending) => alone(name, sidecars[name], ending))),
  ...variants.map((name) => alone(name, sidecars[name], 'retried')),
  ...allEndings.map((ending) => alone('quit-urls', helper, ending)),
  ended('sidecars-together', endings.fails, [sidecars['cloud-sql'], sidecars.vault, sidecars.dapr], {
    labels: clockoutAlone,
  }),
  ended('sidecar-of-two-apps', twoApps, [sidecars['cloud-sql']], { labels: clockoutAlone, also: expectLongLife }),
  {
    name: 'native-linkerd',
    title: 'Linkerd as a native sidecar: skipped, because Kubernetes ends it',
    run: leftToKubernetes,
  },
  {
    name: 'sidecar-without-end',
    title: `${cloudSqlWithoutEnd.title}: skipped, with a warning that says what to set`,
    run: leftAlone,
  },
];

/** Not Linkerd, which is a mesh itself. */
export const besideIstio: Case<ClusterPlace>[] = [
  ...(['cloud-sql', 'dapr', 'vault'] as const).flatMap((name) =>
    someEndings.map((ending) => besideIt(name, sidecars[name], ending)),
  ),
  ...someEndings.map((ending) => besideIt('quit-urls', helper, ending)),
  ended('istio-sidecars-together', endings.retried, [sidecars['cloud-sql'], sidecars.vault], {
    sidecars: ['istio-proxy'],
  }),
];

function alone(name: string, sidecar: Sidecar, ending: Ending): Case<ClusterPlace> {
  return ended(`${name}-${ending}`, endings[ending], [sidecar], { labels: clockoutAlone });
}

function besideIt(name: string, sidecar: Sidecar, ending: Ending): Case<ClusterPlace> {
  return ended(`istio-${name}-${ending}`, endings[ending], [sidecar], { sidecars: ['istio-proxy'] });
}

/** Without Clockout the Job has no sidecar at all. */
function ended(name: string, app: Omit<Twin, 'name'>, given: Sidecar[], own: Partial<Twin>): Case<ClusterPlace> {
  const bounds = given.map(({ bound = 5 }) => bound);
  return twin({
    ...app,
    ...own,
    bound: Math.max(...bounds),
    name,
    ...(given.includes(helper) && { native: { leftOut: 'Kubernetes ends no sidecar by its URL' } }),
    pod: withSidecar(app, ...given),
    title: `${given.map(({ title }) => title).join(', ')}: ${app.title}`,
    sidecars: [...(own.sidecars ?? []), ...given.map(({ container }) => container.name)],
    create: ({ namespace, name, hasProxy }, job) =>
      createJob(namespace, name, hasProxy ? withSidecar(job, ...given) : job),
    also: (subject) => {
      for (const { container } of given) expectOneLife(subject, container);
      return own.also?.(subject);
    },
  });
}

/** It was never restarted, so the app had it for all of its tries; and what its injector hooked in is still there. */
function expectOneLife(subject: Subject, { name, lifecycle }: KubeObject): void {
  const [seen, ...more] = subject.seen().pods;
  expect(more, 'further pods').toEqual([]);
  expect(seen?.ends[name]?.map(nameOf), `ends of ${name}`).toEqual(['Completed 0']);
  const hook: string[] = lifecycle?.postStart?.exec.command ?? [];
  const command = containerOf(seen?.pod, name).lifecycle?.postStart?.exec.command ?? [];
  expect(command.slice(command.length - hook.length)).toEqual(hook);
}

/** Longer than the first app, by far. */
function expectLongLife(subject: Subject): void {
  const end = subject.seen().pods[0]?.ends['cloud-sql-proxy']?.[0];
  const seconds = end ? (Date.parse(end.finishedAt) - Date.parse(end.startedAt)) / 1000 : 0;
  expect(seconds).toBeGreaterThanOrEqual(5);
}
