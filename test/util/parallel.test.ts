import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RegistryProblem } from '../../src/oci/problem.ts';
import { inParallel } from '../../src/util/parallel.ts';
import type { Result } from '../../src/util/result.ts';

const problem = { kind: 'timeout', address: 'https://r/' } as const;

it('gives the answers in the order of the items, whichever come first, and asks no more at once than it may', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5)), fc.integer({ min: 1, max: 4 }), async (waits, limit) => {
      let [now, most] = [0, 0];
      const answers = await inParallel(waits, limit, async (wait): Promise<Result<number, RegistryProblem>> => {
        most = Math.max(most, ++now);
        for (let i = 0; i < wait; i++) await undefined;
        now--;
        return { ok: true, value: wait };
      });
      expect(answers).toEqual({ ok: true, value: waits });
      expect(most).toBeLessThanOrEqual(Math.min(limit, waits.length));
    }),
  ));

it('begins nothing after a problem', async () => {
  const asked: number[] = [];
  const answers = await inParallel([1, 2, 3, 4, 5, 6], 2, async (item): Promise<Result<number, RegistryProblem>> => {
    asked.push(item);
    return item === 3 ? { ok: false, problem } : { ok: true, value: item };
  });
  expect(answers).toEqual({ ok: false, problem });
  expect(asked.length).toBeLessThan(6);
});
