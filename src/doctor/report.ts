/** Shows what the checks found: for people, a line for each check; for programs, JSON. Pure. */
import { plural } from '../util/count.ts';
import { paint } from '../util/paint.ts';
import { wrapText } from '../util/wrap.ts';
import { groups, type State } from './check.ts';
import type { Found } from './checks.ts';

export type Layout = {
  /** How many characters a line of the terminal has. */
  width: number;
  color: boolean;
};

export type Counts = Record<State, number>;

export function countStates(found: readonly Found[]): Counts {
  const counts: Counts = { ok: 0, warning: 0, fault: 0, unknown: 0 };
  for (const { finding } of found) counts[finding.state]++;
  return counts;
}

/** Where the docs explain a check. */
const docsOf = (id: string): string => `docs/doctor.md#${id}`;

export function formatReport(found: readonly Found[], layout: Layout): string {
  const parts = groups.flatMap((group) => {
    const own = found.filter(({ check }) => check.group === group);
    const title = layout.color ? paint('bold', group) : group;
    return own.length === 0 ? [] : [`${title}\n${own.map((each) => formatFound(each, layout)).join('')}`];
  });
  const lacks = found.some(({ finding }) => finding.isForbidden);
  return `${parts.join('\n')}\n${summarize(countStates(found))}\n${lacks ? missingRights : ''}`;
}

export function asDocument(found: readonly Found[]) {
  const counts = countStates(found);
  const checks = found.map(({ check: { id, group }, finding: { state, says, advice, command } }) => ({
    check: id,
    group,
    state,
    says,
    ...(advice !== undefined && { advice }),
    ...(command !== undefined && { command }),
    docs: docsOf(id),
  }));
  return { ok: counts.fault === 0 && counts.unknown === 0, counts, checks };
}

// --- internal ---

const signs = { ok: '✓', warning: '!', fault: '✗', unknown: '?' } as const;
const colors = { ok: 'green', warning: 'yellow', fault: 'red', unknown: 'cyan' } as const;

/** Wide lines are hard to read. */
const widest = 120;
const indent = '  ';

function formatFound(
  { check, finding: { state, says, advice, command, isForbidden } }: Found,
  { width, color }: Layout,
): string {
  const room = Math.min(width, widest);
  const sign = color ? paint(colors[state], signs[state]) : signs[state];
  const lines = [`${sign} ${wrapText(says, room - indent.length, indent)}`];
  // The summary says what to do about missing rights.
  if (state === 'ok' || isForbidden) return `${lines[0]}\n`;
  if (advice !== undefined) lines.push(`${indent}${wrapText(advice, room - indent.length, indent)}`);
  // Not broken, so that it can be copied.
  if (command !== undefined) lines.push(`${indent}${indent}${command}`);
  const link = `see ${docsOf(check.id)}`;
  lines.push(`${indent}${color ? paint('dim', link) : link}`);
  return lines.map((line) => `${line}\n`).join('');
}

const missingRights = 'To make all checks, run it as a user who has the rights that the lines name.\n';

function summarize({ ok, warning, fault, unknown }: Counts): string {
  const parts = [
    ...(fault > 0 ? [plural(fault, 'fault')] : []),
    ...(warning > 0 ? [plural(warning, 'warning')] : []),
    ...(unknown > 0 ? [`${plural(unknown, 'check')} could not be made`] : []),
  ];
  return parts.length === 0 ? `All ${ok} checks are fine.` : `${parts.join(', ')}; ${ok} fine.`;
}
