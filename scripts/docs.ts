/**
 * Writes the tables that come from the code into README.md and docs/, between `<!-- table: NAME -->` and
 * `<!-- /table -->`. `node scripts/docs.ts` brings them up to date; a test fails while they are not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../src/config-schema.ts';
import { optionTable } from '../src/decide/annotations.ts';
import { knownSidecars } from '../src/decide/known-sidecars.ts';
import { reasons, type SkipReason, unwrappable } from '../src/decide/reasons.ts';

import { type Rendered, table, writeRendered } from './markdown.ts';

const root = join(import.meta.dirname, '..');

const tables: Record<string, () => string> = {
  settings: () =>
    table(
      ['Variable', 'Flag', 'Default', 'Value', 'Meaning'],
      settings.map(({ variable, flag, default: preset, expects, description }) => [
        `\`${variable}\``,
        `\`${flag}\``,
        preset === undefined ? '–' : `\`${preset}\``,
        expects,
        description,
      ]),
    ),
  annotations: () =>
    table(
      ['Annotation', 'Value', 'Default', 'Meaning'],
      Object.entries(optionTable).map(([name, { expected, default: preset, about }]) => [
        `\`clockout.dev/${name}\``,
        expected,
        preset,
        about,
      ]),
    ),
  reasons: () =>
    table(
      ['Reason', 'What it means', 'Warned about'],
      Object.entries(reasons).map(([token, sentence]) => [
        `\`${token}\``,
        sentence,
        unwrappable.has(token as SkipReason) ? 'yes' : 'no',
      ]),
    ),
  sidecars: () =>
    table(
      ['Sidecar', 'Container', 'Ended by'],
      knownSidecars.map(({ title, recognised, ended, source }) => [`[${title}](${source})`, recognised, ended]),
    ),
};

/** Every document that has such a table, with its text as it is and as it should be. */
export function renderDocs(): Rendered[] {
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')).map((name) => join('docs', name)) : [];
  return ['README.md', ...docs]
    .filter((file) => file.endsWith('.md') && existsSync(join(root, file)))
    .map((file) => {
      const current = readFileSync(join(root, file), 'utf8');
      return { file, current, rendered: renderTables(current, file) };
    });
}

function renderTables(text: string, file: string): string {
  return text.replace(/(<!-- table: (\w+) -->\n).*?(<!-- \/table -->)/gs, (_all, begin: string, name: string, end) => {
    const render = tables[name];
    if (!render) throw new Error(`${file}: expected a table of ${Object.keys(tables).join(' or ')}, found ${name}`);
    return `${begin}\n${render()}\n${end}`;
  });
}

if (process.argv[1] === import.meta.filename) writeRendered(renderDocs());
