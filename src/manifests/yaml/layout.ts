/** How a document is laid out, and how a value looks in that layout. New text follows what is there. Pure. */
import { isMap, isPair, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { type BlockStyle, escapeUnusual, printYaml, type YamlDocument } from './parse.ts';

export type Collection = YAMLMap | YAMLSeq;

export type Layout = {
  text: string;
  eol: string;
  block: Omit<BlockStyle, 'literals'>;
  /** JSON: the indentation of a level, `undefined` if it is not spread over lines. */
  unit: string | undefined;
  /** JSON without spaces. */
  compact: boolean;
};

export function readLayout(text: string, { contents }: YamlDocument): Layout {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const json = isCollection(contents) && contents.flow ? contents : undefined;
  const first = json?.items[0];
  const unit = first && readOwnIndent(text, findStart(first));
  const colon =
    isPair<Node, Node | null>(first) && text.slice(findEnd(text, first.key), findStart(first.value ?? first.key));
  const compact = unit === undefined && colon === ':';
  return { text, eol, block: readBlockStyle(contents), unit, compact };
}

/** The block collection's own column, as its first key or dash has it. */
export function readColumn(collection: Collection): number {
  const token = collection.srcToken;
  if (token && 'indent' in token) return token.indent;
  throw new Error('expected a collection that was parsed from a source');
}

/** Lines in block style, indented to `column`; the last one without its line break. */
export function renderBlock(value: unknown, column: number, layout: Layout, tight: boolean): string {
  // A block scalar takes in whatever follows on its last line.
  const literals = !(tight && isMultiline(findLastLeaf(value)));
  const lines = printYaml(value, { ...layout.block, literals })
    .slice(0, -1)
    .split('\n');
  return lines.map((line) => (line === '' ? '' : ' '.repeat(column) + line)).join(layout.eol);
}

/** One line, or as many as JSON of this layout has where `indent` says how the line at hand is indented. */
export function renderFlow(value: unknown, layout: Layout, indent?: string): string {
  if (layout.compact) return escapeUnusual(JSON.stringify(value));
  if (indent !== undefined && layout.unit !== undefined) {
    return escapeUnusual(JSON.stringify(value, null, layout.unit).replaceAll('\n', layout.eol + indent));
  }
  const spread = JSON.stringify(value, null, 1);
  // No string holds a raw line break here, so these are all between tokens.
  return escapeUnusual(spread.replace(/([[{])\n\s*|\n\s*([\]}])/g, '$1$2').replace(/\n\s*/g, ' '));
}

/** Where the content of a node starts, behind its anchor and tag. */
export function findStart(node: Node | Pair): number {
  const at = isPair(node) ? (node.key as Node) : node;
  return readRange(at)[0];
}

/** Where the content of a node ends: before comments, and before the last line break of a block scalar. */
export function findEnd(text: string, node: Node | Pair): number {
  if (isPair(node)) return findEnd(text, (node.value ?? node.key) as Node);
  if (isCollection(node) && !node.flow) return findEnd(text, node.items.at(-1) as Node | Pair);
  const [start, end] = readRange(node);
  const isBlockScalar = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  return isBlockScalar ? start + text.slice(start, end).replace(/\r?\n$/, '').length : end;
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

export const isCollection = (node: unknown): node is Collection => isMap(node) || isSeq(node);

// --- internal ---

const readRange = ({ range }: Node) => {
  if (!range) throw new Error('expected a node that was parsed from a source');
  return range;
};

/** From the first places that show it; else as kubectl prints. */
function readBlockStyle(contents: YamlDocument['contents']): Layout['block'] {
  let indent: number | undefined;
  let indentSeq: boolean | undefined;
  visit(contents, {
    Map: (_, map) => {
      if (map.flow) return visit.SKIP;
      for (const { value } of map.items) {
        if (!isCollection(value) || value.flow) continue;
        const step = readColumn(value) - readColumn(map);
        if (isMap(value)) indent ??= step;
        else indentSeq ??= step > 0;
      }
      return indent !== undefined && indentSeq !== undefined ? visit.BREAK : undefined;
    },
  });
  return { indent: indent ?? 2, indentSeq: indentSeq ?? false };
}

const isMultiline = (value: unknown) => typeof value === 'string' && value.includes('\n');

function findLastLeaf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const values = Object.values(value);
  return values.length === 0 ? value : findLastLeaf(values.at(-1));
}
