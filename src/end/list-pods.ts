/** Finds the pods that `clockout end` is about. */

import { type Api, isFatal, type KubeObject, type Target } from '../kubernetes/api/api.ts';
import { describeMissing } from '../kubernetes/api/describe-missing.ts';
import { listEverywhere, type Unlisted } from '../kubernetes/api/list-everywhere.ts';
import { describeLiveJob } from '../live-status/job.ts';
import { listOwnContainers } from '../live-status/unknown-containers.ts';
import { findValue } from '../util/find-value.ts';
import { inParallel } from '../util/parallel.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { type DefaultsOf, type PodState, readPodState } from './hanging-pod.ts';

export type Found = {
  pods: PodState[];
  /** Jobs without a pod that runs: `reason` is a sentence. */
  jobs: { namespace: string; job: string; reason: string }[];
  /** Where pods could not be listed. */
  unlisted: Unlisted[];
  /** How many pods could not be read. */
  unread: number;
};

export type HangingOptions = {
  /** Undefined means all. */
  namespaces: readonly string[] | undefined;
  /** Of the Jobs. */
  labelSelector: string | undefined;
  now: () => number;
  defaultsOf?: DefaultsOf | undefined;
  onPage?: ((seen: number, left: number | undefined) => void) | undefined;
};

/** @returns the pods of Jobs that hang */
export async function findHanging(api: Api, options: HangingOptions): Promise<Found> {
  const { namespaces, labelSelector, now, defaultsOf, onPage } = options;
  const found: Found = { pods: [], jobs: [], unlisted: [], unread: 0 };
  const read = (pod: KubeObject) => {
    const state = readPodState(pod, now(), { defaultsOf });
    if (!state) found.unread++;
    return state?.job && (state.state === 'hangs' || mayHang(state)) ? state : undefined;
  };
  for (const namespace of namespaces ?? [undefined]) {
    const selected = labelSelector === undefined ? undefined : await selectJobs(api, namespace, labelSelector);
    const listed = await listEverywhere(
      api,
      { resource: 'pods', namespace },
      { fieldSelector: 'status.phase=Running', read, ...(onPage && { onPage }) },
    );
    const items = selected ? listed.items.filter(({ job }) => job && selected.uids.has(job.uid)) : listed.items;
    const unlisted = [...(selected?.unlisted ?? []), ...listed.unlisted];
    const unread = listed.unread + (selected?.unread ?? 0);
    found.pods.push(...items.filter(({ state }) => state === 'hangs'));
    const maybe = items.filter(mayHang);
    const find = maybe.length > mostAsked ? listKept : findKept;
    const kept = await find(api, maybe, { namespace, now, defaultsOf });
    found.pods.push(...kept.pods);
    found.unlisted.push(...unlisted);
    found.unread += unread + kept.unread;
    if (unlisted.some(({ problem }) => isFatal(problem))) break;
  }
  return found;
}

export type NamedOptions = { namespace: string; now: () => number; defaultsOf?: DefaultsOf | undefined };

/** @returns the pods of these Jobs that have not finished, and these pods; or a sentence if one is not there, or cannot be read */
export async function findNamed(
  api: Api,
  names: readonly { kind: string; name: string }[],
  options: NamedOptions,
): Promise<Result<Found, string>> {
  const found: Found = { pods: [], jobs: [], unlisted: [], unread: 0 };
  for (const { kind, name } of names) {
    const one = await (kind === 'Job' ? findJob : findPod)(api, name, options);
    if (!one.ok) return one;
    found.pods.push(...(one.value.pods ?? []));
    found.jobs.push(...(one.value.jobs ?? []));
    found.unread += one.value.unread ?? 0;
  }
  return ok({ ...found, pods: [...new Map(found.pods.map((pod) => [pod.uid, pod])).values()] });
}

// --- internal ---

const jobs = { group: 'batch', resource: 'jobs' };

/** Whether a container that its Job's template does not have may be all that runs. */
const mayHang = ({ state, job, apps }: PodState) => state === 'runs' && job !== undefined && apps.length > 0;

/** At once, for two small requests each. */
const atATime = 5;

/** For more pods, two more lists cost less than two requests for each. */
const mostAsked = 100;

type Kept = { pods: PodState[]; unread: number };

