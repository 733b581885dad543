/** Reviews as the API server sends them: pods that are wrapped, skipped and refused, of images that a registry has and lacks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, review } from '../../server/helpers.ts';
import { app, classicPod, jobPod, proxy } from '../../support/pods.ts';

/** @param registry the host of a registry with the tag `1`, and no other */
const podsOf = (registry: string) => {
  const image = (name: string) => ({
    spec: { containers: [app({ image: `${registry}/team/${name}`, command: null })] },
  });
  return [
    classicPod(),
    classicPod(image('app:1')),
    classicPod({ ...image('app:1'), annotations: { 'clockout.dev/entrypoint': '["/app"]' } }),
    classicPod(image('app:2')),
    classicPod({ annotations: { 'clockout.dev/quit': 'sometimes' } }),
    jobPod({ spec: { initContainers: [proxy({ restartPolicy: 'Always' })] } }),
    jobPod(),
  ];
};

/** Sends for some seconds, more in the middle than at the ends, and each kind of pod at another rate. */
export async function sendReviews(url: string, ca: string, registry: string, seconds: number): Promise<void> {
  const client = createClient(url, ca);
  const bodies = podsOf(registry).map((pod) => JSON.stringify(review(pod)));
  const end = performance.now() + seconds * 1000;
  for (let sent = 0; performance.now() < end; sent++) {
    const [body = ''] = bodies.filter((_, kind) => sent % (kind + 1) === kind).slice(-1);
    await client.post(sent % 50 === 49 ? '{}' : body);
    const left = (end - performance.now()) / 1000 / seconds;
    await sleep(30 + 120 * Math.abs(2 * left - 1));
  }
  client.close();
}
