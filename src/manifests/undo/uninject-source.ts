/** Takes out of a file's pod templates what `inject`, or the webhook, has put in. Pure. */
import { createUndo, type Undo, type UndoProblem } from '../../inject/undo/undo-patch.ts';
import { statusAnnotation, undoAnnotation } from '../../pod/names.ts';
import { findValue } from '../../util/find-value.ts';
import { isObject } from '../../util/json-object.ts';
import { parsePointer } from '../../util/json-pointer.ts';
import { collect, fail, ok, type Result } from '../../util/result.ts';
import { applyOperations, decodeTemplate, formatProblem, type Problem, placeOperations } from '../admit-manifests.ts';
import type { ChangedDocument } from '../changed.ts';
import { formatTitle, type ManifestDocument, type PodTemplate, type Source } from '../find-pods.ts';
import { explainIncomplete } from '../incomplete.ts';
import type { OtherObject } from '../other-kinds.ts';
import { type Rewritten, rewrite } from '../rewrite.ts';
import { sortEdits } from '../yaml/apply-edits.ts';
import type { Edit } from '../yaml/edits.ts';
import { findNode } from '../yaml/find-node.ts';
import { applyRecords, moveBack, type Restored } from './apply-records.ts';
import { readRecord } from './record.ts';

/** `restored`: its text is as it was before `inject`. */
export type UninjectedTemplate = { template: PodTemplate; isRestored: boolean; undo: Undo };

export type Uninjected = {
  /** As it is named, with its warnings. */
  source: Source;
  restored: Restored;
  documents: ChangedDocument[];
  templates: UninjectedTemplate[];
  /** Objects of other kinds that have something of Clockout, and were not looked at. */
  left: OtherObject[];
};

/** @returns every problem of the file as a sentence, if there are any */
export function uninjectSource(source: Source): Result<Uninjected, string[]> {
  // First the text where it is known, because no other way gives back every byte; then what is known of the parts.
  const restored = applyRecords(source);
  let number = 0;
  const templates: UninjectedTemplate[] = [];
  const documents: Result<ChangedDocument, string[]>[] = [];
  for (const document of restored.source.documents) {
    const undone: Result<UninjectedTemplate, Problem[]>[] = [];
    for (const template of document.isReview ? [] : document.templates) {
      const isRestored = restored.restored.has(number++);
      if (explainIncomplete(template) === undefined) undone.push(uninjectTemplate(document, template, isRestored));
    }
    const all = collect(undone);
    if (!all.ok) documents.push(fail(all.problem.map((problem) => formatProblem(restored.source, problem))));
    else {
      templates.push(...all.value);
      const operations = all.value.flatMap(({ template, undo }) => placeOperations(template, undo.operations));
      documents.push(ok({ document, operations, after: applyOperations(document.value, operations) }));
    }
  }
  const all = collect(documents.map((each) => (each.ok ? each : fail(each.problem))));
  const left = source.documents
    .flatMap(({ others }) => others)
    .filter(({ object, flags }) => flags !== '' && hasStatus(object));
  return all.ok ? ok({ source, restored, documents: all.value, templates, left }) : all;
}

/** @returns why the text cannot be rewritten, as sentences */
export function rewriteUninjected({ source, restored, documents }: Uninjected): Result<Rewritten, string[]> {
  const rewritten = rewrite({ source: restored.source, documents });
  if (!rewritten.ok) return rewritten;
  const { edits, after } = rewritten.value;
  const all = [...restored.edits, ...moveEdits(edits, restored.edits)];
  return ok({ name: source.name, before: source.text, edits: all, after });
}

// --- internal ---

/** Whether a value has Clockout's annotation somewhere. The parser has bounded its depth. */
function hasStatus(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasStatus);
  return isObject(value) && (Object.hasOwn(value, statusAnnotation) || Object.values(value).some(hasStatus));
}

function uninjectTemplate(
  document: ManifestDocument,
  template: PodTemplate,
  isRestored: boolean,
): Result<UninjectedTemplate, Problem[]> {
  const pod = decodeTemplate(document, template);
  if (!pod.ok) return pod;
  const record = readRecord(findValue(template.pod, 'metadata', 'annotations', undoAnnotation));
  const undo = createUndo(pod.value, record?.strategy === 'native');
  if (undo.ok) return ok({ template, isRestored, undo: undo.value });
  const { start } = findNode(document.node, parsePointer(template.path));
  return fail([{ offset: start, sentence: `${formatTitle(template)}: ${describeProblem(undo.problem)}` }]);
}

function describeProblem(problem: UndoProblem): string {
  if (problem.code === 'in-text')
    return `another program has joined Clockout's words in the command of container ${problem.container} with its own, so they cannot be taken out; take that program's words out first`;
  const names = problem.sidecars.join(', ') || 'its sidecars';
  return `Clockout made ${names} native, and what they were before is recorded only in the output of inject, as long as that is not changed; use the manifest from before`;
}

/** Edits of the text after other edits, as edits of the text before them. They change other parts of it. */
function moveEdits(edits: readonly Edit[], earlier: readonly Edit[]): Edit[] {
  const sorted = sortEdits(edits);
  const offsets = moveBack(
    sorted.flatMap(({ start, end }) => [start, end]),
    earlier,
  );
  return sorted.map(({ text }, i) => ({ start: offsets[2 * i] ?? 0, end: offsets[2 * i + 1] ?? 0, text }));
}
