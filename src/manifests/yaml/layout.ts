/** How a document is laid out, and how a value looks in that layout. New text follows what is there. Pure. */
import { printJson } from '../print-json.ts';
import { isCollection, type Pair, walk, type YamlNode } from './nodes.ts';
import { type BlockStyle, escapeUnusual, printBlock } from './print.ts';

/** What stands in a collection. */
export type Part = Pair | YamlNode;

export type Layout = {
  text: string;
  eol: string;
  block: Omit<BlockStyle, 'literals'>;
  /** JSON: the indentation of a level, `undefined` if it is not spread over lines. */
  unit: string | undefined;
  /** JSON without spaces. */
  compact: boolean;
};

export function readLayout(text: string, root: YamlNode): Layout {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const first = isCollection(root) && root.isFlow ? listParts(root)[0] : undefined;
  const unit = first && readOwnIndent(text, findStart(first));
  const colon = first && isPair(first) && text.slice(first.key.end, first.value.start);
  const compact = unit === undefined && colon === ':';
  return { text, eol, block: readBlockStyle(root), unit, compact };
}

export const isPair = (part: Part): part is Pair => 'key' in part;

export const listParts = (node: YamlNode): Part[] =>
  node.kind === 'map' ? node.pairs : node.kind === 'seq' ? node.items : [];

/** Lines in block style, indented to `column`; the last one without its line break. */
export function renderBlock(value: unknown, column: number, layout: Layout, tight: boolean): string {
  // A block scalar takes in whatever follows on its last line.
  const literals = !(tight && isMultiline(findLastLeaf(value)));
  const printed = printBlock(value, column, { ...layout.block, literals });
  // In this style, no raw line break stands in a quoted string.
  return layout.eol === '\n' ? printed : printed.replaceAll('\n', layout.eol);
}

/** One line, or as many as JSON of this layout has where `indent` says how the line at hand is indented. */
export function renderFlow(value: unknown, layout: Layout, indent?: string): string {
  if (layout.compact) return escapeUnusual(printJson(value, 0));
  if (indent !== undefined && layout.unit !== undefined) {
    return escapeUnusual(printJson(value, layout.unit).replaceAll('\n', layout.eol + indent));
  }
  const spread = printJson(value, 1);
  // No string holds a raw line break here, so these are all between tokens.
  return escapeUnusual(spread.replace(/([[{])\n\s*|\n\s*([\]}])/g, '$1$2').replace(/\n\s*/g, ' '));
}

/** Where the content of a node starts, behind its anchor and tag. */
export const findStart = (part: Part): number => (isPair(part) ? part.key : part).start;

/** Where the content of a node ends: before comments, and before the last line break of a block scalar. */
export function findEnd(text: string, part: Part): number {
  const node = isPair(part) ? part.value : part;
  if (isCollection(node)) {
    const last = node.isFlow ? undefined : listParts(node).at(-1);
    return last ? findEnd(text, last) : node.end;
  }
  const isBlockScalar = node.kind === 'scalar' && (node.style === 'literal' || node.style === 'folded');
  return isBlockScalar ? node.start + text.slice(node.start, node.end).replace(/\r?\n$/, '').length : node.end;
}

/** The end of the line, before its line break. */
export function findLineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** Past the comments on the next lines that are indented more than `column`, as part of what ends before them. */
export function skipComments(text: string, end: number, column: number): number {
  const comments = new RegExp(`((?:\\r?\\n[ \\t]*)*?\\r?\\n {${column + 1},}#[^\\r\\n]*)*`, 'y');
  comments.lastIndex = end;
  return end + (comments.exec(text)?.[0].length ?? 0);
}

/** Whether a block scalar that ends here would take in a comment, or lack its line break. */
export const isTight = (text: string, offset: number) => {
  const end = findLineEnd(text, offset);
  return end === text.length || text.slice(offset, end).trim() !== '';
};

export const readIndent = (text: string, offset: number): string => {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
};

/** The indentation before `offset`, if nothing else stands before it on its line and it is not the file's first. */
export function readOwnIndent(text: string, offset: number): string | undefined {
  const newline = text.lastIndexOf('\n', offset - 1);
  const before = text.slice(newline + 1, offset);
  return newline >= 0 && before.trim() === '' ? before : undefined;
}

// --- internal ---

/** From the first places that show it; else as kubectl prints. */
function readBlockStyle(root: YamlNode): Layout['block'] {
  let indent: number | undefined;
  let indentSeq: boolean | undefined;
  for (const { kind, step } of listSteps(root)) {
    if (kind === 'map') indent ??= step;
    else indentSeq ??= step > 0;
    if (indent !== undefined && indentSeq !== undefined) break;
  }
  return { indent: indent ?? 2, indentSeq: indentSeq ?? false };
}

/** How far the block collections in maps are indented. */
function* listSteps(root: YamlNode): Generator<{ kind: 'map' | 'seq'; step: number }> {
  for (const map of walk(root)) {
    for (const { value } of map.kind === 'map' && !map.isFlow ? map.pairs : []) {
      if (map.kind !== 'map' || !isCollection(value) || value.isFlow) continue;
      yield { kind: value.kind, step: value.column - map.column };
    }
  }
}

const isMultiline = (value: unknown) => typeof value === 'string' && value.includes('\n');

function findLastLeaf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const values = Object.values(value);
  return values.length === 0 ? value : findLastLeaf(values.at(-1));
}
