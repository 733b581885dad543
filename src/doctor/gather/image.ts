/** Finds out whether nodes have the wrapper image, or can pull it. */
import type { Api } from '../../kubernetes/api/api.ts';
import { initContainerName } from '../../pod/names.ts';
import { listAt, textAt } from '../../util/find-value.ts';
import type { ImageFacts, Known, NodeFacts } from '../facts.ts';
import { listHaving } from '../image-name.ts';
import { listAll } from './installation.ts';

/** @param lookUp asks the registry, if not every node has the image */
export async function readImage(
  api: Api,
  reference: string,
  nodes: Known<readonly NodeFacts[]>,
  lookUp: ((reference: string) => Promise<ImageFacts['answer']>) | undefined,
): Promise<ImageFacts> {
  const waiting = await listWaiting(api);
  const linux = nodes.ok ? nodes.value.filter(({ os }) => os === 'linux') : [];
  const isEverywhere = linux.length > 0 && listHaving(linux, reference).length === linux.length;
  return { reference, waiting, answer: isEverywhere ? undefined : await lookUp?.(reference) };
}

// --- internal ---

/** A cluster may have many pods, but few that wait. */
const listWaiting = (api: Api): Promise<ImageFacts['waiting']> =>
  listAll(
    api,
    { resource: 'pods' },
    {
      fieldSelector: 'status.phase=Pending',
      read: (pod) => {
        const statuses = listAt(pod, 'status', 'initContainerStatuses');
        const init = statuses.find((each) => textAt(each, 'name') === initContainerName);
        const reason = textAt(init, 'state', 'waiting', 'reason');
        if (reason === undefined || !reason.includes('Image')) return undefined;
        const name = `${textAt(pod, 'metadata', 'namespace')}/${textAt(pod, 'metadata', 'name')}`;
        return { pod: name, says: `${reason}: ${textAt(init, 'state', 'waiting', 'message') ?? ''}` };
      },
    },
  );
