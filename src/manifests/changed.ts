/** What becomes of the documents of a file, before it is written into the file's text. */
import type { Operation } from 'fast-json-patch';
import type { ManifestDocument, Source } from './find-pods.ts';
import type { UndoRecord } from './undo/record.ts';

export type ChangedSource = { source: Source; documents: ChangedDocument[] };

/** A document's value with the operations applied, or the answered review. */
export type ChangedDocument = {
  document: ManifestDocument;
  operations: Operation[];
  after: unknown;
  /** Annotations whose values depend on where the edits are. */
  records?: readonly PlannedRecord[];
};

export type PlannedRecord = {
  /** Stands for the value until the edits are known. It is nowhere else in the file. */
  mark: string;
  strategy: UndoRecord['strategy'];
  /** Offsets: where the template's text starts and ends, and before where its edits are. */
  start: number;
  end: number;
  before: number;
};
