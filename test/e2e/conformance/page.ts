/** docs/conformance.md: all cases, with what was seen in a run in which all passed. */
import { join } from 'node:path';
import { table } from '../../../scripts/markdown.ts';
import type { Case, Group } from './case.ts';
import { clusterGroups } from './cluster/groups.ts';
import { containedGroups } from './contained/groups.ts';

export const page = join(import.meta.dirname, '../../../docs/conformance.md');

type Row = Pick<Case<never>, 'name' | 'title' | 'origins'>;

/** @param seen by the names of the cases */
export function renderPage(seen: Record<string, string>, versions: Record<string, string>): string {
  const groups = [...inPlace('cluster', clusterGroups), ...inPlace('process namespace', containedGroups)];
  const tables = groups.map(
    ({ title, where, rows }) =>
      `## ${title}\n\n${table(
        head,
        rows.map((row) => cellsOf(row, where, seen[row.name] ?? '')),
      )}`,
  );
  return `${introduction(Object.values(seen), versions)}\n${tables.join('\n')}`;
}

const head = ['Case', 'Origin', 'Where', 'Seen'];

const countCases = (groups: readonly { cases: readonly unknown[] }[]): number =>
  groups.reduce((sum, { cases }) => sum + cases.length, 0);

function introduction(seen: readonly string[], versions: Record<string, string>): string {
  const [onCluster, contained] = [countCases(clusterGroups), countCases(containedGroups)];
  const compared = seen.filter((text) => text.includes('without a sidecar'));
  const differing = compared.filter((text) => !text.includes('; as without a sidecar'));
  return `# Conformance

When Clockout has wrapped a Job's pod, the pod ends, however its containers end. \`npm run conformance\` checks this, case by case:

- **How many:** ${onCluster + contained} cases, in ${clusterGroups.length + containedGroups.length} groups. If all of them pass, the run writes this page.
- **Where:** ${onCluster} cases run on a cluster. ${contained} cases do not depend on the kubelet, and run without one: the wrapper is process 1 of a *process namespace*.
- **How:** most cases on the cluster run three Jobs side by side: with a classic sidecar and \`wrap\`, with a classic sidecar and \`native\`, and without a sidecar. The test compares the Jobs' conditions and counts, the pods' phases and the apps' exit codes.
- **What differs:** of the ${compared.length} cases that compare with a Job without a sidecar, ${differing.length} have another result under \`wrap\`, and the column "Seen" says why.
- **Versions:** ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.

[Differences](how-it-works.md#differences-from-a-bare-container) lists what an app can notice, and [Bounds](how-it-works.md#bounds) the
cases in which a pod can still hang. [What it is tested on](how-it-works.md#what-it-is-tested-on) names the releases.

The column "Origin" links to other projects in which such a case went wrong. The column "Seen" begins with the result of the Job with
\`wrap\`. *As without a sidecar* means that the Job without a sidecar had the same result, and *the same under \`native\`* that the Job
with \`native\` had it, too.
`;
}

const inPlace = (where: string, groups: Group<never>[]) =>
  groups.map(({ title, cases }) => ({ title, where, rows: cases as Row[] }));

const cellsOf = ({ title, origins = [] }: Row, where: string, seen: string): string[] => [
  title,
  origins.map(linkOf).join(', ') || '–',
  where,
  seen || 'as the case says',
];

/** `owner/repository#number`, or an address. */
function linkOf(origin: string): string {
  const issue = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(origin);
  if (issue) return `[${origin}](https://github.com/${issue[1]}/issues/${issue[2]})`;
  const repository = /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)$/.exec(origin)?.[1];
  return `[${repository ?? new URL(origin).hostname.replace(/^www\./, '')}](${origin})`;
}
