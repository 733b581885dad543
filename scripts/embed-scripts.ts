/** Writes src/wrapper/scripts.ts: the shell scripts as pods get them. */
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

/** The text of src/wrapper/scripts.ts. */
export function scriptsModule(): string {
  const constants = [
    { file: 'run.sh', name: 'runTraced' },
    { file: 'guard.sh', name: 'guardTraced' },
    { file: 'init.sh', name: 'init' },
  ].map(({ file, name }) => {
    const text = strip(readFileSync(new URL(file, folder), 'utf8'));
    // A template literal keeps the generated file readable.
    const literal = text.replace(/[\\`]|\$(?=\{)/g, '\\$&');
    return `/** ${file} */\nexport const ${name}Script = \`${literal}\`;\n`;
  });
  return `${header}\n${constants.join('\n')}\n${usual}`;
}

const header = '// Generated from run.sh, guard.sh and init.sh by scripts/embed-scripts.ts: change those.\n';

/** The scripts of a pod without `clockout.dev/trace: "true"`, which pays no byte for it. */
const usual = `const withoutTrace = (script: string) => script.replace(/^_trace\\b.*\\n/gm, '');

/** run.sh, without the lines that say what it decides */
export const runScript = withoutTrace(runTracedScript);

/** guard.sh, without the lines that say what it decides */
export const guardScript = withoutTrace(guardTracedScript);
`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(new URL('scripts.ts', folder), scriptsModule());
}
