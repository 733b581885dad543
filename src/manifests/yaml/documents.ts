/**
 * Where the documents of a text start and end, as kubectl finds them: lines with `---` end a document, and a text that
 * starts with `{` is read as JSON values one after the other, as far as it is JSON.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.36.2/pkg/util/yaml/decoder.go
 */
import { fail, ok, type Result } from '../../util/result.ts';
import { parseJson } from './json.ts';
import type { YamlNode } from './nodes.ts';
import { parseDocument } from './parse/parse-document.ts';
import type { Failure } from './scan/scanner.ts';

/** `rest` is where the text goes on behind it, if Kubernetes does not read on. */
export type FoundDocument = { root: YamlNode; rest?: number };

/** Without documents that hold nothing. */
export function parseDocuments(text: string): Result<FoundDocument[], Failure> {
  const json = startsAsJson.test(text) ? parseJsonValues(text) : { documents: [], end: 0 };
  if ('failure' in json) return fail(json.failure);
  const documents: FoundDocument[] = json.documents;
  const control = text.search(controlCharacter);
  for (const found of splitDocuments(text, json.end)) {
    if (!found.ok) return found;
    const { start, end } = found.value;
    if (control >= start && control < end) return failControl(text, control);
    const parsed = parseDocument(text, start, end);
    if (!parsed.ok) return parsed;
    const { root, rest } = parsed.value;
    if (root) documents.push({ root, ...(rest !== undefined && { rest }) });
  }
  return ok(documents);
}

// --- internal ---

/** What Go takes for white space. */
const space = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const startsAsJson = new RegExp(`^${space}*\\{`);
const isSpace = new RegExp(space);
const spaceAround = new RegExp(`^${space}+|${space}+$`, 'g');

/** @see https://yaml.org/spec/1.1/#c-printable */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

function failControl(text: string, offset: number): Result<never, Failure> {
  const code = text.charCodeAt(offset).toString(16).padStart(4, '0');
  const sentence = `expected text, found the control character U+${code.toUpperCase()}; remove it, or write it as \\u${code} in double quotes`;
  return fail({ offset, sentence });
}

type JsonValues = { documents: FoundDocument[]; end: number };

/** @returns the values, and where YAML starts: at the end if all is JSON */
function parseJsonValues(text: string): JsonValues | { failure: Failure } {
  const documents: FoundDocument[] = [];
  for (let end = 0; ; ) {
    const start = skipJsonBlanks(text, end);
    if (start === text.length) return { documents, end: start };
    const parsed = parseJson(text, start);
    if (parsed.ok) {
      documents.push({ root: parsed.value });
      end = parsed.value.end;
      continue;
    }
    const yaml = documents.length > 1 || parsed.problem.isJson ? undefined : findYaml(text, end);
    return yaml === undefined ? { failure: parsed.problem } : { documents, end: yaml };
  }
}

function skipJsonBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/** Past white space up to the end of its line. Where less than four bytes are left, kubectl gives up. */
function findYaml(text: string, from: number): number | undefined {
  for (let at = from; Buffer.byteLength(text.slice(at, at + 4)) >= 4; at++) {
    if (text.charAt(at) === '\n') return at + 1;
    if (!isSpace.test(text.charAt(at))) return at;
  }
  return undefined;
}

type Span = { start: number; end: number };

/** A line with `---` belongs to the document after it only if there is none before it. */
function* splitDocuments(text: string, from: number): Generator<Result<Span, Failure>> {
  let start: number | undefined;
  for (let line = from; line < text.length; ) {
    if (!text.startsWith('---', line)) {
      start ??= line;
      const mark = text.indexOf('\n---', line);
      line = mark < 0 ? text.length : mark + 1;
      continue;
    }
    const newline = text.indexOf('\n', line);
    const next = newline < 0 ? text.length : newline + 1;
    const behind = text.slice(line + 3, next).replace(spaceAround, '');
    if (behind !== '' && !behind.startsWith('#')) return yield failSeparator(line, behind);
    if (start === undefined) start = line;
    else {
      yield ok({ start, end: line });
      start = undefined;
    }
    line = next;
  }
  if (start !== undefined) yield ok({ start, end: text.length });
}

const failSeparator = (offset: number, found: string): Result<never, Failure> => {
  const shown = JSON.stringify(found.slice(0, 40));
  return fail({
    offset,
    sentence: `expected nothing but a comment after ---, found ${shown}; put it on the next line`,
  });
};
