/** One node, with its anchor and tag. @see https://github.com/yaml/go-yaml/blob/v2.4.4/parserc.go */
import { type Collection, emptyNode, type MapNode, type ScalarNode, type SeqNode, type YamlNode } from '../nodes.ts';
import { fail, type Token } from '../scan/scanner.ts';
import { parseBlockMap, parseBlockSeq, parseIndentlessSeq } from './parse-block.ts';
import { parseFlowMap, parseFlowSeq } from './parse-flow.ts';
import { type Context, maxDepth, type Parser, peek, refuse, take } from './parser.ts';

/** If it cannot be parsed, the scanner has the failure, and the node stands for nothing. */
export function parseNode(parser: Parser, context: Context, indentless?: 'may be indentless'): YamlNode {
  const { scanner } = parser;
  if (parser.depth >= maxDepth) fail(scanner, peek(parser).start, `expected at most ${maxDepth} levels, found more`);
  parser.depth++;
  const node = peek(parser).kind === 'alias' ? parseAlias(parser) : parseContent(parser, context, indentless);
  parser.depth--;
  return node;
}

// --- internal ---

/** `end` is where the last of them ends; without one there are none. */
type Properties = { anchor?: string; tag: string; end?: number };

function parseAlias(parser: Parser): YamlNode {
  const { text: name = '', start, end } = peek(parser);
  const target = parser.anchors.get(name);
  take(parser);
  if (target) return { kind: 'alias', name, target, start, end };
  const advice = 'add it, or put the value in quotes';
  fail(parser.scanner, start, `expected an anchor &${name} before this alias, found none; ${advice}`);
  return emptyNode(start);
}

function parseContent(parser: Parser, context: Context, indentless: string | undefined): YamlNode {
  const { tag, end, anchor } = parseProperties(parser);
  const token = peek(parser);
  const node = createNode(token, { context, indentless, tag, end });
  if (!node) {
    refuse(parser, token, 'a value', 'add it, or put the value in quotes');
    return emptyNode(token.start);
  }
  if (anchor !== undefined) {
    node.anchor = anchor;
    // Before what is in it: an alias in it is refused only once it is expanded.
    parser.anchors.set(anchor, node);
  }
  if (node.kind === 'map') fillMap(parser, node);
  else if (node.kind === 'seq') fillSeq(parser, node, token);
  else if (token.kind === 'scalar') take(parser);
  return node;
}

type Expected = { context: Context; indentless: string | undefined; tag: string; end: number | undefined };

function createNode(
  token: Token,
  { context, indentless, tag, end: empty }: Expected,
): Collection | ScalarNode | undefined {
  const { kind, start, end, column = 0, text = '', style = 'plain' } = token;
  const isBlock = context === 'block';
  if (kind === 'scalar') {
    return { kind, start, end, text, style, tag, isImplicit: (tag === '' && style === 'plain') || tag === '!' };
  }
  if (kind === 'flow-map-start') return { kind: 'map', isFlow: true, column, pairs: [], start, end };
  if (kind === 'flow-seq-start') return { kind: 'seq', isFlow: true, column, items: [], start, end };
  if (isBlock && kind === 'block-map-start') return { kind: 'map', isFlow: false, column, pairs: [], start, end };
  const isSeq = (isBlock && kind === 'block-seq-start') || (indentless && kind === 'block-entry');
  if (isSeq) return { kind: 'seq', isFlow: false, column, items: [], start, end };
  return empty === undefined ? undefined : { ...emptyNode(empty), tag, isImplicit: tag === '' };
}

function fillMap(parser: Parser, map: MapNode): void {
  if (map.isFlow) parseFlowMap(parser, map);
  else parseBlockMap(parser, map);
}

function fillSeq(parser: Parser, seq: SeqNode, { kind }: Token): void {
  if (seq.isFlow) parseFlowSeq(parser, seq);
  else if (kind === 'block-entry') parseIndentlessSeq(parser, seq);
  else parseBlockSeq(parser, seq);
}

/** An anchor, a tag, or both in any order. */
function parseProperties(parser: Parser): Properties {
  // Most values have none.
  if (!isProperty(peek(parser))) return noProperties;
  const properties: Properties = { tag: '' };
  const seen = new Set<string>();
  for (let token = peek(parser); isProperty(token) && !seen.has(token.kind); token = take(parser)) {
    seen.add(token.kind);
    properties.end = token.end;
    if (token.kind === 'anchor') properties.anchor = token.text ?? '';
    else properties.tag = resolveTag(parser, token);
  }
  return properties;
}

const noProperties: Properties = { tag: '' };

const isProperty = ({ kind }: Token) => kind === 'anchor' || kind === 'tag';

function resolveTag({ scanner, tags }: Parser, { text: handle = '', suffix = '', start }: Token): string {
  if (handle === '') return suffix;
  const prefix = tags.get(handle);
  const tag = prefix === undefined ? '' : prefix + suffix;
  if (tag === '')
    fail(scanner, start, `expected a tag such as !!str, found ${handle}${suffix}; put the value in quotes`);
  return tag;
}
