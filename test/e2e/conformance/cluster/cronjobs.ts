/** CronJobs: the next run depends on the last one's end. */
import { api, app, type JobOptions } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { running } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { isOver, type Subject, twin } from './support/twin.ts';

export const cronJobs: Case<ClusterPlace>[] = [
  twin({
    name: 'cronjob-forbid',
    title: 'A CronJob with Forbid: a run starts when the last one has ended',
    create: (subject, options) => createCronJob(subject, options, 'Forbid'),
    spec: { containers: [app({ SLEEP: 2 })] },
    until: (seen) => seen.jobs.length >= 2 && isOver(seen),
    within: 180,
  }),
  twin({
    name: 'cronjob-replace',
    title: 'A CronJob with Replace: a run that takes too long is ended, and the next one starts',
    create: (subject, options) => createCronJob(subject, options, 'Replace'),
    spec: { containers: [app({ SLEEP: 600, ON_TERM: 7, TERM_SLEEP: 1 })] },
    act: waitForSecondAndRemove,
    within: 180,
  }),
];

const pathOf = ({ namespace, name }: Subject): string => `/apis/batch/v1/namespaces/${namespace}/cronjobs/${name}`;

/** One that is never due a third time: it is suspended then. */
async function createCronJob(subject: Subject, options: JobOptions, concurrencyPolicy: string): Promise<void> {
  const { namespace, name } = subject;
  const { annotations = {}, labels = {}, spec } = options;
  const template = { metadata: { annotations, labels }, spec: { restartPolicy: 'Never', ...spec } };
  await api.create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace },
    spec: { schedule: '* * * * *', concurrencyPolicy, jobTemplate: { spec: { backoffLimit: 0, template } } },
  });
  await subject.when('has a second run', ({ jobs }) => jobs.length >= 2, 180);
  await api.merge(pathOf(subject), { spec: { suspend: true } });
}

/** The first run is gone when the second one runs; that one ends with its CronJob. */
async function waitForSecondAndRemove(subject: Subject): Promise<void> {
  await subject.when('is rid of its first run', ({ jobs, pods }) => jobs[0]?.deleted && pods[0]?.deleted);
  await running(subject);
  await api.delete(pathOf(subject));
}
