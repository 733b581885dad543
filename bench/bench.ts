/**
 * `npm run bench -- [PART…] [--rounds N] [--connections N,…] [--reviews N] [--jobs N] [--results DIR]`: measures each part in turn with
 * its reference, and writes docs/benchmarks.md. Parts that are not named keep their last result. `--render` only writes the page.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { aboveZero, exitOnWrongUse } from '../scripts/tool-options.ts';
import { describeMachine } from './machine.ts';
import { renderPage, renderPictures } from './page.ts';
import { parts } from './parts.ts';
import type { Options, Result } from './result.ts';

const root = join(import.meta.dirname, '..');

type Flags = Options & { results: string; render: boolean };

const connections = (text: string) => text.split(',').map(aboveZero);
const program = new Command('bench')
  .description('measures each part in turn with its reference, and writes docs/benchmarks.md')
  .addArgument(
    new Argument('[part...]', 'only these; the others keep their last result').choices(parts.map(({ name }) => name)),
  )
  .option('--rounds <n>', 'of each measurement', aboveZero, 9)
  .option('--connections <n,…>', 'of the clients', connections, [1, 10, 50, 200])
  .option('--reviews <n>', 'for the memory', aboveZero, 50_000)
  .option('--jobs <n>', 'of each kind', aboveZero, 20)
  .option('--minutes <n>', 'of the soak', aboveZero, 30)
  .option('--rate <n>', 'of the soak, in reviews a second', aboveZero, 200)
  .option('--results <dir>', 'where the results are', join(root, 'bench/results'))
  .option('--render', 'only write the page', false)
  .exitOverride(exitOnWrongUse)
  .parse();
const { results: folder, render, ...options } = program.opts<Flags>();
const named: readonly string[] = program.processedArgs[0];

mkdirSync(folder, { recursive: true });
const fileOf = (part: string) => join(folder, `${part}.json`);

// What has been started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const isWanted = ({ name, onlyByName }: (typeof parts)[number]) =>
  !render && (named.includes(name) || (named.length === 0 && !onlyByName));

for (const part of parts.filter(isWanted)) {
  const machine = describeMachine();
  console.error(`${part.name}: measuring`);
  const found = await (await part.load())(options);
  const result: Result = { part: part.name, date: new Date().toISOString().slice(0, 10), machine, ...found };
  writeFileSync(fileOf(part.name), `${JSON.stringify(result, undefined, 1)}\n`);
  console.error(
    'notRun' in found ? `${part.name}: not run: ${found.notRun}` : JSON.stringify(found.tables, undefined, 1),
  );
}

const results: Result[] = parts
  .map(({ name }) => fileOf(name))
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')));
writeFileSync(join(root, 'docs/benchmarks.md'), renderPage(parts, results));
for (const { file, text } of renderPictures(results)) writeFileSync(join(root, file), text);
