/** Ends the pods of a plan, a few at a time, and says what became of each, and of the Jobs. */
import { inParallel } from '../util/parallel.ts';
import { pause } from '../util/pause.ts';
import { fail, ok } from '../util/result.ts';
import { endPod, type PodEnd, type Tools } from './end-pod.ts';
import type { PodState } from './hanging-pod.ts';
import { describeJobEnd } from './pod-result.ts';

/** `not tried`: the API server did not answer any more, or the command was stopped. */
export type Outcome = PodEnd | { result: 'not tried'; message: string };

/**
 * @param onEnd is called after each pod
 * @returns the outcomes in the order of the pods
 */
export async function endPods(
  pods: readonly PodState[],
  tools: Tools,
  onEnd: () => void = () => {},
): Promise<Outcome[]> {
  const ends = new Map<PodState, PodEnd>();
  const lost = await inParallel(pods, atATime, async (pod) => {
    if (tools.signal?.aborted) return fail('you stopped the command');
    const end = await endPod(pod, tools);
    ends.set(pod, end);
    onEnd();
    return end.result === 'lost' ? fail('the API server does not answer') : ok(undefined);
  });
  const jobs = lost.ok ? await waitForJobs(pods, ends, tools) : new Map<string, string>();
  return pods.map((pod) => {
    const end = ends.get(pod);
    if (!end) return { result: 'not tried', message: lost.ok ? '' : lost.problem };
    const job = end.result === 'ended' && pod.job ? jobs.get(pod.job.uid) : undefined;
    return job === undefined ? end : { ...end, message: `${end.message}; ${job}` };
  });
}

// --- internal ---

/** Each waits for a drain of some seconds. */
const atATime = 5;

/** The Job controller takes about a second to see the end of a pod. */
const jobPatience = 10_000;

async function waitForJobs(pods: readonly PodState[], ends: ReadonlyMap<PodState, PodEnd>, tools: Tools) {
  const ended = pods.filter((pod) => ends.get(pod)?.result === 'ended');
  const jobs = new Map(ended.flatMap(({ namespace, job }) => (job ? [[job.uid, { namespace, ...job }] as const] : [])));
  const found = new Map<string, string>();
  await inParallel([...jobs.values()], atATime, async (job) => {
    const sentence = await waitForJob(job, tools);
    if (sentence !== undefined) found.set(job.uid, sentence);
    return ok(undefined);
  });
  return found;
}

type JobName = { namespace: string; name: string; uid: string };

/** A Job that goes on has other pods, or makes a new one. */
async function waitForJob(
  { namespace, name }: JobName,
  { api, interval, now, signal }: Tools,
): Promise<string | undefined> {
  const end = now() + jobPatience;
  for (;;) {
    const got = await api.get({ group: 'batch', resource: 'jobs', namespace, name });
    if (!got.ok) return got.problem.kind === 'missing' ? 'its Job was removed' : undefined;
    const sentence = describeJobEnd(got.value);
    if (sentence !== undefined) return sentence;
    if (now() >= end || signal?.aborted) return signal?.aborted ? undefined : 'its Job goes on';
    await pause(interval, signal);
  }
}
