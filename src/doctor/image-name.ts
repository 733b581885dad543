/** Names of images, as manifests and as nodes write them. Pure. */
import { shortened } from '../util/text.ts';
import type { NodeFacts } from './facts.ts';

/** With the first digits of its digest. */
export const showImage = (reference: string): string =>
  shortened(reference.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1…'), 200);

/** The nodes that have the image. A node tells at most fifty of its images. */
export const listHaving = (nodes: readonly NodeFacts[], reference: string): NodeFacts[] =>
  nodes.filter(({ images }) => images.some((name) => isSameImage(name, reference)));

/** As the API server sets the pull policy of a container that has none. @see https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting */
export const isPulledAlways = (reference: string, pullPolicy: string | undefined): boolean =>
  pullPolicy === undefined ? /(?:^|\/)[^/:@]+(?::latest)?$/.test(reference) : pullPolicy === 'Always';

/** The same image in another registry: by the last part of its path, its tag and digest. */
export const isMirrored = (name: string, reference: string): boolean =>
  name.slice(name.lastIndexOf('/') + 1) === reference.slice(reference.lastIndexOf('/') + 1);

// --- internal ---

/** Nodes write full names: `docker.io/library/busybox@sha256:…`, `localhost/busybox:1`. */
function isSameImage(name: string, reference: string): boolean {
  const digest = /@sha256:[0-9a-f]{64}$/.exec(reference)?.[0];
  if (digest !== undefined) return name.endsWith(digest);
  return ['', 'docker.io/', 'docker.io/library/'].some((prefix) => name === `${prefix}${reference}`);
}
