/** What an audit keeps of a Job, a CronJob or a pod: a few hundred bytes of 12 KB. Pure. */
import { decodePod } from '../admission/decode-pod.ts';
import type { ClusterVersions } from '../decide/cluster-versions.ts';
import { describeLiveJob } from '../live-status/job.ts';
import { readTime } from '../live-status/times.ts';
import { findInstallationOf } from '../mesh/installations.ts';
import { type Labels, readLabels } from '../mesh/label-selector.ts';
import { labelsOfJobPod } from '../mesh/webhooks.ts';
import { createFacts } from '../pod/facts.ts';
import { istioNative } from '../pod/names.ts';
import type { Pod } from '../pod/schema.ts';
import { findValue, listAt } from '../util/find-value.ts';
import { shortened } from '../util/text.ts';
import { asSeen, expectSidecar, type Mesh } from './expect-sidecar.ts';
import { type Installation, type Planned, planInstallation } from './installation.ts';
import { type Judged, judgeTemplate } from './job-fate.ts';
import { readText } from './read-text.ts';
import { type NextRun, type Runs, readRuns } from './runs.ts';

/** What Jobs and pods are judged by, read before them. */
export type Surrounding = {
  mesh: Mesh;
  /** Of Clockout. */
  installations: readonly Installation[];
  versions: ClusterVersions;
  /** The labels of each namespace; undefined if they could not be read. */
  namespaces: ReadonlyMap<string, Labels> | undefined;
  /** Clockout's annotations of each namespace that has any. */
  annotations: ReadonlyMap<string, Labels>;
  /** What the preview is asked for. */
  planned: Planned | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** When a schedule comes next after `now`. */
  nextRun: NextRun;
};

export type JobState = 'suspended' | 'finished' | 'active' | 'idle';

export type JobRecord = {
  kind: 'Job' | 'CronJob';
  namespace: string;
  name: string;
  /** That has created this Job. */
  cronJob?: string;
  state: JobState;
  /** Of a CronJob. */
  runs?: Runs;
  /** Of a Job: when it was created, in milliseconds since 1970. */
  created: number;
  /** What becomes of its next pods. */
  judged: Judged;
  /** Whether that is by labels alone, or without the setting of Istio. */
  isAssumed: boolean;
  /** What would become of them with the strategy native. */
  asNative: Judged['fate'];
  /** What would become of them as the preview has it. */
  planned?: Judged;
  /** The names of its own containers. */
  containers: readonly string[];
  /** Whether its pods ask Istio for a classic sidecar. */
  declinesNative?: true;
  /** What is wrong with it, if it cannot be judged. */
  problem?: string;
};

/** @returns undefined for what has no name */
export function readJob(kind: JobRecord['kind'], object: unknown, around: Surrounding): JobRecord | undefined {
  const [name, namespace] = [readText(object, 'metadata', 'name'), readText(object, 'metadata', 'namespace')];
  if (!name || !namespace) return undefined;
  const spec = kind === 'Job' ? findValue(object, 'spec') : findValue(object, 'spec', 'jobTemplate', 'spec');
  const cronJob = kind === 'Job' ? findOwner(object, 'CronJob') : undefined;
  const own = {
    kind,
    namespace,
    name,
    ...(cronJob && { cronJob }),
    ...(kind === 'CronJob' && { runs: readRuns(object, around.nextRun) }),
    state: readState(kind, object, around.now),
    created: readTime(findValue(object, 'metadata', 'creationTimestamp')) ?? 0,
  };
  const decoded = decodePod(asJobPod(findValue(spec, 'template'), name, namespace));
  if (!decoded.ok) return { ...own, ...unjudged, problem: decoded.problem };
  return { ...own, ...judgeAll(decoded.value, namespace, around) };
}

/** The name of the controller of an object, if it is of this kind. */
export function findOwner(object: unknown, kind: string): string | undefined {
  const owners = listAt(object, 'metadata', 'ownerReferences');
  const owner = owners.find((each) => findValue(each, 'controller') === true && readText(each, 'kind') === kind);
  return readText(owner, 'name');
}

// --- internal ---

const unjudged = {
  judged: { fate: 'outside', keepers: [], images: [] } as Judged,
  asNative: 'outside',
  isAssumed: true,
  containers: [],
} as const;

function judgeAll(pod: Pod, namespace: string, around: Surrounding) {
  const labels = around.namespaces?.get(namespace);
  const { mesh, installations, versions, planned } = around;
  const facts = createFacts(pod);
  const seen = asSeen(facts, namespace, labels);
  const expected = expectSidecar(mesh, facts, seen);
  const installation = findInstallationOf(installations, seen, true);
  const judge = (by: Installation | undefined) =>
    judgeTemplate(pod, expected, {
      installation: by,
      isRead: mesh.webhooks !== undefined,
      name: namespace,
      namespace: labels,
      annotations: around.annotations.get(namespace),
    });
  const native = planInstallation(installation, { strategy: 'native' }, versions);
  return {
    judged: judge(installation),
    isAssumed: expected.assumed,
    asNative: judge(native).fate,
    ...(planned && { planned: judge(planInstallation(installation, planned, versions)) }),
    containers: pod.spec.containers.map(({ name }) => name),
    ...(pod.metadata?.annotations?.[istioNative] === 'false' && { declinesNative: true as const }),
  };
}

/** As the Job controller makes it, in all that is read of it. */
function asJobPod(template: unknown, job: string, namespace: string): unknown {
  const metadata = findValue(template, 'metadata');
  const labels = { ...readLabels(findValue(metadata, 'labels')), ...labelsOfJobPod(shortened(job, 63)) };
  const annotations = readLabels(findValue(metadata, 'annotations'));
  const owner = { apiVersion: 'batch/v1', kind: 'Job', controller: true };
  return { metadata: { namespace, labels, annotations, ownerReferences: [owner] }, spec: findValue(template, 'spec') };
}

function readState(kind: JobRecord['kind'], object: unknown, now: number): JobState {
  if (findValue(object, 'spec', 'suspend') === true) {
    const isOver = kind === 'Job' && describeLiveJob(kind, object, now)?.state === 'finished';
    return isOver ? 'finished' : 'suspended';
  }
  const live = describeLiveJob(kind, object, now);
  if (live?.state === 'finished') return 'finished';
  return live?.state === 'runs' ? 'active' : 'idle';
}
