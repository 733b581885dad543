/**
 * The annotation clockout.dev/undo, which `inject` writes into the template of a pod. A patch replaces text that is nowhere else in
 * the file: quotes, comments in a list, `volumes: []`. The annotation keeps that text. Pure.
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parseObject } from '../../util/json-object.ts';
import { escapeUnusual } from '../yaml/print.ts';

const count = Type.Integer({ minimum: 0 });

const UndoRecord = Type.Object({
  /** What `inject` did. `none`: it repaired native sidecars. */
  strategy: Type.Enum(['wrap', 'native', 'none']),
  /** Of the text of the template, with nothing in the place of this annotation's value. Left out if it would be too long. */
  text: Type.Optional(
    Type.Object({
      /** The first 16 digits of its SHA-256. */
      sha256: Type.String(),
      length: count,
      /** How many characters stay, how many go, and what comes in their place; again and again, from the start of the template. */
      edits: Type.Array(Type.Tuple([count, count, Type.String()])),
    }),
  ),
});
export type UndoRecord = Static<typeof UndoRecord>;
export type RecordedText = NonNullable<UndoRecord['text']>;

const schema = Compile(UndoRecord);

/** Kubernetes takes 256 KiB of annotations, and `kubectl apply` writes the manifest into one of them. */
const longest = 65_536;

/** JSON in ASCII and what every reader takes for printable; without the text if it is too long. */
export function printRecord(record: UndoRecord): string {
  const printed = escapeUnusual(JSON.stringify(record));
  return printed.length > longest ? JSON.stringify({ strategy: record.strategy }) : printed;
}

/** @returns undefined for anything but a record: whoever writes a manifest can write this annotation, too */
export function readRecord(text: unknown): UndoRecord | undefined {
  if (typeof text !== 'string' || text.length > longest) return undefined;
  const value = parseObject(text);
  return schema.Check(value) ? value : undefined;
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
