/**
 * A unified diff out of the edits that were made: exact, and in time that grows with the text. (To find the differences
 * of two texts anew takes minutes where a long list of Jobs was wrapped.) Pure.
 */
import { FILE_HEADERS_ONLY, formatPatch, type StructuredPatchHunk } from 'diff';
import { applyEdits } from './yaml/apply-edits.ts';
import type { Edit } from './yaml/edits.ts';

const context = 3;

/** @returns nothing where nothing changes */
export function formatDiff(name: string, text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return '';
  const lines = splitLines(text);
  const hunks = createHunks(lines, listChanges(lines, edits));
  return formatPatch({ oldFileName: name, newFileName: name, oldHeader: '', newHeader: '', hunks }, FILE_HEADERS_ONLY);
}

// --- internal ---

/** Lines from `first` on, counted from 0, give way to others. */
type Change = { first: number; old: string[]; new: string[] };

/** With their line breaks. */
const splitLines = (text: string) => text.split(/(?<=\n)/);

function listChanges(lines: string[], edits: readonly Edit[]): Change[] {
  const starts = listStarts(lines);
  let line = 0;
  /** The last line that starts at or before an offset. Offsets only grow, so it goes on from the line before. */
  const findLine = (offset: number) => {
    while ((starts[line + 1] ?? Infinity) <= offset) line++;
    return line;
  };
  const regions: { first: number; last: number; edits: Edit[] }[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    const [first, last] = [findLine(edit.start), findLine(edit.end)];
    const before = regions.at(-1);
    if (before && first <= before.last) {
      before.last = Math.max(before.last, last);
      before.edits.push(edit);
    } else regions.push({ first, last, edits: [edit] });
  }
  return regions.map(({ first, last, edits: own }) => {
    const offset = starts[first] ?? 0;
    const old = lines.slice(first, last + 1);
    const moved = own.map((edit) => ({ ...edit, start: edit.start - offset, end: edit.end - offset }));
    return trim({ first, old, new: splitLines(applyEdits(old.join(''), moved)) });
  });
}

/** Without the lines at both ends that stay the same. */
function trim({ first, old, new: added }: Change): Change {
  const shorter = Math.min(old.length, added.length);
  let head = 0;
  while (head < shorter && old[head] === added[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === added.at(-1 - tail)) tail++;
  return { first: first + head, old: old.slice(head, old.length - tail), new: added.slice(head, added.length - tail) };
}

/** Changes whose context would meet share a hunk. */
function createHunks(lines: string[], changes: Change[]): StructuredPatchHunk[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    if (last && change.first - findEnd(last) <= 2 * context) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  let shift = 0;
  return groups.map((group) => {
    const hunk = createHunk(lines, group, shift);
    shift += hunk.newLines - hunk.oldLines;
    return hunk;
  });
}

const findEnd = ({ first, old }: Change) => first + old.length;

function createHunk(lines: string[], group: Change[], shift: number): StructuredPatchHunk {
  const start = Math.max(0, (group[0]?.first ?? 0) - context);
  const printed: string[] = [];
  const counts = { ' ': 0, '-': 0, '+': 0 };
  const print = (mark: keyof typeof counts, some: string[]) => {
    counts[mark] += some.length;
    for (const line of some) {
      printed.push(mark + line.replace(/\n$/, ''));
      if (!line.endsWith('\n')) printed.push('\\ No newline at end of file');
    }
  };
  let at = start;
  for (const change of group) {
    print(' ', lines.slice(at, change.first));
    print('-', change.old);
    print('+', change.new);
    at = findEnd(change);
  }
  print(' ', lines.slice(at, at + context));
  const [oldLines, newLines] = [counts[' '] + counts['-'], counts[' '] + counts['+']];
  return { oldStart: start + 1, oldLines, newStart: start + 1 + shift, newLines, lines: printed };
}

function listStarts(lines: string[]): number[] {
  let offset = 0;
  return lines.map((line) => {
    const start = offset;
    offset += line.length;
    return start;
  });
}
