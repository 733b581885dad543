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

  it('has none while a replica and a namespace are being deleted', async () => {
    const deletionTimestamp = '2026-11-21T11:59:59Z';
    const examined = await examine('default', ({ find, objects }) => {
      const { metadata, ...replica } = structuredClone(find('Pod', 'clockout-1'));
      objects.push({
        ...replica,
        metadata: { ...metadata, name: 'clockout-0', deletionTimestamp },
        status: { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] },
      });
      const labels = { ...find('Namespace', 'shop').metadata.labels };
      objects.unshift({ kind: 'Namespace', metadata: { name: 'gone', labels, deletionTimestamp } });
    });
    expect(bad(examined)).toEqual([]);
    expect(examined.requests.filter((request) => request.includes('/gone/') || request.includes('clockout-0'))).toEqual(
      [],
    );
    expect(JSON.stringify(examined.found)).not.toContain('gone');
  });

  it('makes every check that needs no pod of its own', async () => {
    const { found } = await examine('default');
    expect(found.map(({ check }) => check.id)).toEqual(
      expect.arrayContaining(['admission', 'certificate', 'rights', 'wrapper-image']),
    );
    expect(found.length).toBeGreaterThan(20);
  });
});
