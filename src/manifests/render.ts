/** What goes to standard output, for each `-o`, file by file: of a file stays only its output. Pure. */
import { styleText } from 'node:util';
import { ok, type Result } from '../util/result.ts';
import { type AdmittedDocument, type AdmittedSource, listOperations } from './admit-manifests.ts';
import { printJson } from './print-json.ts';
import { type Rewritten, rewrite } from './rewrite.ts';
import { formatDiff } from './unified-diff.ts';

export type OutputForm = 'yaml' | 'json' | 'diff' | 'patch';

export type Output = {
  /** @returns every problem as a sentence, if there are any */
  add: (admitted: AdmittedSource) => Result<void, string[]>;
  /** Its parts, one after the other. */
  finish: () => string[];
};

export function createOutput(form: OutputForm, { color }: { color: boolean }): Output {
  switch (form) {
    case 'yaml':
      return createYaml();
    case 'diff':
      return createDiff(color);
    case 'json':
      return createJson();
    case 'patch':
      return createPatches();
  }
}

/** One YAML stream out of several: each text as it is, with a `---` where one is needed. */
export function createStream(): { add: (text: string) => void; parts: string[] } {
  const parts: string[] = [];
  let last = '';
  const push = (text: string) => {
    if (text === '') return;
    parts.push(text);
    last = text;
  };
  const add = (text: string) => {
    if (parts.length === 0) return push(text);
    const next = text.replace(/^\ufeff/, '');
    if (next.trim() === '') return;
    if (!last.endsWith('\n')) push('\n');
    push(chooseSeparator(next));
    push(next);
  };
  return { add, parts };
}

// --- internal ---

function chooseSeparator(next: string): string {
  return /^(\s*(#.*)?\r?\n)*---(\s|$)/.test(next) ? '' : '---\n';
}

function createYaml(): Output {
  const { add, parts } = createStream();
  return { add: (admitted) => useRewritten(admitted, ({ after }) => add(after)), finish: () => parts };
}

function createDiff(color: boolean): Output {
  const parts: string[] = [];
  const addDiff = ({ name, before, edits }: Rewritten) => {
    const text = formatDiff(name, before, edits);
    parts.push(color ? text.split('\n').map(paint).join('\n') : text);
  };
  return { add: (admitted) => useRewritten(admitted, addDiff), finish: () => parts };
}

function useRewritten(admitted: AdmittedSource, use: (rewritten: Rewritten) => void): Result<void, string[]> {
  const rewritten = rewrite(admitted);
  return rewritten.ok ? ok(use(rewritten.value)) : rewritten;
}

const colors: Record<string, 'green' | 'red' | 'cyan'> = { '+': 'green', '-': 'red', '@': 'cyan' };

function paint(line: string): string {
  const format = colors[line.charAt(0)];
  return format ? styleText(format, line, { validateStream: false }) : line;
}

const listDocuments = ({ documents }: AdmittedSource) => documents.filter(({ after }) => after !== null);

/** One object as it is, several as a list. */
function createJson(): Output {
  const objects: string[] = [];
  const add = (admitted: AdmittedSource) => {
    for (const { after } of listDocuments(admitted)) objects.push(printJson(after));
    return ok(undefined);
  };
  const finish = () => {
    if (objects.length === 1) return [...objects, '\n'];
    const [head = '', tail = ''] = printJson({ apiVersion: 'v1', kind: 'List', items: [] }).split('[]');
    if (objects.length === 0) return [head, '[]', tail, '\n'];
    // No string of JSON has a raw line break.
    const items = objects.map((object, i) => `${i === 0 ? '' : ','}\n    ${object.replaceAll('\n', '\n    ')}`);
    return [head, '[', ...items, '\n  ]', tail, '\n'];
  };
  return { add, finish };
}

/** For one document its operations; for several, a list that says which is whose. */
function createPatches(): Output {
  const patches: ReturnType<typeof describePatch>[] = [];
  let documents = 0;
  const add = (admitted: AdmittedSource) => {
    documents += listDocuments(admitted).length;
    const own = admitted.documents.filter(({ templates }) => templates.length > 0);
    patches.push(...own.map((document) => describePatch(admitted.source.name, document)));
    return ok(undefined);
  };
  const finish = () => [`${printJson(documents === 1 ? patches.flatMap(({ patch }) => patch) : patches)}\n`];
  return { add, finish };
}

const describePatch = (file: string, { document, templates }: AdmittedDocument) => ({
  file,
  document: document.number,
  targets: templates.map(({ template: { apiVersion, kind, namespace, name } }) => ({
    apiVersion,
    kind,
    namespace,
    name,
  })),
  patch: templates.flatMap(listOperations),
});
