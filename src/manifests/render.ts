/** What goes to standard output, for each `-o`, file by file: of a file stays only its output. Pure. */
import { paint } from '../util/paint.ts';
import { ok, type Result } from '../util/result.ts';
import { type AdmittedDocument, type AdmittedSource, listOperations } from './admit-manifests.ts';
import { type KeptTexts, keepTexts } from './kept-texts.ts';
import { printJson } from './print-json.ts';
import { type Rewritten, rewrite } from './rewrite.ts';
import { planRecords } from './undo/add-records.ts';
import { formatDiff } from './unified-diff.ts';

export type OutputForm = 'yaml' | 'json' | 'diff' | 'patch';

export type Output = {
  /** @returns every problem as a sentence, if there are any */
  add: (admitted: AdmittedSource) => Result<void, string[]>;
  /** Its parts, one after the other. */
  finish: () => Iterable<string>;
};

export function createOutput(form: OutputForm, { color }: { color: boolean }): Output {
  if (form === 'patch') return createPatches();
  if (form === 'json') {
    const { add, finish } = createObjects();
    return { add: ({ documents }) => ok(add(documents.map(({ after }) => after))), finish };
  }
  const { add, finish } = createTexts(form, { color });
  const addRewritten = (admitted: AdmittedSource) => {
    const rewritten = rewrite(planRecords(admitted));
    return rewritten.ok ? ok(add(rewritten.value)) : rewritten;
  };
  return { add: addRewritten, finish };
}

type Of<T> = { add: (one: T) => void; finish: () => Iterable<string> };

export const createTexts = (form: 'yaml' | 'diff', { color }: { color: boolean }): Of<Rewritten> =>
  form === 'yaml' ? createYaml() : createDiff(color);

/** One object as it is, several as a list, each indented only when its turn comes. Empty documents are left out. */
export function createObjects(): Of<readonly unknown[]> {
  const objects = keepTexts();
  const add = (values: readonly unknown[]) => {
    for (const value of values) if (value !== null) objects.add(printJson(value));
  };
  return { add, finish: () => (objects.count() === 1 ? [...objects.list(), '\n'] : printList(objects)) };
}

/** One YAML stream out of several: each text as it is, with a `---` where one is needed. */
export function createStream(): Of<string> {
  const parts = keepTexts();
  let last = '';
  const push = (text: string) => {
    if (text === '') return;
    parts.add(text);
    last = text;
  };
  const add = (text: string) => {
    if (last === '') return push(text);
    const next = text.replace(/^\ufeff/, '');
    if (next.trim() === '') return;
    if (!last.endsWith('\n')) push('\n');
    push(chooseSeparator(next));
    push(next);
  };
  return { add, finish: parts.list };
}

// --- internal ---

function* printList(objects: KeptTexts): Generator<string> {
  const [head = '', tail = ''] = printJson({ apiVersion: 'v1', kind: 'List', items: [] }).split('[]');
  yield `${head}[`;
  // No string of JSON has a raw line break.
  let separator = '';
  for (const object of objects.list()) {
    yield `${separator}\n    ${object.replaceAll('\n', '\n    ')}`;
    separator = ',';
  }
  yield `${objects.count() === 0 ? '' : '\n  '}]${tail}\n`;
}

function chooseSeparator(next: string): string {
  return /^(\s*(#.*)?\r?\n)*---(\s|$)/.test(next) ? '' : '---\n';
}

function createYaml(): Of<Rewritten> {
  const { add, finish } = createStream();
  return { add: ({ after }) => add(after), finish };
}

function createDiff(color: boolean): Of<Rewritten> {
  const parts: string[] = [];
  const add = ({ name, before, edits }: Rewritten) => {
    const text = formatDiff(name, before, edits);
    parts.push(color ? text.split('\n').map(paintLine).join('\n') : text);
  };
  return { add, finish: () => parts };
}

const colors: Record<string, 'green' | 'red' | 'cyan'> = { '+': 'green', '-': 'red', '@': 'cyan' };

function paintLine(line: string): string {
  const format = colors[line.charAt(0)];
  return format ? paint(format, line) : line;
}

const listDocuments = ({ documents }: AdmittedSource) => documents.filter(({ after }) => after !== null);

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
