/** What an audit says, as data: the shape of `-o json`. Pure. */

import { listed, shortened } from '../util/text.ts';
import { describeHorizon, type Horizon } from './horizon.ts';
import { type InstallationFound, type Planned, planInstallation } from './installation.ts';
import type { Because } from './job-fate.ts';
import { type AddedSidecar, countAdded, describeNative, type KnownNode, type NativeState, type Tag } from './native.ts';
import type { PodRecord } from './pod-record.ts';
import { type Preview, preview } from './preview.ts';
import type { JobRecord, Surrounding } from './records.ts';
import { type Fate, fateOrder, foldRows, type Refusals, type Row } from './rows.ts';
import { judge, type Verdict } from './verdict.ts';

export type Report = {
  /** When the cluster was read, as RFC 3339. */
  at: string;
  /** The namespaces that were looked at, with commas between them; null: all. */
  namespace: string | null;
  /** The labels of the Jobs and CronJobs that were looked at; null: all. */
  selector: string | null;
  /** Whether something is missing that was asked for. */
  partial: boolean;
  /** Why it is partial: a sentence for each request that failed. */
  problems: string[];
  /** Rights without which some of this is not known, and what is not. */
  notKnown: string[];
  /** Namespaces that were read one by one, and what may not be listed in them. */
  forbidden: Forbidden[];
  verdict: Verdict;
  /** When to audit again; left out if it says to keep Clockout, or if there are no CronJobs. */
  horizon?: Horizon;
  /** Of Clockout; none if it is not installed, or if that is not known. */
  installations: InstallationFound[];
  /** Whether the webhooks of the cluster were read, which tell what is installed. */
  installationKnown: boolean;
  counts: Partial<Record<Fate, number>>;
  /** What the sidecars of pods that hang request. */
  held: { pods: number; cpu: number; memory: number };
  rows: Row[];
  native: NativeState;
  addedSidecars: AddedSidecar[];
  preview?: Preview;
};

type Forbidden = { namespace: string; resources: string[] };

export type Findings = {
  /** When the cluster was read, as RFC 3339. */
  at: string;
  jobs: readonly JobRecord[];
  pods: readonly PodRecord[];
  refusals: Refusals;
  nodes: readonly KnownNode[] | undefined;
  tags: readonly Tag[];
  /** Sentences. */
  problems: readonly string[];
  notKnown: readonly string[];
  forbidden: readonly Forbidden[];
  scope: readonly string[] | undefined;
  selector?: string | undefined;
};

export function createReport(around: Surrounding, found: Findings): Report {
  const { mesh, installations, versions, namespaces, planned } = around;
  const { jobs, scope, selector } = found;
  const rows = foldRows(found);
  const problems = [...new Set([...found.problems, ...describeUnreadable(rows)])];
  // Who looks at one namespace has rarely the right to more than its labels, without which nothing is known.
  const lacks = (scope === undefined && found.notKnown.length > 0) || namespaces === undefined;
  const partial = problems.length > 0 || found.forbidden.length > 0 || lacks;
  const isComplete = !partial && mesh.webhooks !== undefined;
  const hanging = rows.flatMap(({ hangs }) => hangs ?? []);
  const sum = (of: 'pods' | 'cpu' | 'memory') => hanging.reduce((all, each) => all + each[of], 0);
  const verdict = judge({ rows, jobs, installations, scope, selector, versions, isComplete });
  const horizon = describeHorizon(verdict, jobs, found.pods);
  return {
    at: found.at,
    namespace: scope?.join(',') ?? null,
    selector: selector ?? null,
    partial,
    problems,
    notKnown: [...found.notKnown],
    forbidden: [...found.forbidden],
    verdict,
    ...(horizon && { horizon }),
    installations: installations.map(({ server, mode, isStrategyKnown, strategies }) => ({
      namespace: server?.namespace ?? null,
      name: server?.name ?? null,
      mode,
      strategy: isStrategyKnown ? strategies.strategy : null,
    })),
    installationKnown: mesh.webhooks !== undefined,
    counts: countFates(rows),
    held: { pods: sum('pods'), cpu: sum('cpu'), memory: sum('memory') },
    rows,
    native: describeNative(mesh, found.nodes, found.tags, { jobs, rows }),
    addedSidecars: countAdded(found.pods),
    ...(planned && { preview: createPreview(around, planned, jobs) }),
  };
}

/** Each cause that is among the rows, with a fate that it has there. */
export function listCauses(rows: readonly Row[]): { because: Because; fate: Fate; count: number }[] {
  const causes = new Map<Because, { because: Because; fate: Fate; count: number }>();
  for (const { because, fate } of rows) {
    if (because === undefined || fate === 'opted-out') continue;
    const known = causes.get(because);
    causes.set(because, { because, fate, count: (known?.count ?? 0) + 1 });
  }
  return [...causes.values()].sort((a, b) => b.count - a.count);
}

// --- internal ---

/** Names that fit into a line or two. */
const mostNames = 5;

function describeUnreadable(rows: readonly Row[]): string[] {
  const found = rows.filter(({ fate }) => fate === 'unreadable');
  if (found.length === 0) return [];
  const names = found.map(
    ({ kind, name, namespace }) => `${kind.toLowerCase()}/${shortened(name, 63)} in ${shortened(namespace, 63)}`,
  );
  return [
    `${found.length} could not be judged, because they are not as Kubernetes documents them: ${listed(names, mostNames).join(', ')}`,
  ];
}

function countFates(rows: readonly Row[]): Report['counts'] {
  const counts = fateOrder.map((fate) => [fate, rows.filter((row) => row.fate === fate).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function createPreview(
  { installations, versions }: Surrounding,
  planned: Planned,
  jobs: readonly JobRecord[],
): Preview {
  const all = (installations.length > 0 ? installations : [undefined]).map((now) =>
    planInstallation(now, planned, versions),
  );
  const join = (values: readonly string[]) => [...new Set(values)].join(' and ');
  return preview(jobs, {
    mode: join(all.map(({ mode }) => mode)),
    strategy: join(all.map(({ strategies }) => strategies.strategy)),
  });
}
