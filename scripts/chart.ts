/**
 * Writes what follows from the chart: the tables of its README and the descriptions in its schema, from the comments in values.yaml;
 * and the plain manifests in deploy/. `node scripts/chart.ts` brings them up to date. Tests fail if they are not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fetchHelms, template } from '../test/e2e/chart/helm.ts';
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

type Schema = { description?: string; properties?: Record<string, Schema> };

/** The schema by which Helm checks values. Editors show its descriptions. */
export function renderSchema(): Rendered {
  const file = join(chart, 'values.schema.json');
  const current = readFileSync(join(root, file), 'utf8');
  const schema: Schema = JSON.parse(current);
  for (const { path, comment } of readValues())
    describe(schema, path, comment.replace(/\[(.+?)\]\((.+?)\)/g, '$1 ($2)'));
  return { file, current, rendered: `${JSON.stringify(schema, null, 2)}\n` };
}

/** The manifests of the default values, in the namespace `clockout`: a file for each template. */
export async function renderDeploy(): Promise<Rendered[]> {
  const manifests = await template(4, { arguments: ['--skip-tests'] });
  const files = new Map<string, string[]>();
  for (const document of manifests.split(/^---\n/m)) {
    const [, name, text] = /^# Source: clockout\/templates\/(\S+)\n(.*)$/s.exec(document) ?? [];
    if (name && text) files.set(name, [...(files.get(name) ?? []), plain(text)]);
  }
  return [...files].map(([name, documents]) => {
    const file = join('deploy', name);
    const rendered = `# Made by scripts/chart.ts from the chart: change the chart instead.\n${documents.join('---\n')}`;
    return { file, current: existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '', rendered };
  });
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

function describe(schema: Schema, [name, ...rest]: string[], description: string): void {
  if (name === undefined) {
    schema.description = description;
    return;
  }
  const part = schema.properties?.[name];
  if (part) describe(part, rest, description);
}

const cellsOf = ({ path, comment, default: preset }: Value): string[] => [
  `\`${path.join('.')}\``,
  `\`${JSON.stringify(preset)}\``,
  comment,
];

/** Without the labels of objects that Helm manages. */
const plain = (text: string) =>
  `${text.replace(/^ +(app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .*)\n/gm, '').trimEnd()}\n`;

if (process.argv[1] === import.meta.filename) {
  await fetchHelms();
  writeRendered([renderReadme(), renderSchema(), ...(await renderDeploy())]);
}
