/** Adds the annotation clockout.dev/undo to what `inject` writes. Its value depends on the edits, and it stands in one of them. Pure. */
import { setAnnotations } from '../../inject/patch/annotations.ts';
import type { Plan } from '../../inject/plan.ts';
import { createUndo } from '../../inject/undo/undo-patch.ts';
import { undoAnnotation } from '../../pod/names.ts';
import type { Pod } from '../../pod/schema.ts';
import { parsePointer } from '../../util/json-pointer.ts';
import {
  type AdmittedDocument,
  type AdmittedSource,
  type AdmittedTemplate,
  applyOperations,
  decodeTemplate,
  placeOperations,
} from '../admit-manifests.ts';
import type { ChangedDocument, ChangedSource, PlannedRecord } from '../changed.ts';
import type { ManifestDocument, PodTemplate } from '../find-pods.ts';
import { sortEdits } from '../yaml/apply-edits.ts';
import type { Edit } from '../yaml/edits.ts';
import { findNode } from '../yaml/find-node.ts';
import { findEnd } from '../yaml/layout.ts';
import { digest, printRecord, type RecordedText } from './record.ts';

/** Templates that have something of Clockout already get no record: it would lead back to that. */
export function planRecords({ source, documents }: AdmittedSource): ChangedSource {
  // A text cannot have its own digest in it.
  const mark = `clockout-undo-${digest(source.text)}-`;
  return { source, documents: documents.map((admitted) => planDocument(source.text, admitted, mark)) };
}

/** Puts the records in the place of their marks. */
export function fillRecords(text: string, edits: Edit[], records: readonly PlannedRecord[] = []): Edit[] {
  if (records.length === 0) return edits;
  const sorted = sortEdits(edits);
  let next = 0;
  return records.flatMap((record) => {
    while ((sorted[next]?.start ?? Infinity) < record.start) next++;
    const first = next;
    while ((sorted[next]?.start ?? Infinity) < record.before) next++;
    return fillRecord(text, record, sorted.slice(first, next));
  });
}

// --- internal ---

function fillRecord(text: string, record: PlannedRecord, edits: readonly Edit[]): Edit[] {
  const place = edits.findIndex((edit) => edit.text.includes(record.mark));
  const put = (value: string) =>
    edits.map((edit, i) => (i === place ? { ...edit, text: putValue(edit.text, record.mark, value) } : edit));
  const value = printRecord({ strategy: record.strategy, text: describeText(text, record, put('')) });
  return put(value);
}

function planDocument(text: string, admitted: AdmittedDocument, mark: string): ChangedDocument {
  const { document, templates, operations, after } = admitted;
  const recorded = document.isReview ? [] : templates.flatMap((each) => findChanged(document, each));
  if (recorded.length === 0) return admitted;
  const starts = templates
    .map(({ template }) => findNode(document.node, parsePointer(template.path)).start)
    .sort((a, b) => a - b);
  const planned = recorded.map(({ template, plan, metadata }, i) => {
    const annotated = setAnnotations(metadata, { [undoAnnotation]: `${mark}${i}.` });
    const node = findNode(document.node, parsePointer(template.path));
    const record: PlannedRecord = {
      mark: `${mark}${i}.`,
      strategy: plan.strategy,
      start: node.start,
      end: findEnd(text, node),
      before: starts[starts.lastIndexOf(node.start) + 1] ?? Infinity,
    };
    return { record, operations: placeOperations(template, annotated) };
  });
  const added = planned.flatMap(({ operations }) => operations);
  return {
    document,
    operations: [...operations, ...added],
    after: applyOperations(after, added),
    records: planned.map(({ record }) => record).sort((a, b) => a.start - b.start),
  };
}

type Recorded = { template: PodTemplate; plan: Plan; metadata: Pod['metadata'] };

/** @returns nothing for a template that does not change, or that was changed before */
function findChanged(document: ManifestDocument, { template, outcome }: AdmittedTemplate): Recorded[] {
  if (outcome.kind !== 'patched') return [];
  const before = decodeTemplate(document, template);
  const undo = before.ok ? createUndo(before.value) : before;
  const isFirst = undo.ok && undo.value.operations.length === 0;
  return isFirst ? [{ template, plan: outcome.plan, metadata: outcome.patched.metadata }] : [];
}

/** The text as `uninject` will find it, and how to get from there to the text that is here. */
function describeText(text: string, { start, end }: PlannedRecord, edits: readonly Edit[]): RecordedText {
  let at = start;
  let changed = '';
  const recorded: RecordedText['edits'] = [];
  for (const edit of edits) {
    const kept = text.slice(at, edit.start);
    changed += kept + edit.text;
    recorded.push([kept.length, edit.text.length, text.slice(edit.start, edit.end)]);
    at = edit.end;
  }
  changed += text.slice(at, end);
  return { sha256: digest(changed), length: changed.length, edits: recorded };
}

/** @param value nothing, or a text to quote as the mark's place needs it: in double quotes in JSON and flow style */
function putValue(text: string, mark: string, value: string): string {
  const at = text.indexOf(mark);
  const isQuoted = text[at - 1] === '"';
  const quoted = isQuoted ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
  const margin = isQuoted ? 1 : 0;
  return text.slice(0, at - margin) + (value && quoted) + text.slice(at + mark.length + margin);
}
