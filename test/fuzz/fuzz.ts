/**
 * `npm run fuzz -- [--seconds N] [--seed N] [--target NAME]`: looks for inputs for which a target does not hold. Each find is
 * shrunk, and written to corpus/, where `npm test` tries it from then on. Without a seed, each run tries other inputs.
 */
import { relative } from 'node:path';
import { Command, Option } from 'commander';
import fc from 'fast-check';
import { aboveZero, exitOnWrongUse, integer } from '../../scripts/tool-options.ts';
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

async function main({ seconds, seed, target: wanted }: Flags): Promise<number> {
  const chosen = targets.filter(({ name }) => wanted?.includes(name) ?? true);
  console.log(`seed ${seed}, ${seconds} s for ${chosen.length} targets`);
  let finds = 0;
  for (const target of chosen) finds += (await fuzz(target, seconds / chosen.length, seed)) ? 0 : 1;
  return finds > 0 ? 1 : 0;
}

type Flags = { seconds: number; seed: number; target?: string[] };

const program = new Command('fuzz')
  .description('looks for inputs for which a target does not hold; exit code 1 if it finds one')
  .option('--seconds <n>', 'how long, for all targets together', aboveZero, 600)
  .option('--seed <n>', 'of the inputs; without it, each run tries others', integer, Date.now() % 2 ** 31)
  .addOption(new Option('--target <name...>', 'only these').choices(targets.map(({ name }) => name)))
  .exitOverride(exitOnWrongUse)
  .parse();
process.exitCode = await main(program.opts<Flags>());
