/** The reviews that servers get: recorded ones, made as long as wanted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Recorded = 'classic-two-containers' | 'not-injected';
type Review = {
  request: {
    object: { metadata: { annotations?: Record<string, string> }; spec: { containers: Record<string, unknown>[] } };
  };
};

/** @returns the recorded review, with `change` made to it */
export function readReview(name: Recorded, change: (review: Review) => void = () => {}): string {
  const review = JSON.parse(readFileSync(join(import.meta.dirname, `../test/testdata/pods/${name}.json`), 'utf8'));
  change(review);
  return JSON.stringify(review);
}

/** @returns the review with variables of the first container added until it has `bytes` */
export function lengthen(text: string, bytes: number, variable = 60): string {
  const review: Review = JSON.parse(text);
  const [container = {}] = review.request.object.spec.containers;
  const env = (container.env ?? []) as { name: string; value: string }[];
  container.env = env;
  let missing = bytes - text.length;
  for (let i = 0; missing > 0; i++) {
    const entry = { name: `SETTING_${i}`, value: '' };
    const bare = JSON.stringify(entry).length + 1;
    entry.value = 'x'.repeat(Math.max(0, Math.min(variable, missing - bare)));
    missing -= bare + entry.value.length;
    env.push(entry);
  }
  return JSON.stringify(review);
}

/** The strategy of its annotation. */
export const askForNative = ({ request: { object } }: Review): void => {
  object.metadata.annotations = { ...object.metadata.annotations, 'clockout.dev/strategy': 'native' };
};

/** @returns a function that gives the review of another pod on each call, always with as many bytes */
export function createReviews(text: string): () => Buffer {
  // By its token's volume, Clockout knows a pod again.
  const [token] = /kube-api-access-\w{5}/.exec(text) ?? [];
  if (!token) throw new Error('expected a recorded pod with a token');
  const [head = '', ...rest] = text.split(token);
  let count = 0;
  return () => {
    const name = `kube-api-access-${(count++ % 36 ** 5).toString(36).padStart(5, '0')}`;
    return Buffer.from([head, ...rest].join(name));
  };
}
