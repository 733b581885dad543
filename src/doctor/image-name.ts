/** Names of images, as manifests and as nodes write them. Pure. */
import { shortened } from '../util/text.ts';
import type { NodeFacts } from './facts.ts';

/** With the first digits of its digest. */
export const showImage = (reference: string): string =>
  shortened(reference.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1…'), 200);

/** The nodes that have the image. A node tells at most fifty of its images. */
export const listHaving = (nodes: readonly NodeFacts[], reference: string): NodeFacts[] =>
  nodes.filter(({ images }) => images.some((name) => isSameImage(name, reference)));

// --- internal ---

/** Nodes write full names: `docker.io/library/busybox@sha256:…`, `localhost/busybox:1`. */
function isSameImage(name: string, reference: string): boolean {
  const digest = /@sha256:[0-9a-f]{64}$/.exec(reference)?.[0];
  if (digest !== undefined) return name.endsWith(digest);
  return ['', 'docker.io/', 'docker.io/library/'].some((prefix) => name === `${prefix}${reference}`);
}
