/** Splices the patches of a file's documents into its text. Laws and the fuzzing hold that the new text says what they say. Pure. */
import { fail, ok, type Result } from '../util/result.ts';
import type { ChangedDocument, ChangedSource } from './changed.ts';
import { printJson } from './print-json.ts';
import { fillRecords } from './undo/add-records.ts';
import { applyEdits } from './yaml/apply-edits.ts';
import type { Edit } from './yaml/edits.ts';
import { findEnd, findStart } from './yaml/layout.ts';
import { isCollection, type YamlNode } from './yaml/nodes.ts';
import { printYaml } from './yaml/print.ts';
import { splice } from './yaml/splice.ts';

export type Rewritten = { name: string; before: string; edits: Edit[]; after: string };

export function rewrite({ source, documents }: ChangedSource): Result<Rewritten, string[]> {
  const edits: Edit[] = [];
  for (const changed of documents) {
    const created = createEdits(source.text, changed);
    if (!created.ok) {
      const { offset, reason, advice } = created.problem;
      const { line, col } = source.findPosition(offset);
      const sentence = `${reason}, so the patch cannot be spliced in; ${advice}, or use -o json`;
      return fail([`${source.name}:${line}:${col}: ${sentence}`]);
    }
    edits.push(...fillRecords(source.text, created.value, changed.records));
  }
  return ok({ name: source.name, before: source.text, edits, after: applyEdits(source.text, edits) });
}

// --- internal ---

function createEdits(text: string, { document, operations, after }: ChangedDocument): ReturnType<typeof splice> {
  if (document.isReview) return ok([replaceReview(text, document.node, after)]);
  if (operations.length === 0) return ok([]);
  return splice(text, document.node, { before: document.value, after, operations });
}

/** A review is replaced by its answer as a whole, in the style it came in. */
function replaceReview(text: string, review: YamlNode, after: unknown): Edit {
  const [start, end] = [findStart(review), findEnd(text, review)];
  const isFlow = isCollection(review) && review.isFlow;
  const block = { indent: 2, indentSeq: false, literals: false };
  const printed = isFlow ? printJson(after) : printYaml(after, block).trimEnd();
  return { start, end, text: printed };
}