/** The pods that such a container keeps, and how many may be, as they or their Jobs could not be read. */
async function findKept(
  api: Api,
  pods: readonly PodState[],
  { now, defaultsOf }: Pick<NamedOptions, 'now' | 'defaultsOf'>,
): Promise<Kept> {
  let unread = 0;
  const get = async (target: Target) => {
    const got = await api.get(target);
    if (!got.ok && got.problem.kind !== 'missing') unread++;
    return got.ok ? got.value : undefined;
  };
  const read = await inParallel(pods, atATime, async ({ namespace, name, uid, job }) => {
    const found = await get({ ...jobs, namespace, name: job?.name ?? '' });
    const own = findValue(found, 'metadata', 'uid') === job?.uid ? listOwnContainers(found) : undefined;
    const pod = own && (await get({ resource: 'pods', namespace, name }));
    const state = pod && readPodState(pod, now(), { defaultsOf, own });
    return ok(state?.state === 'hangs' && state.uid === uid ? state : undefined);
  });
  return { pods: read.ok ? read.value.flatMap((each) => each ?? []) : [], unread };
}

/** The same of many. @param namespace that was listed; undefined: all */
async function listKept(
  api: Api,
  pods: readonly PodState[],
  { namespace, now, defaultsOf }: Pick<NamedOptions, 'now' | 'defaultsOf'> & { namespace: string | undefined },
): Promise<Kept> {
  const templates = await listEverywhere(
    api,
    { ...jobs, namespace },
    { read: (job) => [findValue(job, 'metadata', 'uid'), listOwnContainers(job)] as const },
  );
  const ofJobs = new Map(templates.items);
  const ofPods = new Map(
    pods.flatMap(({ uid, job }) => (job && ofJobs.has(job.uid) ? [[uid, ofJobs.get(job.uid)]] : [])),
  );
  const read = (pod: KubeObject) => {
    const own = ofPods.get(`${findValue(pod, 'metadata', 'uid')}`);
    const state = own && readPodState(pod, now(), { defaultsOf, own });
    return state?.state === 'hangs' ? state : undefined;
  };
  const listed = await listEverywhere(
    api,
    { resource: 'pods', namespace },
    { fieldSelector: 'status.phase=Running', read },
  );
  const isUnsure = templates.unlisted.length + listed.unlisted.length > 0;
  return { pods: listed.items, unread: isUnsure ? pods.length : 0 };
}

/** By the labels of the Jobs themselves: those of their pods can be others. */
async function selectJobs(api: Api, namespace: string | undefined, labelSelector: string) {
  const read = (job: KubeObject) => findValue(job, 'metadata', 'uid');
  const { items, unlisted, unread } = await listEverywhere(api, { ...jobs, namespace }, { labelSelector, read });
  return { uids: new Set(items), unlisted, unread };
}

async function findJob(
  api: Api,
  name: string,
  { namespace, now, defaultsOf }: NamedOptions,
): Promise<Result<Partial<Found>, string>> {
  const got = await api.get({ ...jobs, namespace, name });
  if (!got.ok) return fail(await describeMissing(api, { ...jobs, namespace }, 'Job', name, got.problem));
  const uid = findValue(got.value, 'metadata', 'uid');
  const own = listOwnContainers(got.value);
  let unread = 0;
  const read = (pod: KubeObject) => {
    const state = readPodState(pod, now(), { defaultsOf, own });
    if (!state) unread++;
    return state;
  };
  const listed = await api.list({ resource: 'pods', namespace }, { labelSelector: `job-name=${name}`, read });
  const { items, problem } = listed;
  if (problem) return fail(problem.message);
  const pods = items.filter((pod) => pod.job?.uid === uid && pod.state !== 'finished');
  unread += listed.unread;
  if (pods.length > 0) return ok({ pods, unread });
  if (unread > 0) return ok({ unread });
  const live = describeLiveJob('Job', got.value, now());
  const reason = live ? `the Job: ${live.sentence}` : 'the Job has no pod that runs';
  return ok({ jobs: [{ namespace, job: name, reason }] });
}

async function findPod(
  api: Api,
  name: string,
  { namespace, now, defaultsOf }: NamedOptions,
): Promise<Result<Partial<Found>, string>> {
  const target = { resource: 'pods', namespace };
  const got = await api.get({ ...target, name });
  if (!got.ok) return fail(await describeMissing(api, target, 'Pod', name, got.problem));
  const pod = readPodState(got.value, now(), { defaultsOf });
  if (!pod || !mayHang(pod))
    return pod ? ok({ pods: [pod] }) : fail(`the API server's answer about the Pod ${name} is not a pod`);
  const kept = await findKept(api, [pod], { now, defaultsOf });
  return ok({ pods: [kept.pods[0] ?? pod], unread: kept.unread });
}
