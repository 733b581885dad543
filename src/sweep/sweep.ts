/**
 * Counts the pods that hang, every few minutes. Each replica counts all of them, so that none needs a leader: the counts are the same,
 * and one is taken.
 */

import type { Api, KubeObject } from '../kubernetes/api/api.ts';
import type { ApiProblem } from '../kubernetes/api/problem.ts';
import { sleepUnlessAborted } from '../util/abort.ts';
import { countEach, type HangingPod, readHanging } from './read-hanging.ts';

export type SweepEvents = {
  /**
   * @param hanging how many pods hang, by namespace; a namespace without one is left out
   * @param looked how many pods were looked at
   */
  swept: (hanging: ReadonlyMap<string, number>, pods: readonly HangingPod[], looked: number) => void;
  /** @param problem a sentence; the last counts stay */
  failed: (problem: string) => void;
};

export type SweepOptions = {
  everyMilliseconds: number;
  events: SweepEvents;
  /** Waits, or until the signal is aborted. Tests do not wait. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Needs `list` on pods in all namespaces. */
export function startSweep(
  list: Api['list'],
  { everyMilliseconds, events, sleep = sleepUnlessAborted }: SweepOptions,
): { stop: () => void } {
  const stopped = new AbortController();
  const { signal } = stopped;

  const run = async () => {
    while (!signal.aborted) {
      let looked = 0;
      const read = (pod: KubeObject) => {
        looked++;
        return readHanging(pod, Date.now());
      };
      const { items, problem } = await list({ resource: 'pods' }, { ...selected, read });
      if (signal.aborted) return;
      if (problem) events.failed(describe(problem));
      else events.swept(countEach(items.map(({ namespace }) => namespace)), items, looked);
      // Replicas that started together do not ask together.
      await sleep(everyMilliseconds * (0.95 + Math.random() / 10), signal);
    }
  };
  void run();
  return { stop: () => stopped.abort() };
}

// --- internal ---

/**
 * Most pods of Jobs have finished, and a pod that hangs still runs. Every version of the Job controller sets this label, also those
 * before 1.27, which do not set `batch.kubernetes.io/job-name`.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#job-name
 */
const selected = { labelSelector: 'job-name', fieldSelector: 'status.phase=Running' };

function describe({ kind, message }: ApiProblem): string {
  return kind === 'forbidden' || kind === 'unauthorized'
    ? 'the API server did not let Clockout list pods; the chart gives it the right with `sweep.minutes`, unless `rbac.create` is false'
    : message;
}
