/** Containers that never start: nobody in the pod can tell that from one that is slow, so there is a time limit. */
import type { KubeObject } from '../../cluster/api.ts';
import { appImage } from '../../cluster/images.ts';
import { app, createJob, type JobOptions } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { bringLate, lateName } from './support/late-image.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

/** The runtime can start nothing in a folder that is a file, not even the wrapper. */
const broken = (name: string): KubeObject => app({}, { name, workingDir: '/app' });
const soon = { 'clockout.dev/start-timeout': '6s' };

export const neverStarts: Case<ClusterPlace>[] = [
  twin({
    name: 'start-error',
    title: 'A container that the runtime cannot start counts as ended after `start-timeout`',
    annotations: soon,
    spec: { containers: [broken('app')] },
    bound: 15,
  }),
  twin({
    name: 'start-error-two-containers',
    title: 'A container that the runtime cannot start, next to one that runs to its end',
    annotations: soon,
    spec: { containers: [broken('app'), app({ SLEEP: 8 }, { name: 'other' })] },
    bound: 15,
  }),
  twin({
    name: 'start-error-on-failure',
    title: 'A container that the runtime cannot start, with OnFailure, up to `backoffLimit`',
    spec: { restartPolicy: 'OnFailure', containers: [broken('app'), app({ SLEEP: 1 }, { name: 'other' })] },
    job: { backoffLimit: 1 },
  }),
  twin({
    name: 'late-app',
    title: 'A container whose image is pulled long after the other one has ended: the proxy waits for it',
    create: withLateImage,
    spec: { containers: [app({ CODE: 3 }, { name: 'late' }), app({ SLEEP: 1 }, { name: 'other' })] },
    needsProxy: true,
    within: 120,
  }),
  twin({
    name: 'too-late-app',
    title:
      'A container whose image is pulled after `start-timeout`: it exits at once, and does not run without its mesh',
    create: withLateImage,
    annotations: soon,
    spec: { containers: [app({ CODE: 3 }, { name: 'late' }), app({ SLEEP: 1 }, { name: 'other' })] },
    differs: { why: 'it counted as ended', ends: { 'Error 3': 'Error 124' } },
    within: 120,
  }),
];

async function withLateImage(subject: Subject, options: JobOptions): Promise<void> {
  const image = lateName(appImage);
  const containers = options.spec.containers.map((each: KubeObject) =>
    each.name === 'late' ? { ...each, image } : each,
  );
  await createJob(subject.namespace, subject.name, { ...options, spec: { ...options.spec, containers } });
  await bringLate(subject, 'late', appImage, image);
}
