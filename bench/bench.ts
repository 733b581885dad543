/**
 * `npm run bench -- [PART…] [--rounds N] [--connections N,…] [--reviews N] [--jobs N] [--results DIR]`: measures each part in turn with
 * its reference, and writes docs/benchmarks.md. Parts that are not named keep their last result. `--render` only writes the page.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { renderPage, renderPictures } from './page.ts';
import { parts } from './parts.ts';
import type { Options, Result } from './result.ts';

const root = join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    connections: { type: 'string', default: '1,10,50,200' },
    reviews: { type: 'string', default: '50000' },
    jobs: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '200' },
    results: { type: 'string', default: join(root, 'bench/results') },
    render: { type: 'boolean', default: false },
  },
});

const unknown = positionals.filter((name) => parts.every((part) => part.name !== name));
if (unknown.length > 0) {
  console.error(`expected parts out of ${parts.map(({ name }) => name).join(', ')}; found ${unknown.join(', ')}`);
  process.exit(2);
}

const numberOf = (name: 'rounds' | 'reviews' | 'jobs' | 'minutes' | 'rate') => readNumber(name, values[name]);
const options: Options = {
  rounds: numberOf('rounds'),
  connections: values.connections.split(',').map((text) => readNumber('connections', text)),
  reviews: numberOf('reviews'),
  jobs: numberOf('jobs'),
  minutes: numberOf('minutes'),
  rate: numberOf('rate'),
};
mkdirSync(values.results, { recursive: true });
const fileOf = (part: string) => join(values.results, `${part}.json`);

// What has been started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const isWanted = ({ name, onlyByName }: (typeof parts)[number]) =>
  !values.render && (positionals.includes(name) || (positionals.length === 0 && !onlyByName));

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

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  console.error(`--${name}: expected a number above 0, found ${text}`);
  process.exit(2);
}
