/** Reads the Jobs, CronJobs and pods that the command line names or selects, with what belongs to them. */
import { type Api, isFatal, type KubeObject, type Target } from '../../kubernetes/api/api.ts';
import { describeMissing, describeMissingNamespace } from '../../kubernetes/api/describe-missing.ts';
import { listEverywhere, type Unlisted } from '../../kubernetes/api/list-everywhere.ts';
import { readLabels } from '../../mesh/label-selector.ts';
import { findValue } from '../../util/find-value.ts';
import { isObject } from '../../util/json-object.ts';
import { inParallel } from '../../util/parallel.ts';
import { ok } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';

type ObjectKind = 'Job' | 'CronJob' | 'Pod';

export type Wanted =
  | { names: readonly { kind: ObjectKind; name: string }[]; namespace: string }
  | {
      kinds: readonly ObjectKind[];
      /** Undefined: all. */
      namespaces: readonly string[] | undefined;
      selector: string | undefined;
    };

/** An object, and what is said of it after it: the active Jobs of a CronJob, the pods of a Job. */
export type Found = { object: KubeObject; owner?: string; below: Found[] };

/** Each problem is a sentence. */
export type ReadObjects = { found: Found[]; problems: string[] };

export async function readObjects(api: Api, wanted: Wanted): Promise<ReadObjects> {
  const problems: string[] = [];
  const roots = 'names' in wanted ? await getAll(api, wanted, problems) : await listAll(api, wanted, problems);
  const found = await inParallel(roots, atOnce, async (object) => ok(await addBelow(api, object, undefined, problems)));
  return { found: found.ok ? found.value : [], problems };
}

// --- internal ---

/** Each asks once more, or a few times. */
const atOnce = 8;

const targets: Record<ObjectKind, Target> = {
  Job: { group: 'batch', resource: 'jobs' },
  CronJob: { group: 'batch', resource: 'cronjobs' },
  Pod: { resource: 'pods' },
};

/** The API server leaves out in lists what kind the items are. */
const withKind = (kind: ObjectKind, object: KubeObject): KubeObject => ({
  ...object,
  kind,
  apiVersion: kind === 'Pod' ? 'v1' : 'batch/v1',
});

async function getAll(api: Api, { names, namespace }: Extract<Wanted, { names: unknown }>, problems: string[]) {
  const objects: KubeObject[] = [];
  for (const { kind, name } of names) {
    const got = await api.get({ ...targets[kind], namespace, name });
    if (got.ok) objects.push(withKind(kind, got.value));
    else problems.push(await describeMissing(api, { ...targets[kind], namespace }, kind, name, got.problem));
    if (!got.ok && isFatal(got.problem)) break;
  }
  return objects;
}

async function listAll(
  api: Api,
  { kinds, namespaces, selector }: Extract<Wanted, { kinds: unknown }>,
  problems: string[],
): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const namespace of namespaces ?? [undefined]) {
    const before = problems.length;
    const { items, isLost } = await listKinds(api, kinds, { namespace, selector }, problems);
    objects.push(...items);
    if (isLost) break;
    if (items.length === 0 && problems.length === before && namespace !== undefined) {
      const missing = await describeMissingNamespace(api, namespace);
      if (missing !== undefined) problems.push(missing);
    }
  }
  const listedJobs = new Set(objects.filter(({ kind }) => kind === 'Job').map(uidOf));
  // The pods of a Job are said of after it.
  return objects.filter((object) => !(object.kind === 'Pod' && listedJobs.has(ownerOf(object, 'Job')?.uid)));
}

type Selected = { namespace: string | undefined; selector: string | undefined };
type Some = { items: KubeObject[]; isLost: boolean };

async function listKinds(api: Api, kinds: readonly ObjectKind[], of: Selected, problems: string[]): Promise<Some> {
  const items: KubeObject[] = [];
  for (const kind of kinds) {
    const found = await listSome(api, kind, of, problems);
    items.push(...found.items);
    if (found.isLost) return { items, isLost: true };
  }
  return { items, isLost: false };
}

/** The objects are read whole, so more of them would fill the memory. For thousands of objects, there is `clockout audit`. */
const most = 500;

async function listSome(
  api: Api,
  kind: ObjectKind,
  { namespace, selector }: Selected,
  problems: string[],
): Promise<Some> {
  let seen = 0;
  const read = (object: KubeObject) => (++seen > most ? undefined : withKind(kind, object));
  const target = { ...targets[kind], namespace };
  const { items, unlisted } = await listEverywhere(api, target, { labelSelector: selector, read });
  for (const each of unlisted) problems.push(describeUnlisted(each, namespace, items.length));
  if (seen > most)
    problems.push(
      `there are ${seen} ${targets[kind].resource}, and only the first ${most} are explained; select fewer`,
    );
  return { items, isLost: unlisted.some(({ problem }) => isFatal(problem)) };
}

/** What was read before is of this list only if its namespace was not one of several that were asked one by one. */
const describeUnlisted = ({ namespace, problem }: Unlisted, asked: string | undefined, read: number) =>
  read > 0 && namespace === asked ? `${problem.message}; only ${read} were read before that` : problem.message;

const uidOf = (object: KubeObject) => findValue(object, 'metadata', 'uid');

function ownerOf(object: KubeObject, kind: ObjectKind): Record<string, unknown> | undefined {
  const owners = findValue(object, 'metadata', 'ownerReferences');
  return (Array.isArray(owners) ? owners : []).find(
    (owner) => isObject(owner) && owner.kind === kind && owner.controller === true,
  );
}

async function addBelow(api: Api, object: KubeObject, owner: string | undefined, problems: string[]): Promise<Found> {
  const [name, namespace] = [findValue(object, 'metadata', 'name'), findValue(object, 'metadata', 'namespace')];
  const title = `${object.kind} ${shortened(String(name), 253)}`;
  const below: Found[] = [];
  const inside = typeof namespace === 'string' ? namespace : 'default';
  const children =
    object.kind === 'Job'
      ? await listPods(api, object, inside, problems)
      : object.kind === 'CronJob'
        ? await getActive(api, object, inside, problems)
        : [];
  for (const child of children) below.push(await addBelow(api, child, title, problems));
  return { object, ...(owner !== undefined && { owner }), below };
}

/** By the Job's own selector, which the API server gives each Job. */
async function listPods(api: Api, job: KubeObject, namespace: string, problems: string[]): Promise<KubeObject[]> {
  const labels = Object.entries(readLabels(findValue(job, 'spec', 'selector', 'matchLabels')));
  if (labels.length === 0) return [];
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const { items } = await listSome(api, 'Pod', { namespace, selector: labelSelector }, problems);
  return items.filter((pod) => ownerOf(pod, 'Job')?.uid === uidOf(job));
}

async function getActive(api: Api, cronJob: KubeObject, namespace: string, problems: string[]): Promise<KubeObject[]> {
  const active = findValue(cronJob, 'status', 'active');
  const jobs: KubeObject[] = [];
  for (const each of Array.isArray(active) ? active : []) {
    const name = findValue(each, 'name');
    const got = typeof name === 'string' ? await api.get({ ...targets.Job, namespace, name }) : undefined;
    if (got?.ok) jobs.push(withKind('Job', got.value));
    // It may have ended meanwhile.
    else if (got && got.problem.kind !== 'missing') problems.push(got.problem.message);
  }
  return jobs;
}
