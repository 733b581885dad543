/** Writes src/wrapper/scripts.json: the shell scripts as pods get them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = new URL('../src/wrapper/', import.meta.url);

/** The bytes that the patch may spend on the three scripts together: they are in every wrapped pod's spec. */
export const SIZE_LIMIT = 12 * 1024;

/** Names stay, so that the scripts can be read in a pod: only comments, blank lines and indentation go. */
export function strip(source: string): string {
  const lines = source
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const [i, line] of lines.entries()) {
    const outsideQuotes = line.replace(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/g, '');
    const emptyHeredoc = /<<E$/.test(line) && lines[i + 1] === 'E';
    if (/['"]|\\$/.test(outsideQuotes) || (outsideQuotes.includes('<<') && !emptyHeredoc)) {
      throw new Error(
        `expected quotes to open and close on one line, and no heredoc with text or \\ at the end: ${line}`,
      );
    }
  }
  return lines.join('\n');
}

/** The text of src/wrapper/scripts.json: the lines of each script. */
export function renderScripts(): string {
  const read = (file: string) => strip(readFileSync(new URL(file, folder), 'utf8')).split('\n');
  const scripts = { run: read('run.sh'), guard: read('guard.sh'), init: read('init.sh') };
  return `${JSON.stringify(scripts, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(new URL('scripts.json', folder), renderScripts());
}
