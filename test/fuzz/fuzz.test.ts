/** Every find stays mended, and every target holds for some inputs that are the same on each run. `npm run fuzz` tries more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numRuns } from '../support/runs.ts';
import { readCorpus } from './corpus.ts';
import { targets } from './targets.ts';

describe.each(targets)('$name', ({ name, inputs, check }) => {
  it.each(readCorpus(name))('holds for $file', ({ input }) => check(input));

  it('holds for some inputs', () =>
    fc.assert(
      fc.asyncProperty(inputs, async (input) => void (await check(input))),
      { seed: 1, numRuns: numRuns(150) },
    ));

  it('has inputs of which not all are refused alike', () => {
    const texts = fc.sample(inputs, { seed: 1, numRuns: 50 }).map((input) => JSON.stringify(input));
    expect(new Set(texts).size).toBeGreaterThan(20);
  });
});
