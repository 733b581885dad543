/** The first document of a text. @see https://github.com/yaml/go-yaml/blob/v2.4.4/parserc.go */
import { fail as failed, ok, type Result } from '../../../util/result.ts';
import type { YamlNode } from '../nodes.ts';
import { createScanner, type Failure, fail, type Token } from '../scan/scanner.ts';
import { parseNode } from './parse-node.ts';
import { type Parser, peek, refuse, take } from './parser.ts';

/** `rest` is where the text goes on behind the document, if it does: Kubernetes does not read on. */
export type ParsedDocument = { root: YamlNode | undefined; rest?: number };

/** @param start and `end`: offsets of the document in the text */
export function parseDocument(text: string, start: number, end: number): Result<ParsedDocument, Failure> {
  const scanner = createScanner(text, start, end);
  const parser: Parser = { scanner, tags: new Map(), anchors: new Map(), depth: 0, parseNode };
  const isExplicit = parseDirectives(parser);
  const { kind } = peek(parser);
  const isEmpty = isExplicit ? afterDocument.has(kind) : kind === 'stream-end';
  const root = isEmpty ? undefined : parseNode(parser, 'block');
  const last = peek(parser);
  if (scanner.failure) return failed(scanner.failure);
  const rest = findRest(text, last, end);
  return ok({ root, ...(rest !== undefined && { rest }) });
}

// --- internal ---

const afterDocument = new Set<Token['kind']>([
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end',
]);

/** @returns whether the document starts with `---` */
function parseDirectives(parser: Parser): boolean {
  const { scanner, tags } = parser;
  let token = peek(parser);
  let versions = 0;
  for (; token.kind === 'version-directive' || token.kind === 'tag-directive'; token = take(parser)) {
    const { kind, text = '', suffix = '', start } = token;
    const isSecond = kind === 'tag-directive' ? tags.has(text) : versions++ > 0;
    if (isSecond) fail(scanner, start, 'expected this directive once, found it twice; remove one');
    if (kind === 'tag-directive') tags.set(text, suffix);
    else if (text !== '1.1') fail(scanner, start, `expected YAML 1.1, found ${text}; remove the %YAML line`);
  }
  const hasDirectives = versions + tags.size > 0;
  for (const [handle, prefix] of defaultTags) if (!tags.has(handle)) tags.set(handle, prefix);
  const isExplicit = token.kind === 'document-start';
  if (isExplicit) take(parser);
  else if (hasDirectives) refuse(parser, token, '"---" after the directives', noDirectives);
  return isExplicit;
}

/** It takes the line with `---` as the end of a document before it. */
const noDirectives = 'kubectl reads no directives: remove the lines that start with %';

const defaultTags = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
] as const;

function findRest(text: string, { kind, start, end: tokenEnd }: Token, end: number): number | undefined {
  if (kind === 'stream-end') return undefined;
  const from = kind === 'document-end' ? tokenEnd : start;
  const skipped = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*(?=[^\s#])/.exec(text.slice(from, end));
  return skipped ? from + skipped[0].length : undefined;
}
