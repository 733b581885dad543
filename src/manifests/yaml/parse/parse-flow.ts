/** Lists and maps in brackets. @see https://github.com/yaml/go-yaml/blob/v2.4.4/parserc.go */
import { emptyNode, type MapNode, type SeqNode, type YamlNode } from '../nodes.ts';
import type { Token, TokenKind } from '../scan/scanner.ts';
import { addItem, addPair } from './parse-block.ts';
import { type Parser, peek, refuse, take } from './parser.ts';

export function parseFlowSeq(parser: Parser, seq: SeqNode): void {
  take(parser);
  const end = parseEntries(parser, 'flow-seq-end', ']', (token) =>
    addItem(seq, token.kind === 'key' ? parsePair(parser, token) : parser.parseNode(parser, 'flow')),
  );
  seq.end = end;
}

export function parseFlowMap(parser: Parser, map: MapNode): void {
  take(parser);
  const end = parseEntries(parser, 'flow-map-end', '}', (token) => {
    if (token.kind !== 'key') {
      const key = parser.parseNode(parser, 'flow');
      return addPair(map, { key, value: emptyNode(key.end), hasColon: false });
    }
    const { kind, start } = take(parser);
    const isEmpty = kind === 'value' || isEntryEnd(kind, 'flow-map-end');
    const key = isEmpty ? emptyNode(start) : parser.parseNode(parser, 'flow');
    addPair(map, { key, ...parseValue(parser, 'flow-map-end', key.end) });
  });
  map.end = end;
}

// --- internal ---

type End = 'flow-seq-end' | 'flow-map-end';

const isEntryEnd = (kind: TokenKind, end: End) => kind === 'flow-entry' || kind === end;

/** Entries with commas between them; one more comma may stand at the end. @returns where the closing bracket ends */
function parseEntries(parser: Parser, end: End, bracket: string, parseEntry: (token: Token) => void): number {
  let token = peek(parser);
  for (let isFirst = true; token.kind !== end; isFirst = false) {
    if (!isFirst) {
      if (token.kind !== 'flow-entry') {
        refuse(parser, token, `"," or "${bracket}"`, 'add it, or put the value before it in quotes');
        return token.start;
      }
      token = take(parser);
      if (token.kind === end) break;
    }
    parseEntry(token);
    token = peek(parser);
  }
  take(parser);
  return token.end;
}

function parseValue(parser: Parser, end: End, keyEnd: number): { value: YamlNode; hasColon: boolean } {
  const token = peek(parser);
  if (token.kind !== 'value') return { value: emptyNode(keyEnd), hasColon: false };
  const { kind } = take(parser);
  return { value: isEntryEnd(kind, end) ? emptyNode(token.end) : parser.parseNode(parser, 'flow'), hasColon: true };
}

/** `[key: value]` is a list with a map of one key. */
function parsePair(parser: Parser, { start }: Token): MapNode {
  const map: MapNode = { kind: 'map', isFlow: true, column: 0, pairs: [], start, end: start };
  const token = take(parser);
  const isEmpty = token.kind === 'value' || isEntryEnd(token.kind, 'flow-seq-end');
  const key = isEmpty ? emptyNode(token.end) : parser.parseNode(parser, 'flow');
  // As go-yaml does, which then finds no comma: `[? : a]` is refused.
  if (isEmpty) take(parser);
  addPair(map, { key, ...parseValue(parser, 'flow-seq-end', key.end) });
  return map;
}
