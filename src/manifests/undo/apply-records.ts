/** Puts text back as it was before `inject`, where the record of it fits and changes nothing but what Clockout changes. Pure. */
import { undoAnnotation } from '../../pod/names.ts';
import { findValue } from '../../util/find-value.ts';
import { parsePointer } from '../../util/json-pointer.ts';
import { type PodTemplate, parseManifests, type Source } from '../find-pods.ts';
import { applyEdits, sortEdits } from '../yaml/apply-edits.ts';
import type { Edit } from '../yaml/edits.ts';
import { findNode } from '../yaml/find-node.ts';
import type { YamlNode } from '../yaml/nodes.ts';
import { isOwnChange } from './is-own-change.ts';
import { digest, type RecordedText, readRecord } from './record.ts';

/** `restored`: the templates of the source whose text is as it was before `inject`, by their number in the file. */
export type Restored = { source: Source; edits: Edit[]; restored: ReadonlySet<number> };

export function applyRecords(source: Source): Restored {
  const unchanged = { source, edits: [], restored: new Set<number>() };
  const found = source.documents.flatMap(({ isReview, node, templates }) =>
    isReview ? [] : templates.map((template) => findText(source.text, node, template)),
  );
  const starts = found.map(({ start }) => start).sort((a, b) => a - b);
  const fitting = found.map((each) => undoText(source.text, each, starts[starts.lastIndexOf(each.start) + 1]));
  const edits = fitting.flatMap((each) => each ?? []);
  if (edits.length === 0) return unchanged;
  const parsed = parseManifests(source.name, applyEdits(source.text, edits), source.paths);
  // A record that does more is not Clockout's: a pod's author wrote it, maybe to change what others own.
  if (!parsed.ok || !isOwnChange(source.documents, parsed.value.documents)) return unchanged;
  const restored = fitting.flatMap((each, i) => (each ? [i] : []));
  const findPosition = (offset: number) => source.findPosition(moveBack([offset], edits)[0] ?? 0);
  return { source: { ...parsed.value, findPosition }, edits, restored: new Set(restored) };
}

/**
 * @param offsets in the text after the edits, in their order, outside of what the edits put in
 * @returns where they are in the text before the edits
 */
export function moveBack(offsets: readonly number[], edits: readonly Edit[]): number[] {
  const sorted = sortEdits(edits);
  let [next, shift] = [0, 0];
  return offsets.map((offset) => {
    for (let edit = sorted[next]; edit && edit.start + edit.text.length <= offset + shift; edit = sorted[++next])
      shift += edit.end - edit.start - edit.text.length;
    return offset + shift;
  });
}

// --- internal ---

/** Where a template's text starts, and where the value of its record is. */
type Found = { start: number; recorded?: { value: YamlNode; text: RecordedText } };

function findText(text: string, root: YamlNode, { path, pod }: PodTemplate): Found {
  const keys = parsePointer(path);
  const { start } = findNode(root, keys);
  const record = readRecord(findValue(pod, 'metadata', 'annotations', undoAnnotation));
  if (!record?.text) return { start };
  const value = findNode(root, [...keys, 'metadata', 'annotations', undoAnnotation]);
  return value.kind === 'scalar' && value.start > start && value.end <= text.length
    ? { start, recorded: { value, text: record.text } }
    : { start };
}

/** @returns nothing if the text has changed since, or reaches into the next template */
function undoText(source: string, { start, recorded }: Found, next = source.length): Edit[] | undefined {
  if (!recorded) return undefined;
  const { value, text } = recorded;
  const size = value.end - value.start;
  const end = start + text.length + size;
  if (end > next || value.end > end) return undefined;
  if (digest(source.slice(start, value.start) + source.slice(value.end, end)) !== text.sha256) return undefined;
  /** The record counts without its own value. */
  const find = (offset: number) => (offset >= value.start ? offset + size : offset);
  let at = start;
  const edits = text.edits.map(([kept, added, before]): Edit => {
    const edit = { start: find(at + kept), end: find(at + kept + added), text: before };
    at += kept + added;
    return edit;
  });
  return find(at) <= end ? edits : undefined;
}
