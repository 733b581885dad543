/** YAML and JSON as kubectl reads them: what it takes is taken, what it refuses is refused, with the place in the file. */
import { fail, ok, type Result } from '../../util/result.ts';
import { parseDocuments } from './documents.ts';
import type { YamlNode } from './nodes.ts';
import type { Failure } from './scan/scanner.ts';
import { type DuplicateKey, readValue } from './values.ts';

/** The root of a document. */
export type YamlDocument = YamlNode;

export type Position = { line: number; col: number };

export type ParsedYaml = {
  documents: { node: YamlDocument; value: unknown }[];
  /** What Kubernetes reads otherwise than a person might. */
  warnings: string[];
  findPosition: (offset: number) => Position;
};

/** @param name of the file, for the problems: `file:line:column: sentence` */
export function parseYaml(name: string, text: string): Result<ParsedYaml, string[]> {
  const findPosition = createPositions(text);
  const at = (offset: number) => {
    const { line, col } = findPosition(offset);
    return `${line}:${col}`;
  };
  const refuse = ({ offset, sentence }: Failure) =>
    fail([`${name}:${at(offset)}: this is not valid YAML: ${sentence}`, ...listHints(text)]);
  const found = parseDocuments(text);
  if (!found.ok) return refuse(found.problem);

  const documents: ParsedYaml['documents'] = [];
  const warnings: string[] = [];
  for (const { root, rest } of found.value) {
    const read = readValue(root);
    if (!read.ok) return refuse(read.problem);
    documents.push({ node: root, value: read.value.value });
    warnings.push(...describeDuplicates(name, read.value.duplicates, at));
    if (rest !== undefined) {
      const advice = 'write a line with --- before it';
      warnings.push(`${name}:${at(rest)}: warning: Kubernetes does not read what follows in this document; ${advice}`);
    }
  }
  return ok({ documents, warnings, findPosition });
}

// --- internal ---

/** Lines and columns from 1. */
function createPositions(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, col: offset - (starts[low] ?? 0) + 1 };
  };
}

/** More of them say nothing new. */
const mostWarnings = 10;

function describeDuplicates(name: string, all: readonly DuplicateKey[], at: (offset: number) => string): string[] {
  const shown = all.slice(0, mostWarnings).map(({ key, first, last, isOfOneType }) => {
    const which = isOfOneType ? 'the last one' : 'either of them';
    const sentence = `the key ${quoteKey(key)} is in this map twice, first at ${at(first)}; Kubernetes reads ${which}`;
    return `${name}:${at(last)}: warning: ${sentence}`;
  });
  const more = all.length - shown.length;
  return more > 0 ? [...shown, `${name}: warning: ${more} more keys are in their map twice`] : shown;
}

const quoteKey = (key: string) => (/^[\w./-]{1,80}$/.test(key) ? key : JSON.stringify(key.slice(0, 80)));

const listHints = (text: string) =>
  text.split('\n').some(hasTemplate)
    ? ['It looks like a template: render it first, for example with `helm template`.']
    : [];

function hasTemplate(line: string): boolean {
  const start = line.indexOf('{{');
  return start >= 0 && line.includes('}}', start);
}
