/**
 * `npm run fuzz -- [--seconds N] [--seed N] [--target NAME]`: looks for inputs for which a target does not hold. Each find is
 * shrunk, and written to corpus/, where `npm test` tries it from then on. Without a seed, each run tries other inputs.
 */
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { addToCorpus } from './corpus.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

/** @returns whether the target held */
async function fuzz({ name, inputs, check }: Target, seconds: number, seed: number): Promise<boolean> {
  let runs = 0;
  const property = fc.asyncProperty(inputs, async (input) => {
    runs++;
    await check(input);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: Number.POSITIVE_INFINITY,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  });
  if (!details.failed || !details.counterexample) {
    console.log(`${name}: ${runs.toLocaleString('en-US')} inputs, no find`);
    return true;
  }
  const file = addToCorpus(name, details.counterexample[0]);
  const reason =
    details.errorInstance instanceof Error ? (details.errorInstance.stack ?? '') : `${details.errorInstance}`;
  console.log(
    `${name}: a find after ${runs.toLocaleString('en-US')} inputs, in ${relative('.', file)}\n${reason.slice(0, 3000)}`,
  );
  return false;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '600' },
      seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
      target: { type: 'string', multiple: true },
    },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  const names = targets.map(({ name }) => name);
  const unknown = values.target?.filter((name) => !names.includes(name)) ?? [];
  if (!(seconds > 0) || !Number.isInteger(seed) || unknown.length > 0) {
    console.error(
      `expected --seconds N, --seed N and --target ${names.join('|')}; found ${process.argv.slice(2).join(' ')}`,
    );
    return 2;
  }
  const chosen = targets.filter(({ name }) => values.target?.includes(name) ?? true);
  console.log(`seed ${seed}, ${seconds} s for ${chosen.length} targets`);
  let finds = 0;
  for (const target of chosen) finds += (await fuzz(target, seconds / chosen.length, seed)) ? 0 : 1;
  return finds > 0 ? 1 : 0;
}

process.exitCode = await main();
