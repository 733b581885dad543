/** One function for each way in which a value can stand in YAML: where new text goes in, and how it looks there. Pure. */
import { isObject } from '../../util/json-object.ts';
import {
  findEnd,
  findLineEnd,
  findStart,
  isPair,
  isTight,
  type Layout,
  listParts,
  type Part,
  readIndent,
  readOwnIndent,
  renderBlock,
  renderFlow,
  skipComments,
} from './layout.ts';
import { type Collection, isCollection, type MapNode, type Pair } from './nodes.ts';

/** The text from `start` to `end` gives way to `text`. */
export type Edit = { start: number; end: number; text: string };

/**
 * New keys or items go on lines of their own, after the line on which the last value ends.
 * @param added an object for a map, and an array for a list
 */
export function addToBlock(collection: Collection, added: object, layout: Layout): Edit {
  const { text, eol } = layout;
  const { column } = collection;
  const at = skipComments(text, findLineEnd(text, findEnd(text, collection)), column);
  return insert(at, eol + renderBlock(added, column, layout, isTight(text, at)));
}

/** Into `[…]` or `{…}`, after the last item, on a line of its own if that has one. */
export function addToFlow(collection: Collection, added: unknown[], layout: Layout): Edit {
  const { text, eol, unit, compact } = layout;
  const last = listParts(collection).at(-1);
  const render = (item: unknown, indent?: string) =>
    collection.kind === 'map'
      ? renderEntry(item as [string, unknown], layout, indent)
      : renderFlow(item, layout, indent);
  if (last) {
    const indent = readOwnIndent(text, findStart(last));
    const separator = indent === undefined ? (compact ? ',' : ', ') : `,${eol}${indent}`;
    // A comma right behind a colon would be text.
    const gap = isPair(last) && last.hasColon && isEmpty(last.value) ? ' ' : '';
    return insert(findEnd(text, last), gap + added.map((item) => separator + render(item, indent)).join(''));
  }
  const inside = findStart(collection) + 1;
  if (unit === undefined) return insert(inside, added.map((item) => render(item)).join(compact ? ',' : ', '));
  const outer = eol + readIndent(text, inside);
  const items = added.map((item) => outer + unit + render(item, readIndent(text, inside) + unit));
  return insert(inside, items.join(',') + outer);
}

/** The rows of a block collection give way to those of another of its kind. */
export function replaceRows(old: Collection, value: unknown, layout: Layout): Edit[] {
  const { text } = layout;
  const isSameKind = old.kind === 'map' ? isFilledObject(value) : Array.isArray(value) && value.length > 0;
  if (!isSameKind) throw new Error('expected a list to be replaced by a list, and a map by a map, neither empty');
  const [start, end] = [findStart(old), findEnd(text, old)];
  return [{ start, end, text: renderBlock(value, old.column, layout, isTight(text, end)).trimStart() }];
}

/** `key: value` where the value is empty, an alias or a scalar: a new list or map goes on the lines below. */
export function fillPair({ column }: MapNode, { value: old }: Pair, value: unknown, layout: Layout): Edit[] {
  const { text, eol } = layout;
  const [start, end] = [findStart(old), findEnd(text, old)];
  const printed = renderBlock({ k: value }, column, layout, isTight(text, end)).slice(column + 'k:'.length);
  if (!printed.startsWith(eol)) {
    return [{ start, end, text: start === end ? printed : printed.trimStart() }];
  }
  const below = insert(findLineEnd(text, end), printed);
  if (start === end) return [below];
  const colon = start - (/\s*$/.exec(text.slice(0, start))?.[0].length ?? 0);
  return [{ start: colon, end, text: '' }, below];
}

/** A value in flow style, or one that stays on its line. */
export function replaceFlow(at: Part, value: unknown, layout: Layout): Edit[] {
  const { text } = layout;
  if (isPair(at) && !at.hasColon) return [insert(findEnd(text, at), `: ${renderFlow(value, layout)}`)];
  const old = isPair(at) ? at.value : at;
  const [start, end] = [findStart(old), findEnd(text, old)];
  const spread = !(isCollection(old) && listParts(old).length > 0) || text.slice(start, end).includes('\n');
  const rendered = renderFlow(value, layout, spread ? readIndent(text, start) : undefined);
  return [{ start, end, text: isEmpty(old) ? ` ${rendered}` : rendered }];
}

/**
 * Parts go with their lines, and with what stands behind them on the last one. Comments above them stay.
 * @param removed some of the collection's parts, not all
 */
export function removeParts(collection: Collection, removed: ReadonlySet<Part>, { text }: Layout): Edit[] {
  const parts = listParts(collection);
  if (parts.every((part) => removed.has(part))) throw new Error('expected something to stay in the map or list');
  return listRuns(parts, removed).map(({ before, first, last, after }) => {
    const [start, end] = [findStart(first), findEnd(text, last)];
    if (collection.isFlow) {
      if (before) return cut(findEnd(text, before), end);
      return cut(start, after ? findStart(after) : end);
    }
    // With the comments that are indented as their lines are: a block scalar before them would take them in.
    const lineEnd = skipComments(text, findLineEnd(text, end), collection.column);
    const line = findOwnLine(text, collection, first);
    if (line !== undefined) return cut(line, lineEnd);
    // The collection starts on the line of another one, as a map in a list does: the next line takes this place.
    const next = /\s*/y;
    next.lastIndex = lineEnd;
    return cut(findRowStart(text, collection, first), next.lastIndex + (next.exec(text)?.[0].length ?? 0));
  });
}

// --- internal ---

type Run = { before: Part | undefined; first: Part; last: Part; after: Part | undefined };

/** Neighbours that are removed, with what is before and after them. */
function listRuns(parts: readonly Part[], removed: ReadonlySet<Part>): Run[] {
  const runs: Run[] = [];
  for (const [i, part] of parts.entries()) {
    if (!removed.has(part)) continue;
    const run = runs.at(-1);
    if (run && run.last === parts[i - 1]) Object.assign(run, { last: part, after: parts[i + 1] });
    else runs.push({ before: parts[i - 1], first: part, last: part, after: parts[i + 1] });
  }
  return runs;
}

const cut = (start: number, end: number): Edit => ({ start, end, text: '' });

/** Where a key is, or the dash of an item, which can be on a line before the item. */
function findRowStart(text: string, { kind, column, start: top }: Collection, part: Part): number {
  const start = findStart(part);
  if (kind === 'map') return start;
  let line = text.lastIndexOf('\n', start - 1) + 1;
  const isDash = (at: number) => at < start && /^-\s/.test(text.slice(at, at + 2));
  while (line > top && !isDash(line + column)) line = text.lastIndexOf('\n', line - 2) + 1;
  return line + column;
}

/** The end of the line before the one on which a part of a block starts; undefined if something else is before it on its line. */
function findOwnLine(text: string, collection: Collection, part: Part): number | undefined {
  const start = findRowStart(text, collection, part);
  const newline = text.lastIndexOf('\n', start - 1);
  if (newline < 0 || text.slice(newline + 1, start).trim() !== '') return undefined;
  return text[newline - 1] === '\r' ? newline - 1 : newline;
}

const insert = (at: number, text: string): Edit => ({ start: at, end: at, text });

const isEmpty = ({ start, end }: { start: number; end: number }) => start === end;

const renderEntry = ([key, value]: [string, unknown], layout: Layout, indent?: string) =>
  `${renderFlow(key, layout)}:${layout.compact ? '' : ' '}${renderFlow(value, layout, indent)}`;

const isFilledObject = (value: unknown) => isObject(value) && Object.keys(value).length > 0;
