/**
 * Writes the parts of the chart that follow from the comments in values.yaml, and from the settings in src/config/: the tables of its
 * README, its schema and templates/_settings.tpl. `node scripts/chart.ts` brings them up to date. A test fails if they are not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createSchemaRows, renderSettingsTemplate, type Schema } from './chart-settings.ts';
import { type Rendered, table, writeRendered } from './markdown.ts';

const root = join(import.meta.dirname, '..');
const chart = join('charts', 'clockout');

export type Value = Key & { default: unknown };

/** Every value that has a comment, or of which no part has one, in the order of the file. */
export function readValues(text = readFileSync(join(root, chart, 'values.yaml'), 'utf8')): Value[] {
  const defaults = parse(text);
  const all = readKeys(text);
  const isBelow = (parent: string[], path: string[]) =>
    path.length > parent.length && parent.every((part, i) => path[i] === part);
  const isPart = ({ path }: Key) => all.some((other) => other.comment !== '' && isBelow(other.path, path));
  const hasParts = ({ path, comment }: Key) => comment === '' && all.some((other) => isBelow(path, other.path));
  return all
    .filter((key) => !isPart(key) && !hasParts(key))
    .map((key) => ({ ...key, default: key.path.reduce((value, part) => value[part], defaults) }));
}

export function renderReadme(): Rendered {
  const file = join(chart, 'README.md');
  const current = readFileSync(join(root, file), 'utf8');
  const values = readValues();
  const sections = [...new Set(values.map(({ section }) => section))];
  const tables = sections.map((section) => {
    const rows = values.filter((value) => value.section === section).map(cellsOf);
    return `### ${section}\n\n${table(['Value', 'Default', 'Meaning'], rows)}`;
  });
  const rendered = current.replace(
    /(<!-- values -->\n).*(<!-- \/values -->)/s,
    (_all, begin: string, end: string) => `${begin}\n${tables.join('\n')}\n${end}`,
  );
  return { file, current, rendered };
}

/**
 * The schema by which Helm checks values. Editors show its descriptions. The rows of settings come from src/config/; you write the
 * others in the file itself. A row goes when its value goes.
 */
export function renderSchema(): Rendered {
  const file = join(chart, 'values.schema.json');
  const current = readFileSync(join(root, file), 'utf8');
  const rendered = completeSchema(JSON.parse(current), [], readValues(), createSchemaRows());
  for (const [path, instead] of readHabits()) addHabit(rendered ?? {}, path.split('.'), instead);
  return { file, current, rendered: `${JSON.stringify(rendered, null, 2)}\n` };
}

/** Values that other charts have: their paths, and what to write instead. */
export const readHabits = (): [path: string, instead: string][] =>
  Object.entries(parse(readFileSync(join(root, chart, 'files', 'habits.yaml'), 'utf8')));

/** The environment variables of the server that are values. */
export function renderSettings(): Rendered {
  const file = join(chart, 'templates', '_settings.tpl');
  const current = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
  return { file, current, rendered: renderSettingsTemplate() };
}

// --- internal ---

/** `example` is the YAML below `For example:` in the comment, or empty. */
type Key = { section: string; path: string[]; comment: string; example: string };

/** Line by line, because a YAML parser drops comments. The file indents each level by two spaces. */
function readKeys(text: string): Key[] {
  const keys: Key[] = [];
  let section = '';
  let comment: string[] = [];
  let path: string[] = [];
  for (const line of text.split('\n')) {
    const [, heading] = /^## (.+)$/.exec(line) ?? [];
    const [, remark] = /^ *# ?((?!#).*)$/.exec(line) ?? [];
    const [, indent, key] = /^( *)([\w./-]+):/.exec(line) ?? [];
    if (heading) section = heading;
    if (remark !== undefined) comment.push(remark);
    if (indent !== undefined && key) {
      path = [...path.slice(0, indent.length / 2), key];
      const [text = '', example = ''] = comment.join('\n').split(/\n*^For example.*\n/m);
      keys.push({ section, path, comment: text.replaceAll('\n', ' '), example });
    }
    if (remark === undefined) comment = [];
  }
  return keys;
}

/** The part of the schema at `path`: a value, or a group of values. Undefined if it is missing, which a test reports. */
function completeSchema(
  schema: Schema | undefined,
  path: string[],
  values: Value[],
  rows: ReadonlyMap<string, Schema>,
): Schema | undefined {
  const [first] = values;
  if (first?.path.length === path.length) {
    const row = rows.get(path.join('.')) ?? schema;
    return row && { ...row, description: first.comment.replace(/\[(.+?)\]\((.+?)\)/g, '$1 ($2)') };
  }
  const byName = Map.groupBy(values, (value) => value.path[path.length] ?? '');
  const properties = [...byName].map(([name, below]) => [
    name,
    completeSchema(schema?.properties?.[name], [...path, name], below, rows),
  ]);
  const group = schema ?? { type: 'object', additionalProperties: false };
  return { ...group, properties: Object.fromEntries(properties) };
}

/** Any value is right for the schema: a template refuses it, with a sentence. */
function addHabit(schema: Schema, [name = '', ...rest]: string[], instead: string): void {
  const below = schema.properties?.[name];
  if (below?.properties && rest.length > 0) addHabit(below, rest, instead);
  else schema.properties = { ...schema.properties, [name]: { description: `Not a value here. ${instead}` } };
}

const cellsOf = ({ path, comment, default: preset }: Value): string[] => [
  `\`${path.join('.')}\``,
  `\`${JSON.stringify(preset)}\``,
  comment,
];

if (process.argv[1] === import.meta.filename) writeRendered([renderReadme(), renderSchema(), renderSettings()]);
