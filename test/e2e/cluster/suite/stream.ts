/** Pods made at a steady rate: what becomes of each in admission is all there is to see, since none of them ever runs. */
import { isCrossSection } from '../../../project/cross-section.ts';
import { ApiError, type KubeObject } from '../api.ts';
import { appImage } from '../images.ts';
import { sleep } from '../progress.ts';
import { api, isWrapped } from './kube.ts';

export type Made = {
  /** Since the stream began, in seconds, when the API server was asked. */
  at: number;
  /** How long the answer took, in seconds. */
  took: number;
  result: 'wrapped' | 'unwrapped' | 'refused' | 'unreachable';
  /** What the API server said to a refusal, or the network. */
  message?: string;
};

export type Stream = {
  /** Every pod, once the last one is answered. */
  made: Promise<Made[]>;
  /** Since it began, in seconds. */
  elapsed: () => number;
  /** Waits until so many seconds have passed since it began. */
  until: (seconds: number) => Promise<void>;
};

export type StreamOptions = {
  count: number;
  perSecond: number;
  /** Changes the pod of this number. */
  pod?: (pod: KubeObject, number: number) => KubeObject;
};

/** So many pods at 20 a second; in the cross-section a quarter of them in the same time. */
export const load = (count: number): StreamOptions => {
  const share = isCrossSection ? 0.25 : 1;
  return { count: count * share, perSecond: 20 * share };
};

/** Like the pods of a Job, but held back from the scheduler. Each is asked for when its time comes, whatever became of others. */
export function startStream(namespace: string, { count, perSecond, pod = (each) => each }: StreamOptions): Stream {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const until = (seconds: number) => sleep(Math.max(0, (seconds - elapsed()) * 1000));
  const make = async (number: number): Promise<Made> => {
    await until(number / perSecond);
    const at = elapsed();
    const created = await create(pod(gatedPod(namespace, number), number));
    return { at, took: elapsed() - at, ...created };
  };
  return { made: Promise.all(Array.from({ length: count }, (_, number) => make(number))), elapsed, until };
}

async function create(pod: KubeObject): Promise<Omit<Made, 'at' | 'took'>> {
  try {
    return { result: isWrapped(await api.create(pod)) ? 'wrapped' : 'unwrapped' };
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`;
    return { result: error instanceof ApiError ? 'refused' : 'unreachable', message };
  }
}

/** Like the pod of a Job; no scheduler takes it. */
export const gatedPod = (namespace: string, number: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${number}`, namespace, labels: { 'batch.kubernetes.io/job-name': 'stream' } },
  spec: {
    restartPolicy: 'Never',
    schedulingGates: [{ name: 'tests.clockout.dev/never' }],
    containers: [{ name: 'app', image: appImage, command: ['/app'] }],
  },
});

/** How many had each result, and the first message of each kind of trouble, to be read when a test fails. */
export function summary(made: Made[]): Record<string, unknown> {
  const results = Object.groupBy(made, ({ result }) => result);
  return Object.fromEntries(
    Object.entries(results).map(([result, list]) => [
      result,
      {
        count: list.length,
        first: list[0]?.at.toFixed(1),
        last: list.at(-1)?.at.toFixed(1),
        message: list[0]?.message,
      },
    ]),
  );
}
