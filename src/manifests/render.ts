/** What goes to standard output, for each `-o`. Pure. */
import { styleText } from 'node:util';
import { collect, ok, type Result } from '../util/result.ts';
import { type AdmittedDocument, type AdmittedSource, listOperations } from './admit-manifests.ts';
import { type Rewritten, rewrite } from './rewrite.ts';
import { formatDiff } from './unified-diff.ts';

export type OutputForm = 'yaml' | 'json' | 'diff' | 'patch';

export function render(
  admitted: readonly AdmittedSource[],
  { output, color }: { output: OutputForm; color: boolean },
): Result<string, string[]> {
  switch (output) {
    case 'yaml':
      return mapRewritten(admitted, (all) => joinStreams(all.map(({ after }) => after)));
    case 'diff':
      return mapRewritten(admitted, (all) => renderDiffs(all, color));
    case 'json':
      return ok(printJson(toOneObject(admitted)));
    case 'patch':
      return ok(printJson(toPatch(admitted)));
  }
}

/** One YAML stream out of several: each text as it is, with a `---` where one is needed. */
export function joinStreams(texts: readonly string[]): string {
  return texts.reduce((stream, text) => {
    if (stream === '') return text;
    const next = text.replace(/^\ufeff/, '');
    if (next.trim() === '') return stream;
    const ended = stream.endsWith('\n') ? stream : `${stream}\n`;
    return ended + chooseSeparator(next) + next;
  }, '');
}

// --- internal ---

function chooseSeparator(next: string): string {
  if (/^(\s*(#.*)?\r?\n)*---(\s|$)/.test(next)) return '';
  // Directives may only follow the end of a document.
  return next.startsWith('%') ? '...\n' : '---\n';
}

function mapRewritten(
  admitted: readonly AdmittedSource[],
  use: (all: Rewritten[]) => string,
): Result<string, string[]> {
  const rewritten = collect(admitted.map(rewrite));
  return rewritten.ok ? ok(use(rewritten.value)) : rewritten;
}

function renderDiffs(rewritten: readonly Rewritten[], color: boolean): string {
  const text = rewritten.map(({ name, before, edits }) => formatDiff(name, before, edits)).join('');
  return color ? text.split('\n').map(paint).join('\n') : text;
}

const colors: Record<string, 'green' | 'red' | 'cyan'> = { '+': 'green', '-': 'red', '@': 'cyan' };

function paint(line: string): string {
  const format = colors[line.charAt(0)];
  return format ? styleText(format, line, { validateStream: false }) : line;
}

const printJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const listDocuments = (admitted: readonly AdmittedSource[]): AdmittedDocument[] =>
  admitted.flatMap(({ documents }) => documents).filter(({ after }) => after !== null);

function toOneObject(admitted: readonly AdmittedSource[]): unknown {
  const objects = listDocuments(admitted).map(({ after }) => after);
  return objects.length === 1 ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects };
}

/** For one document its operations; for several, a list that says which is whose. */
function toPatch(admitted: readonly AdmittedSource[]): unknown {
  const documents = listDocuments(admitted);
  if (documents.length === 1) return documents.flatMap(({ templates }) => templates.flatMap(listOperations));
  return admitted.flatMap(({ source, documents: own }) =>
    own
      .filter(({ templates }) => templates.length > 0)
      .map(({ document, templates }) => ({
        file: source.name,
        document: document.number,
        targets: templates.map(({ template: { apiVersion, kind, namespace, name } }) => ({
          apiVersion,
          kind,
          namespace,
          name,
        })),
        patch: templates.flatMap(listOperations),
      })),
  );
}
