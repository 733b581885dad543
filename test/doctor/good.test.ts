/** Nothing is wrong with a good installation, whatever the values of the chart are. */
import { describe, expect, it } from 'vitest';
import { valuesFiles } from '../e2e/chart/manifests.ts';
import { examine } from './cluster.ts';

const bad = ({ found }: Awaited<ReturnType<typeof examine>>) =>
  found.filter(({ finding }) => finding.state !== 'ok').map(({ check, finding }) => [check.id, finding.says]);

describe('a good installation', () => {
  it.each(valuesFiles)('has no findings with the values %s', async (golden) => {
    expect(bad(await examine(golden))).toEqual([]);
  });

  it.each(['Fail', 'Ignore'] as const)('has none with failurePolicy %s', async (failurePolicy) => {
    const examined = await examine('default', ({ find }) => {
      for (const webhook of find('MutatingWebhookConfiguration', 'zz-clockout').webhooks)
        webhook.failurePolicy = failurePolicy;
    });
    expect(bad(examined)).toEqual([]);
  });

  it('makes every check that needs no pod of its own', async () => {
    const { found } = await examine('default');
    expect(found.map(({ check }) => check.id)).toEqual(
      expect.arrayContaining(['admission', 'certificate', 'rights', 'wrapper-image']),
    );
    expect(found.length).toBeGreaterThan(20);
  });
});
