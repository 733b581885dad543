/** An image that comes only when the kubelet has missed it. */
import { randomUUID } from 'node:crypto';
import { tagImage } from '../../../cluster/images.ts';
import { sleep } from '../../../cluster/progress.ts';
import { statusOf } from '../../../cluster/suite/kube.ts';
import { lastPod } from './act.ts';
import type { Subject } from './twin.ts';

/** A name that no cluster has, not even one on which this ran before. */
export const lateName = (image: string): string => `${image.replace(/:[^:]*$/, '')}:late-${randomUUID()}`;

/** Waits until the kubelet has missed a container's image, 15 s more, and brings it then. */
export async function bringLate(subject: Subject, container: string, from: string, to: string): Promise<void> {
  await subject.when(`misses the image of ${container}`, (seen) => {
    const status = lastPod(seen) && statusOf(lastPod(seen), container);
    return status?.state.waiting?.reason?.includes('ImagePull');
  });
  await sleep(15_000);
  await tagImage(from, to);
}
