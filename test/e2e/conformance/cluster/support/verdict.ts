/** What anybody who looks at a Job sees of how it ended: all that must be the same with Clockout as without a sidecar. */
import type { KubeObject } from '../../../cluster/api.ts';
import type { End, Seen, SeenPod } from './watch-namespace.ts';

export type Verdict = {
  jobs: {
    /** Type and reason of each condition that holds. */
    conditions: string[];
    succeeded: number;
    failed: number;
    indexes: string;
  }[];
  pods: {
    phase: string;
    reason: string;
    /** Whether, and how, something from outside ended it. */
    disruption: string;
    /** For each of the user's containers all its ends, as `<reason> <exit code>`. */
    ends: Record<string, string[]>;
    /** Says how many ends there were, told or not. */
    restarts: Record<string, number>;
  }[];
};

/** A Job with one try, which failed. */
export const failedOnce: Verdict['jobs'][number] = {
  conditions: ['Failed BackoffLimitExceeded', 'FailureTarget BackoffLimitExceeded'],
  succeeded: 0,
  failed: 1,
  indexes: '/',
};

/**
 * @param containers the user's own; what Istio and Clockout added doesn't count
 * @param ends how many ends of each container count
 */
export function verdictOf({ jobs, pods }: Seen, containers: string[], ends?: number): Verdict {
  return {
    jobs: jobs.map(({ job: { status } }) => ({
      conditions: conditionsOf(status),
      succeeded: status.succeeded ?? 0,
      failed: status.failed ?? 0,
      indexes: `${status.completedIndexes ?? ''}/${status.failedIndexes ?? ''}`,
    })),
    pods: pods
      .map((seen) => podVerdict(seen, containers, ends))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

function podVerdict(
  { pod: { status }, ends }: SeenPod,
  containers: string[],
  count: number | undefined,
): Verdict['pods'][number] {
  const disrupted = status.conditions?.find((each: KubeObject) => each.type === 'DisruptionTarget');
  return {
    phase: status.phase,
    reason: status.reason ?? '',
    disruption: disrupted?.reason ?? '',
    ends: Object.fromEntries(containers.map((name) => [name, (ends[name] ?? []).slice(0, count).map(endOf)])),
    restarts: Object.fromEntries(containers.map((name) => [name, restartsOf(status, name)])),
  };
}

const restartsOf = ({ containerStatuses = [], initContainerStatuses = [] }: KubeObject, container: string): number =>
  [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container)?.restartCount ?? 0;

/**
 * A kubelet that has much to do may tell of an end only by its count of restarts: when it comes to report, the next end is
 * there, too, and the container before it is removed. Such ends are left out of both, where both were started as often.
 * @returns both, to be compared
 */
export function asFarAsTold(one: Verdict, other: Verdict): [Verdict, Verdict] {
  const cut = (of: Verdict, by: Verdict): Verdict => ({
    ...of,
    pods: of.pods.map((pod, number) => ({
      ...pod,
      restarts: {},
      ends: Object.fromEntries(
        Object.entries(pod.ends).map(([name, ends]) => [name, lastOf(ends, name, pod, by.pods[number])]),
      ),
    })),
  });
  return [cut(one, other), cut(other, one)];
}

type PodVerdict = Verdict['pods'][number];

function lastOf(ends: string[], name: string, pod: PodVerdict, other: PodVerdict | undefined): string[] {
  const told = other?.ends[name]?.length ?? 0;
  return told > 0 && pod.restarts[name] === other?.restarts[name] ? ends.slice(-told) : ends;
}

/** Whether the runtime has heard of a lack of memory before it reports the end is a matter of luck, without a sidecar too. */
const endOf = (end: End): string => nameOf(end).replace('OOMKilled', 'Error');

/** As `kubectl describe` shows it: `Error 5`, `Completed 0`. */
export const nameOf = ({ reason, exitCode }: End): string => `${reason} ${exitCode}`;

const conditionsOf = ({ conditions = [] }: KubeObject): string[] =>
  conditions
    .filter((each: KubeObject) => each.status === 'True')
    .map(({ type, reason = '' }: KubeObject) => `${type} ${reason}`.trim())
    .sort();

/** A verdict in a few words, for the docs. */
export function inWords({ jobs, pods }: Verdict): string {
  const last = jobs.at(-1)?.conditions.find((each) => /^(Complete|Failed)/.test(each));
  const [result = '', reason] = last?.split(' ') ?? [];
  const phases = jobs.length === 0 ? `pod ${pods.map(({ phase }) => phase)}` : '';
  const failed = result === 'Failed' && reason !== 'BackoffLimitExceeded' ? `Failed (${reason})` : result;
  const ends = new Set(pods.flatMap((pod) => Object.values(pod.ends).flat()).map(codeOf));
  const codes =
    ends.size === 0
      ? 'no end of a container'
      : `exit code ${[...ends].sort((a, b) => Number(a) - Number(b)).join(', ')}`;
  return [phases, failed, codes].filter(Boolean).join(', ');
}

const codeOf = (end: string): string => end.slice(end.lastIndexOf(' ') + 1);
