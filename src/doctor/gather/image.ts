/** Finds out whether nodes have the wrapper image, or can pull it. */
import type { Api } from '../../kubernetes/api/api.ts';
import { initContainerName } from '../../pod/names.ts';
import { listAt, textAt } from '../../util/find-value.ts';
import { ok } from '../../util/result.ts';
import type { ImageFacts, Known, NodeFacts } from '../facts.ts';
import { isMirrored, isPulledAlways, listHaving } from '../image-name.ts';
import { listAll } from './installation.ts';

/** @param lookUp asks the registry, unless every node has the image and uses it */
export async function readImage(
  api: Api,
  reference: Known<string>,
  pullPolicy: string | undefined,
  nodes: Known<readonly NodeFacts[]>,
  lookUp: ((reference: string) => Promise<ImageFacts['answer']>) | undefined,
): Promise<ImageFacts> {
  if (!reference.ok) return { reference, isPulledAlways: false, waiting: ok([]), answer: undefined };
  const image = reference.value;
  const always = isPulledAlways(image, pullPolicy);
  const waiting = await listWaiting(api, image);
  const linux = nodes.ok ? nodes.value.filter(({ os }) => os === 'linux') : [];
  const isEverywhere = linux.length > 0 && listHaving(linux, image).length === linux.length;
  const answer = isEverywhere && !always ? undefined : await lookUp?.(image);
  return { reference, isPulledAlways: always, waiting, answer };
}

// --- internal ---

/** A cluster may have many pods, but few that wait; those of another installation may wait for another image. */
const listWaiting = (api: Api, image: string): Promise<ImageFacts['waiting']> =>
  listAll(
    api,
    { resource: 'pods' },
    {
      fieldSelector: 'status.phase=Pending',
      read: (pod) => {
        const own = (of: readonly unknown[]) => of.find((each) => textAt(each, 'name') === initContainerName);
        if (!isMirrored(textAt(own(listAt(pod, 'spec', 'initContainers')), 'image') ?? '', image)) return undefined;
        const init = own(listAt(pod, 'status', 'initContainerStatuses'));
        const reason = textAt(init, 'state', 'waiting', 'reason');
        if (reason === undefined || !reason.includes('Image')) return undefined;
        const name = `${textAt(pod, 'metadata', 'namespace')}/${textAt(pod, 'metadata', 'name')}`;
        return { pod: name, says: `${reason}: ${textAt(init, 'state', 'waiting', 'message') ?? ''}` };
      },
    },
  );
