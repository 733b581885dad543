/** JSON, as nodes with their places. Kubernetes reads what starts with `{` as JSON first: `\/` and pairs of `\u` are no YAML. */
import { fail, ok, type Result } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';
import type { Collection, ScalarNode, YamlNode } from './nodes.ts';
import { maxDepth } from './parse/parser.ts';
import type { Failure } from './scan/scanner.ts';

/** `isJson`: the text is JSON nevertheless, so that Kubernetes does not read it as YAML. */
export type JsonFailure = Failure & { isJson: boolean };

/** One value that starts at an offset. */
export function parseJson(text: string, start: number): Result<YamlNode, JsonFailure> {
  const reader: Reader = { text, pos: start, failure: undefined, overflow: undefined };
  const root = parseValue(reader, 0);
  if (root && !reader.failure) return reader.overflow ? fail({ ...reader.overflow, isJson: true }) : ok(root);
  return fail({ ...(reader.failure ?? { offset: start, sentence: 'expected JSON' }), isJson: false });
}

// --- internal ---

type Reader = {
  readonly text: string;
  pos: number;
  failure: Failure | undefined;
  /** Of a number. */
  overflow: Failure | undefined;
};

function refuse(reader: Reader, expected: string): undefined {
  const char = reader.text.charAt(reader.pos);
  const found = char === '' ? 'the end of the document' : JSON.stringify(char);
  reader.failure ??= { offset: reader.pos, sentence: `expected ${expected}, found ${found}; correct it` };
  return undefined;
}

function skipBlanks(reader: Reader): string {
  while (' \t\r\n'.includes(reader.text.charAt(reader.pos)) && reader.pos < reader.text.length) reader.pos++;
  return reader.text.charAt(reader.pos);
}

function parseValue(reader: Reader, depth: number): YamlNode | undefined {
  if (depth >= maxDepth) return refuse(reader, `at most ${maxDepth} levels`);
  switch (skipBlanks(reader)) {
    case '{':
      return parseEntries(reader, { ...flow(reader), kind: 'map', pairs: [] }, '}', depth);
    case '[':
      return parseEntries(reader, { ...flow(reader), kind: 'seq', items: [] }, ']', depth);
    case '"':
      return parseString(reader);
    default:
      return parseWord(reader);
  }
}

const flow = ({ pos }: Reader) => ({ isFlow: true, column: 0, start: pos, end: pos });

function parseEntries(reader: Reader, node: Collection, bracket: string, depth: number): Collection | undefined {
  reader.pos++;
  if (skipBlanks(reader) !== bracket) {
    for (;;) {
      const isEntry = node.kind === 'map' ? parsePair(reader, node.pairs, depth) : parseItem(reader, node.items, depth);
      if (!isEntry) return undefined;
      const after = skipBlanks(reader);
      if (after === bracket) break;
      if (after !== ',') return refuse(reader, `"," or "${bracket}"`);
      reader.pos++;
    }
  }
  node.end = ++reader.pos;
  return node;
}

function parseItem(reader: Reader, items: YamlNode[], depth: number): boolean {
  const item = parseValue(reader, depth + 1);
  if (item) items.push(item);
  return item !== undefined;
}

function parsePair(
  reader: Reader,
  pairs: { key: YamlNode; value: YamlNode; hasColon: boolean }[],
  depth: number,
): boolean {
  if (skipBlanks(reader) !== '"') refuse(reader, 'a key in double quotes');
  const key = parseString(reader);
  if (!key || skipBlanks(reader) !== ':') {
    refuse(reader, '":"');
    return false;
  }
  reader.pos++;
  const value = parseValue(reader, depth + 1);
  if (value) pairs.push({ key, value, hasColon: true });
  return value !== undefined;
}

function parseString(reader: Reader): ScalarNode | undefined {
  const { text, pos: start } = reader;
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== 34; code = text.charCodeAt(++at)) {
    // Of no character at all, the code is NaN.
    if (!(code >= 32)) {
      reader.pos = at;
      return refuse(reader, 'a closing quote');
    }
    if (code === 92) at++;
  }
  reader.pos = at + 1;
  const value = parseQuoted(text.slice(start, at + 1));
  if (value === undefined) {
    reader.pos = start;
    return refuse(reader, 'a string with the escapes of JSON');
  }
  return { kind: 'scalar', start, end: at + 1, text: value, style: 'double', tag: '', isImplicit: false };
}

/** Halves of a surrogate pair become U+FFFD, as in Go. */
function parseQuoted(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted)).replace(/\p{Surrogate}/gu, '\ufffd');
  } catch {
    return undefined;
  }
}

function parseWord(reader: Reader): ScalarNode | undefined {
  const { pos: start } = reader;
  const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/y;
  word.lastIndex = start;
  const text = word.exec(reader.text)?.[0];
  if (text === undefined) return refuse(reader, 'a value');
  if (Math.abs(Number(text)) === Number.POSITIVE_INFINITY)
    reader.overflow ??= {
      offset: start,
      sentence: `expected a number that fits into 64 bits, found ${shortened(text, 40)}; write it as a string, or a smaller one`,
    };
  reader.pos += text.length;
  return { kind: 'scalar', start, end: reader.pos, text, style: 'plain', tag: '', isImplicit: true };
}
