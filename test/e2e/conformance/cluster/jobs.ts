/** What a Job can ask for: tries, rules for failures, indexes, pauses. */
import type { KubeObject } from '../../cluster/api.ts';
import { api, app } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { aWhile, deletePod, jobPathOf, running } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { isOver, type Subject, twin } from './support/twin.ts';

const scratch = { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] };
const volumes = [{ name: 'scratch', emptyDir: {} }];
const failsOnce: KubeObject = {
  restartPolicy: 'OnFailure',
  containers: [app({ FAIL_ONCE: '/scratch/failed', CODE: 3 }, scratch)],
  volumes,
};
const always = (code: number): KubeObject => ({ containers: [app({ CODE: code })] });
const policy = (action: string, code: number): object => ({
  rules: [{ action, onExitCodes: { containerName: 'app', operator: 'In', values: [code] } }],
});

export const jobs: Case<ClusterPlace>[] = [
  twin({
    name: 'retried',
    origins: [
      'redboxllc/scuttle#13',
      'defenseunicorns/uds-core#913',
      'AOEpeople/kubernetes-sidecar-cleaner#3',
      'kumahq/kuma#1497',
    ],
    title: 'OnFailure: the second try succeeds, and the proxy still runs',
    spec: failsOnce,
    job: { backoffLimit: 3 },
    needsProxy: true,
  }),
  twin({
    name: 'gives-up',
    origins: ['defenseunicorns/uds-core#687', 'defenseunicorns/uds-core#813'],
    title: 'OnFailure: each try fails, up to `backoffLimit`',
    // Long enough for the kubelet to report each end: it looks once a second, and keeps one dead container.
    spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: 3, CODE: 5 })] },
    job: { backoffLimit: 2 },
    within: 120,
  }),
  twin({
    name: 'new-pods',
    origins: ['defenseunicorns/uds-core#687', 'defenseunicorns/uds-core#813'],
    title: 'Never: each try is a new pod, up to `backoffLimit`',
    spec: always(5),
    job: { backoffLimit: 1 },
    within: 120,
  }),
  twin({
    name: 'policy-fail-job',
    origins: ['https://github.com/kvij/scuttle'],
    title: '`podFailurePolicy`: an exit code fails the Job at once',
    spec: always(42),
    job: { backoffLimit: 4, podFailurePolicy: policy('FailJob', 42) },
  }),
  twin({
    name: 'policy-count',
    title: '`podFailurePolicy`: an exit code counts as a failure',
    spec: always(42),
    job: { backoffLimit: 0, podFailurePolicy: policy('Count', 42) },
  }),
  twin({
    name: 'policy-ignore',
    title: '`podFailurePolicy`: a disrupted pod does not count, and its successor is as it was',
    spec: { ...always(42), containers: [app({ SLEEP: aWhile, ON_TERM: 7 })] },
    job: { backoffLimit: 0, podFailurePolicy: policy('Ignore', 7) },
    act: deletePod(),
    within: 120,
  }),
  twin({
    name: 'suspended',
    title: 'A Job that is suspended while it runs, and resumed',
    spec: { containers: [app({ SLEEP: aWhile, ON_TERM: 7, TERM_SLEEP: 0 })] },
    act: suspendAndResume,
    within: 120,
  }),
  twin({
    name: 'parallel',
    title: 'A Job of five completions, three at a time',
    spec: always(0),
    job: { completions: 5, parallelism: 3 },
    within: 120,
  }),
  twin({
    name: 'work-queue',
    title: 'A Job of two pods without a number of completions',
    spec: always(0),
    job: { parallelism: 2 },
  }),
  twin({
    name: 'indexed',
    title: 'An Indexed Job, of which every pod knows its index',
    spec: { containers: [app({ CODES: '0,0,0' })] },
    job: { completions: 3, parallelism: 3, completionMode: 'Indexed' },
    within: 120,
  }),
  twin({
    name: 'indexed-backoff',
    title: 'An Indexed Job with `backoffLimitPerIndex`: one index fails, the others succeed',
    spec: { containers: [app({ CODES: '0,6,0' })] },
    job: { completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 0, backoffLimit: null },
    within: 120,
  }),
  twin({
    name: 'indexed-success-policy',
    title: 'An Indexed Job with a `successPolicy`: one index is enough, the rest is ended',
    spec: { containers: [app({ SLEEPS: `${aWhile},600`, ON_TERM: 0, TERM_SLEEP: 0 })] },
    job: {
      completions: 2,
      parallelism: 2,
      completionMode: 'Indexed',
      successPolicy: { rules: [{ succeededIndexes: '0' }] },
    },
    within: 120,
  }),
  ...['Failed', 'TerminatingOrFailed'].map((podReplacementPolicy) =>
    twin({
      name: `replacement-${podReplacementPolicy === 'Failed' ? 'when-failed' : 'when-terminating'}`,
      title: `A deleted pod is replaced as \`podReplacementPolicy: ${podReplacementPolicy}\` says`,
      spec: { containers: [app({ SLEEP: aWhile, ON_TERM: 7, TERM_SLEEP: 3 })] },
      job: { podReplacementPolicy, backoffLimit: 1 },
      act: deletePod(),
      within: 120,
    }),
  ),
  twin({
    name: 'ttl',
    title: '`ttlSecondsAfterFinished` removes the Job after its end',
    spec: always(0),
    job: { ttlSecondsAfterFinished: 2 },
    until: (seen) => isOver(seen) && seen.jobs.every(({ deleted }) => deleted),
  }),
];

async function suspendAndResume(subject: Subject): Promise<void> {
  await running(subject);
  const path = jobPathOf(subject);
  await api.merge(path, { spec: { suspend: true } });
  await subject.when('is suspended', ({ pods }) => pods.every(({ deleted }) => deleted));
  await api.merge(path, { spec: { suspend: false } });
  await subject.when('is resumed', ({ pods }) => pods.length === 2);
}
