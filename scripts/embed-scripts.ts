/** Writes src/inject/scripts.ts: the shell scripts as pods get them, without comments, indentation and long names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = new URL('../src/inject/', import.meta.url);

/** What the patch may spend on run.sh and guard.sh together: both stand in every wrapped pod's spec. */
export const SIZE_LIMIT = 4096;

/** The script without comment lines, blank lines and indentation; refuses what that could change. */
export function strip(source: string): string {
  const lines = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines) {
    const outsideQuotes = line.replace(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/g, '');
    if (/['"]|<<|\\$/.test(outsideQuotes)) {
      throw new Error(`expected quotes to open and close on one line, and no heredoc or \\ at the end: ${line}`);
    }
  }
  return lines.join('\n');
}

/** Gives the scripts' own variables and functions names of one letter; options keep theirs, since callers write them. */
export function shortenNames(sources: string[]): string[] {
  const options = ['name', 'port', 'wait', 'late', 'quit', 'delay', 'urls', 'guard', 'tell', 'term', 'to'];
  const names = (pattern: RegExp) => new Set(sources.join('\n').match(pattern));
  const taken = names(/\b_\w\b/g);
  const free = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
    .map((letter) => `_${letter}`)
    .filter((name) => !taken.has(name));
  const own = [...names(/\b_[a-z]{2,}\b/g)].filter((name) => !options.includes(name.slice(1)));
  if (own.length > free.length) throw new Error(`expected at most ${free.length} long names, found ${own.join(' ')}`);
  const short = new Map(own.map((name, i) => [name, free[i] ?? name]));
  return sources.map((source) => source.replace(/\b_[a-z]{2,}\b/g, (name) => short.get(name) ?? name));
}

/** The text of src/inject/scripts.ts. */
export function scriptsModule(): string {
  const read = (name: string) => strip(readFileSync(new URL(`${name}.sh`, folder), 'utf8'));
  // run and guard share variables.
  const [run = '', guard = ''] = shortenNames([read('run'), read('guard')]);
  const constants = Object.entries({ run, guard, init: read('init') }).map(([name, text]) => {
    // A template literal keeps the generated file readable.
    const literal = text.replace(/[\\`]|\$(?=\{)/g, '\\$&');
    return `/** ${name}.sh */\nexport const ${name}Script = \`${literal}\`;\n`;
  });
  return `// Generated from run.sh, guard.sh and init.sh by scripts/embed-scripts.ts: change those.\n\n${constants.join('\n')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(new URL('scripts.ts', folder), scriptsModule());
}
