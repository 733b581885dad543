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
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const tables = groups.map(
    ({ title, where, rows }) =>
      `## ${title}\n\n${table(
        head,
        rows.map((row) => cellsOf(row, where, seen[row.name] ?? '')),
      )}`,
  );
  return `${introduction(count, versions)}\n${tables.join('\n')}`;
}

const head = ['Case', 'Origin', 'Where', 'Seen'];

const introduction = (count: number, versions: Record<string, string>): string => `# Conformance

When Clockout has wrapped a Job's pod, the pod ends, however its containers end. [Bounds](how-it-works.md#bounds) lists the
exceptions. The Job controller sees the same as without a sidecar, except for these
[differences](how-it-works.md#differences-from-a-bare-container). \`npm run conformance\` checks this, case by case. If all
${count} cases pass, the run writes this page.

On the *cluster*, most cases run three Jobs side by side: one with a classic sidecar and the strategy \`wrap\`, one with a classic
sidecar and the strategy \`native\`, and one without a sidecar. The test compares the conditions and counts of the Jobs, the
phases of their pods, and the exit codes of their apps. Cases that do not depend on the kubelet run without a cluster: the
wrapper is process 1 of a *process namespace*. The column "Origin" links to other projects in which such a case went wrong.
The column "Seen" begins with the result of the Job with \`wrap\`. *As without a sidecar* means that the Job without a sidecar had the same
result, and *the same under \`native\`* that the Job with \`native\` had it, too.

This page was written by a run with ${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}.
[What it is tested on](how-it-works.md#what-it-is-tested-on) names the releases.
`;

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
