/** Splices the patches of a file's documents into its text, and checks that the new text says what they say. Pure. */
import { equal } from '../inject/patch/operations.ts';
import { fail, ok, type Result } from '../util/result.ts';
import type { ChangedDocument, ChangedSource } from './changed.ts';
import { printJson } from './print-json.ts';
import { fillRecords } from './undo/add-records.ts';
import { applyEdits } from './yaml/apply-edits.ts';
import type { Edit } from './yaml/edits.ts';
import { findEnd, findStart } from './yaml/layout.ts';
import { isCollection, type YamlNode } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';
import { printYaml } from './yaml/print.ts';
import { splice } from './yaml/splice.ts';

export type Rewritten = { name: string; before: string; edits: Edit[]; after: string };

/** @throws if the new text does not say what it should: a bug of ours, better found here than in a cluster */
export function rewrite({ source, documents }: ChangedSource): Result<Rewritten, string[]> {
  const edits: Edit[] = [];
  const said: unknown[] = [];
  for (const changed of documents) {
    const created = createEdits(source.text, changed);
    if (!created.ok) {
      const { offset, reason } = created.problem;
      const { line, col } = source.findPosition(offset);
      const advice = `${reason}, so the patch cannot be spliced in; write the lines out in place of the alias or merge key, or use -o json`;
      return fail([`${source.name}:${line}:${col}: ${advice}`]);
    }
    const filled = fillRecords(source.text, { edits: created.value, ...changed });
    edits.push(...filled.edits);
    said.push(changed.document.isReview ? asJson(filled.after) : filled.after);
  }
  const text = applyEdits(source.text, edits);
  if (edits.length > 0) check(source.name, source.text, text, said);
  return ok({ name: source.name, before: source.text, edits, after: text });
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

function check(name: string, before: string, text: string, wanted: readonly unknown[]): void {
  const parsed = parseYaml(name, text);
  if (!parsed.ok) throw new Error(`the text with the patch does not parse: ${parsed.problem.join(' ')}`);
  const found = parsed.value.documents;
  const same = found.length === wanted.length && found.every(({ value }, i) => equal(value, wanted[i]));
  if (!same) throw new Error(`${name}: the text with the patch does not say what the patch says`);
  if (isJson(before) && !isJson(text)) throw new Error(`${name}: the text with the patch is not JSON any more`);
}

/** Only the answer to a review can have keys that are undefined. */
function asJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asJson);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, asJson(each)]));
}

function isJson(text: string): boolean {
  // Most YAML is not parsed for this: an error is slow to make.
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
