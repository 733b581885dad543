/** Writes src/wrapper/scripts.ts: the shell scripts as pods get them: without comments, otherwise as they are. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = new URL('../src/wrapper/', import.meta.url);

/** What the patch may spend on the three scripts together: they stand in every wrapped pod's spec. */
export const SIZE_LIMIT = 12 * 1024;

/** The script without comment lines and blank lines; refuses what that could change. */
export function strip(source: string): string {
  const lines = source.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
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

/** The text of src/wrapper/scripts.ts. */
export function scriptsModule(): string {
  const constants = ['run', 'guard', 'init'].map((name) => {
    const text = strip(readFileSync(new URL(`${name}.sh`, folder), 'utf8'));
    // A template literal keeps the generated file readable.
    const literal = text.replace(/[\\`]|\$(?=\{)/g, '\\$&');
    return `/** ${name}.sh */\nexport const ${name}Script = \`${literal}\`;\n`;
  });
  return `// Generated from run.sh, guard.sh and init.sh by scripts/embed-scripts.ts: change those.\n\n${constants.join('\n')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(new URL('scripts.ts', folder), scriptsModule());
}
