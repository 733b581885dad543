/** What goes to standard output, for each `-o`. Pure. */
import { styleText } from 'node:util';
import { type AdmittedDocument, type AdmittedSource, operationsOf } from './admit-manifests.ts';
import type { Result } from './find-pods.ts';
import { type Rewritten, rewrite } from './rewrite.ts';
import { unifiedDiff } from './unified-diff.ts';

export type OutputForm = 'yaml' | 'json' | 'diff' | 'patch';

export function render(
  admitted: readonly AdmittedSource[],
  { output, color }: { output: OutputForm; color: boolean },
): Result<string> {
  switch (output) {
    case 'yaml':
      return withRewritten(admitted, (all) => joinStreams(all.map(({ after }) => after)));
    case 'diff':
      return withRewritten(admitted, (all) => diffs(all, color));
    case 'json':
      return { ok: true, value: printJson(asOneObject(admitted)) };
    case 'patch':
      return { ok: true, value: printJson(asPatch(admitted)) };
  }
}

/** One YAML stream out of several: each text as it is, with a `---` where one is needed. */
export function joinStreams(texts: readonly string[]): string {
  return texts.reduce((stream, text) => {
    if (stream === '') return text;
    const next = text.replace(/^\ufeff/, '');
    if (next.trim() === '') return stream;
    const ended = stream.endsWith('\n') ? stream : `${stream}\n`;
    return ended + separator(next) + next;
  }, '');
}

// --- internal ---

function separator(next: string): string {
  if (/^(\s*(#.*)?\r?\n)*---(\s|$)/.test(next)) return '';
  // Directives may only follow the end of a document.
  return next.startsWith('%') ? '...\n' : '---\n';
}

function withRewritten(admitted: readonly AdmittedSource[], use: (all: Rewritten[]) => string): Result<string> {
  const rewritten = admitted.map(rewrite);
  const problems = rewritten.flatMap((one) => (one.ok ? [] : one.problems));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: use(rewritten.flatMap((one) => (one.ok ? [one.value] : []))) };
}

function diffs(rewritten: readonly Rewritten[], color: boolean): string {
  const text = rewritten.map(({ name, before, edits }) => unifiedDiff(name, before, edits)).join('');
  return color ? text.split('\n').map(paint).join('\n') : text;
}

function paint(line: string): string {
  const format = line.startsWith('+')
    ? 'green'
    : line.startsWith('-')
      ? 'red'
      : line.startsWith('@')
        ? 'cyan'
        : undefined;
  return format ? styleText(format, line, { validateStream: false }) : line;
}

const printJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const documentsOf = (admitted: readonly AdmittedSource[]): AdmittedDocument[] =>
  admitted.flatMap(({ documents }) => documents).filter(({ after }) => after !== null);

function asOneObject(admitted: readonly AdmittedSource[]): unknown {
  const objects = documentsOf(admitted).map(({ after }) => after);
  return objects.length === 1 ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects };
}

/** For one document its operations; for several, a list that says which is whose. */
function asPatch(admitted: readonly AdmittedSource[]): unknown {
  const documents = documentsOf(admitted);
  if (documents.length === 1) return documents.flatMap(patchOf);
  return admitted.flatMap(({ source, documents: own }) =>
    own
      .filter(({ templates }) => templates.length > 0)
      .map((admittedDocument) => {
        const { document, templates } = admittedDocument;
        const targets = templates.map(({ template: { apiVersion, kind, namespace, name } }) => ({
          apiVersion,
          kind,
          namespace,
          name,
        }));
        return { file: source.name, document: document.number, targets, patch: patchOf(admittedDocument) };
      }),
  );
}

const patchOf = ({ templates }: AdmittedDocument) =>
  templates.flatMap(({ template, outcome }) => operationsOf(template, outcome));
