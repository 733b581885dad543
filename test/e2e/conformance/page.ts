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

Once Clockout has admitted a Job's pod, no way for its containers to end leaves the pod hanging, and none changes what the
Job controller sees, but for [documented differences](how-it-works.md#differences-from-a-bare-container). \`npm run conformance\`
proves it, case by case. A run in which all ${count} pass writes this page.

On the *cluster*, most Jobs run twice at the same time, with a classic sidecar under Clockout and without any sidecar: the
two Jobs' conditions, their counts, their pods' phases and every exit code of their apps are compared. What the kubelet adds
nothing to runs as process 1 of a *process namespace*. Origins are where it went wrong elsewhere.

${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}.
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
