/** The docs show what commands print. Those that need only the files of the repository are run here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { main } from '../../src/commands/program.ts';
import { literal } from './cross-section.ts';

const root = join(import.meta.dirname, '../..');
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));

type Shown = { page: string; command: string; output: string };

/** What follows each `$ clockout …` with a file of examples/, up to the next prompt. */
const readShown = (page: string): Shown[] =>
  [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```console\n(.*?)^```/gms)]
    .flatMap(([, block]) => `${block}`.split(/^\$ /m).slice(1))
    .map((text) => text.match(/^(.*?)\n(.*)$/s) ?? [])
    .map(([, command = '', output = '']) => ({ page, command, output }))
    .filter(({ command }) => /^clockout [^|]*-f examples\/[^|]*$/.test(command));

/** A `…` stands for the rest of a line. Alone on a line, it stands for lines. */
const patternOf = (output: string) =>
  new RegExp(
    `^${output
      .split(/^…\n/m)
      .map((lines) => lines.split('…').map(literal).join('.*'))
      .join('(?:.*\n)*')}$`,
  );

const wordsOf = (command: string) =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

async function run(command: string): Promise<string> {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const argv = wordsOf(command.replaceAll('examples/', `${root}/examples/`));
  await main(['node', ...argv], {}, { stdin: Readable.from([]), stdout: print, stderr: print });
  return printed.join('').replaceAll(`${root}/`, '');
}

it.each(pages.flatMap(readShown))('docs/$page shows what it prints: $command', async ({ command, output }) => {
  expect(await run(command)).toMatch(patternOf(output));
});

it('docs/frameworks.md names each manifest of examples/frameworks', () => {
  const page = readFileSync(join(root, 'docs/frameworks.md'), 'utf8');
  expect(readdirSync(join(root, 'examples/frameworks')).filter((file) => !page.includes(file))).toEqual([]);
});
