/** Reads a cluster for an audit: raw objects, page by page, of which a few hundred bytes each are kept. */
import type { Planned } from '../../audit/installation.ts';
import { readPod } from '../../audit/pod-record.ts';
import { readText } from '../../audit/read-text.ts';
import { type JobRecord, readJob } from '../../audit/records.ts';
import type { Findings } from '../../audit/report.ts';
import { createReport, type Report } from '../../audit/report.ts';
import { type Api, isFatal, type KubeObject, type Target } from '../../kubernetes/api/api.ts';
import { groupBy } from '../../util/group-by.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';
import { readSurrounding } from './audit-surrounding.ts';
import { type Everywhere, listInScope } from './list-in-scope.ts';

export type AuditRequest = {
  /** The namespaces to look at; undefined: all. */
  scope: readonly string[] | undefined;
  /** Of Jobs and CronJobs, whose pods can have other labels; then pods without a Job do not count. */
  selector?: string | undefined;
  planned?: Planned | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** Called after each page. */
  onPage?: (what: string, seen: number, left: number | undefined) => void;
};

/** @returns one sentence if nothing could be read at all */
export async function auditCluster(api: Api, request: AuditRequest): Promise<Result<Report, string>> {
  const { scope, selector, onPage } = request;
  const found = await readSurrounding(api, { scope, planned: request.planned, now: request.now });
  const { around } = found;
  const fatal = found.problems.find(isFatal);
  if (fatal) return fail(fatal.message);
  if (found.missing !== undefined) return fail(found.missing);

  let isLost = false;
  const listAll = async <T>(
    target: Target,
    read: (object: KubeObject) => T | undefined,
    selectors: Selectors,
  ): Promise<Everywhere<T>> => {
    if (isLost) return { items: [], problems: [], forbidden: [], isLost };
    const seePage = (seen: number, left: number | undefined) => onPage?.(target.resource, seen, left);
    const listed = await listInScope(api, target, { read, ...selectors, onPage: seePage }, scope);
    isLost = listed.isLost;
    return listed;
  };
  const ofJobs = { labelSelector: selector };
  const cronJobs = await listAll(
    { ...batch, resource: 'cronjobs' },
    (each) => readJob('CronJob', each, around),
    ofJobs,
  );
  const jobs = await listAll({ ...batch, resource: 'jobs' }, (each) => readJob('Job', each, around), ofJobs);
  const containers = new Map(jobs.items.map((job) => [`${job.namespace}/${job.name}`, job.containers]));
  const pods = await listAll(
    { resource: 'pods' },
    (each) => readPod(each, around, (namespace, job) => containers.get(`${namespace}/${job}`)),
    { fieldSelector: 'spec.restartPolicy!=Always' },
  );
  const wanted = selector === undefined ? pods.items : pods.items.filter((pod) => containers.has(jobKeyOf(pod)));
  const refused = await readRefusals(api, isLost ? [] : findWithoutPods(jobs.items, wanted));
  const lists: [string, Everywhere<unknown>][] = [
    ['cronjobs', cronJobs],
    ['jobs', jobs],
    ['pods', pods],
  ];
  return ok(
    createReport(around, {
      at: new Date(request.now).toISOString(),
      jobs: [...cronJobs.items, ...jobs.items],
      pods: wanted,
      refusals: refused.refusals,
      nodes: found.nodes,
      tags: found.tags,
      problems: [...found.problems.map(({ message }) => message), ...lists.flatMap(([, { problems }]) => problems)],
      notKnown: [...found.notKnown, ...refused.notKnown],
      forbidden: joinForbidden(lists),
      scope,
      selector,
    }),
  );
}

// --- internal ---

const batch = { group: 'batch' };

type Selectors = { labelSelector?: string | undefined; fieldSelector?: string };

const jobKeyOf = ({ namespace, job }: { namespace: string; job?: string }) => `${namespace}/${job ?? ''}`;

function joinForbidden(lists: readonly [string, Everywhere<unknown>][]): Findings['forbidden'] {
  const all = lists.flatMap(([resource, { forbidden }]) => forbidden.map((namespace) => ({ namespace, resource })));
  return [...groupBy(all, ({ namespace }) => namespace)].map(([namespace, group]) => ({
    namespace,
    resources: group.map(({ resource }) => resource),
  }));
}

/** Of these namespaces at most, events are read: the API server does not keep them in memory. */
const mostNamespaces = 20;

/** @returns the namespaces of Jobs that should have a pod, and have none */
function findWithoutPods(jobs: readonly JobRecord[], pods: readonly { namespace: string; job?: string }[]): string[] {
  const withPods = new Set(pods.map(jobKeyOf));
  const without = jobs.filter(
    ({ kind, state, namespace, name }) =>
      kind === 'Job' && (state === 'idle' || state === 'active') && !withPods.has(`${namespace}/${name}`),
  );
  return [...new Set(without.map(({ namespace }) => namespace))].slice(0, mostNamespaces);
}

/** What the Job controller says of the pods that it could not create. */
async function readRefusals(
  api: Api,
  namespaces: readonly string[],
): Promise<{ refusals: Map<string, string>; notKnown: string[] }> {
  const refusals = new Map<string, string>();
  for (const namespace of namespaces) {
    const { items, problem } = await api.list(
      { resource: 'events', namespace },
      {
        fieldSelector: 'reason=FailedCreate,involvedObject.kind=Job',
        read: (event) => [readText(event, 'involvedObject', 'name'), readText(event, 'message')] as const,
      },
    );
    for (const [job, message] of items) {
      if (job && message) refusals.set(`${namespace}/${job}`, shortened(message, 1000));
    }
    if (problem)
      return { refusals, notKnown: [`${shortened(problem.message, 300)}: why Jobs have no pod is not known`] };
  }
  return { refusals, notKnown: [] };
}
