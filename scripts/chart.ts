/**
 * Writes what follows from the chart: the tables of its README, from the comments in values.yaml, and the plain manifests in
 * deploy/. `node scripts/chart.ts` brings both up to date; tests fail while they are not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fetchHelms, template } from '../test/e2e/chart/helm.ts';
import { type Rendered, table, writeRendered } from './markdown.ts';

const root = join(import.meta.dirname, '..');
const chart = join('charts', 'clockout');

export type Value = { section: string; path: string[]; comment: string; default: unknown };

/** Every value that has a comment of its own, or none of whose parts has one; in the order of the file. */
export function readValues(text = readFileSync(join(root, chart, 'values.yaml'), 'utf8')): Value[] {
  const defaults = parse(text);
  const all = readKeys(text);
  const isBelow = (parent: string[], path: string[]) =>
    path.length > parent.length && parent.every((part, i) => path[i] === part);
  /** What a comment on the whole describes is one row. */
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
    const rows = values.filter((value) => value.section === section).map(rowOf);
    return `### ${section}\n\n${table(['Value', 'Default', 'Meaning'], rows)}`;
  });
  const rendered = current.replace(
    /(<!-- values -->\n).*(<!-- \/values -->)/s,
    (_all, begin: string, end: string) => `${begin}\n${tables.join('\n')}\n${end}`,
  );
  return { file, current, rendered };
}

/** The chart with nothing set, for the namespace `clockout`, a file for each of its templates. */
export async function renderDeploy(): Promise<Rendered[]> {
  const manifests = await template(4, { arguments: ['--skip-tests'] });
  const files = new Map<string, string[]>();
  for (const document of manifests.split(/^---\n/m)) {
    const [, name, text] = /^# Source: clockout\/templates\/(\S+)\n(.*)$/s.exec(document) ?? [];
    if (name && text) files.set(name, [...(files.get(name) ?? []), plain(text)]);
  }
  return [...files].map(([name, documents]) => {
    const file = join('deploy', name);
    const rendered = `# Made from the chart by scripts/chart.ts: change that.\n${documents.join('---\n')}`;
    return { file, current: existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '', rendered };
  });
}

// --- internal ---

type Key = { section: string; path: string[]; comment: string };

/** Line by line, since the comments matter: the file is our own, with two spaces for each level. */
function readKeys(text: string): Key[] {
  const keys: Key[] = [];
  let section = '';
  let comment: string[] = [];
  let path: string[] = [];
  for (const line of text.split('\n')) {
    const [, heading] = /^## (.+)$/.exec(line) ?? [];
    const [, remark] = /^ *# (.+)$/.exec(line) ?? [];
    const [, indent, key] = /^( *)([\w./-]+):/.exec(line) ?? [];
    if (heading) section = heading;
    if (remark) comment.push(remark);
    if (indent !== undefined && key) {
      path = [...path.slice(0, indent.length / 2), key];
      keys.push({ section, path, comment: comment.join(' ') });
    }
    if (!remark) comment = [];
  }
  return keys;
}

const rowOf = ({ path, comment, default: preset }: Value): string[] => [
  `\`${path.join('.')}\``,
  `\`${JSON.stringify(preset)}\``,
  comment,
];

/** Without what only Helm's own objects have. */
const plain = (text: string) =>
  `${text.replace(/^ +(app\.kubernetes\.io\/managed-by: Helm|helm\.sh\/chart: .*)\n/gm, '').trimEnd()}\n`;

if (process.argv[1] === import.meta.filename) {
  await fetchHelms();
  writeRendered([renderReadme(), ...(await renderDeploy())]);
}
