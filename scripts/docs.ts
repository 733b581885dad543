/**
 * Writes the tables that come from the code into README.md and docs/, between `<!-- table: NAME -->` and
 * `<!-- /table -->`. `node scripts/docs.ts` brings them up to date; a test fails while they are not.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../src/config-schema.ts';
import { optionTable } from '../src/decide/annotations.ts';
import { reasons, type SkipReason, unwrappable } from '../src/decide/reasons.ts';
import { knownSidecars } from '../src/decide/sidecars.ts';

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
export function renderDocs(): { file: string; current: string; rendered: string }[] {
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

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

if (process.argv[1] === import.meta.filename) {
  for (const { file, current, rendered } of renderDocs()) {
    if (current !== rendered) writeFileSync(join(root, file), rendered);
    console.log(`${file}: ${current === rendered ? 'up to date' : 'written'}`);
  }
}
