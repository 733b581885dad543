/** Lists and maps in block style. @see https://github.com/yaml/go-yaml/blob/v2.4.4/parserc.go */
import { emptyNode, type MapNode, type Pair, type SeqNode, type YamlNode } from '../nodes.ts';
import { type Parser, peek, refuse, take } from './parser.ts';

export function parseBlockSeq(parser: Parser, seq: SeqNode): void {
  let token = take(parser);
  while (token.kind === 'block-entry') {
    const { end } = token;
    token = take(parser);
    const isEmpty = token.kind === 'block-entry' || token.kind === 'block-end';
    addItem(seq, isEmpty ? emptyNode(end) : parser.parseNode(parser, 'block'));
    token = peek(parser);
  }
  if (token.kind === 'block-end') take(parser);
  else refuse(parser, token, 'the next "- " of this list', 'start each item in the same column');
}

/** A list in the column of the key before it: it ends where the key's map goes on. */
export function parseIndentlessSeq(parser: Parser, seq: SeqNode): void {
  let token = peek(parser);
  while (token.kind === 'block-entry') {
    const { end } = token;
    token = take(parser);
    const isEmpty = ['block-entry', 'key', 'value', 'block-end'].includes(token.kind);
    addItem(seq, isEmpty ? emptyNode(end) : parser.parseNode(parser, 'block'));
    token = peek(parser);
  }
}

export function parseBlockMap(parser: Parser, map: MapNode): void {
  let token = take(parser);
  while (token.kind === 'key') {
    const key = parseAfter(parser);
    const hasColon = peek(parser).kind === 'value';
    const value = hasColon ? parseAfter(parser) : emptyNode(key.end);
    addPair(map, { key, value, hasColon });
    token = peek(parser);
  }
  if (token.kind === 'block-end') take(parser);
  else refuse(parser, token, 'the next key of this map', 'start each key in the same column, as "key: value"');
}

export function addItem(seq: SeqNode, item: YamlNode): void {
  seq.items.push(item);
  seq.end = item.end;
}

export function addPair(map: MapNode, pair: Pair): void {
  map.pairs.push(pair);
  map.end = pair.value.end;
}

// --- internal ---

/** What follows the mark of a key or a value. */
function parseAfter(parser: Parser): YamlNode {
  const { end } = peek(parser);
  const { kind } = take(parser);
  const isEmpty = kind === 'key' || kind === 'value' || kind === 'block-end';
  return isEmpty ? emptyNode(end) : parser.parseNode(parser, 'block', 'may be indentless');
}
