/** Containers that mean harm, and full disks: what they can write, and nobody else suffers from. */
import { expect } from 'vitest';
import type { KubeObject } from '../../cluster/api.ts';
import { app, createJob, type JobOptions, logOf } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { lastPod } from './support/act.ts';
import { injectedJob } from './support/injected.ts';
import type { ClusterPlace } from './support/place.ts';
import { type Subject, twin } from './support/twin.ts';

const own = '/clockout-own';

export const hostile: Case<ClusterPlace>[] = [
  twin({
    name: 'planted-links',
    title: 'An app puts links, FIFOs and folders in place of its steps: its neighbour and the proxy end as they should',
    spec: { containers: [app({ PLANT: own, SLEEP: 2, CODE: 3 }), app({ SLEEP: 5, CODE: 4 }, { name: 'other' })] },
    also: logHas('planted 4'),
  }),
  twin({
    name: 'planted-links-on-failure',
    title: 'An app puts links, FIFOs and folders in place of its steps, and fails once; OnFailure: its retry succeeds',
    spec: {
      restartPolicy: 'OnFailure',
      containers: [
        app(
          { PLANT: own, FAIL_ONCE: '/scratch/failed', CODE: 4 },
          { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
        ),
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
    job: { backoffLimit: 3 },
  }),
  ...(['Never', 'OnFailure'] as const).flatMap((restartPolicy) => [
    fullDisk(
      `full-volume-${restartPolicy.toLowerCase()}`,
      `The app fills the state volume and exits with 0; ${restartPolicy}`,
      {
        restartPolicy,
        containers: [app({ FILL: own, SLEEP: 2 })],
      },
    ),
    fullDisk(
      `full-volume-two-${restartPolicy.toLowerCase()}`,
      `Of two containers one fills the state volume, and both exit with 0; ${restartPolicy}`,
      { restartPolicy, containers: [app({ FILL: own, SLEEP: 2 }), app({ SLEEP: 5 }, { name: 'other' })] },
    ),
  ]),
];

function fullDisk(name: string, title: string, spec: JobOptions['spec'] & object): Case<ClusterPlace> {
  const native = { leftOut: 'no volume of Clockout is in the pod' };
  return twin({ name, title, spec, native, create: onSmallVolume, also: logHas('no space left on device') });
}

/** A volume in memory has a size that the kernel keeps to: the Job is wrapped before it is created, and its volume changed. */
async function onSmallVolume({ namespace, name, wrapped }: Subject, options: JobOptions): Promise<void> {
  if (!wrapped) {
    await createJob(namespace, name, options);
    return;
  }
  const job = await injectedJob(options);
  const volumes = job.spec.volumes.map((volume: KubeObject) =>
    volume.name === 'clockout-state' ? { ...volume, emptyDir: { medium: 'Memory', sizeLimit: '256Ki' } } : volume,
  );
  await createJob(namespace, name, { ...job, spec: { ...job.spec, volumes } });
}

function logHas(text: string) {
  return async ({ seen }: Subject): Promise<undefined> => {
    expect(await logOf(lastPod(seen()), 'app')).toContain(text);
  };
}
