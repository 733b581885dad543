import { afterEach, expect, it } from 'vitest';
import { readObjects } from '../../../src/explain/live/read-objects.ts';
import { createApi } from '../../../src/kubernetes/api/api.ts';
import type { ApiServer } from '../../kubernetes/api-server.ts';
import { job, podOf, startCluster } from './cluster.ts';

let server: ApiServer;
afterEach(() => server.close());

async function read(objects: readonly object[], kinds: readonly ('Job' | 'Pod')[]) {
  server = await startCluster({ objects });
  return await readObjects(createApi(server.config), { kinds, namespaces: ['shop'], selector: undefined });
}

it('keeps at most 500 of a kind, and says how many there are', async () => {
  const jobs = Array.from({ length: 510 }, (_, i) => job(`j-${i}`));
  const { found, problems } = await read(jobs, ['Job']);
  expect(found).toHaveLength(500);
  expect(problems).toEqual(['there are 510 jobs, and only the first 500 are explained; select fewer']);
});

it('has a pod below its Job only, and one of another controller by itself', async () => {
  const stranger = podOf('gone');
  const { found } = await read([job('report'), podOf('report'), stranger], ['Job', 'Pod']);
  const names = ({ object }: { object: Record<string, unknown> }) => (object.metadata as { name: string }).name;
  expect(found.map(names)).toEqual(['report', 'gone-x7k2p']);
  expect(found[0]?.below.map(names)).toEqual(['report-x7k2p']);
  expect(found[0]?.below[0]?.owner).toBe('Job report');
});

it('takes no pod for one of a Job that only has its labels', async () => {
  const other = podOf('report');
  const [owner] = other.metadata.ownerReferences;
  const metadata = { ...other.metadata, ownerReferences: [{ ...owner, uid: 'other' }] };
  const { found } = await read([job('report'), { ...other, metadata }], ['Job']);
  expect(found[0]?.below).toEqual([]);
});
