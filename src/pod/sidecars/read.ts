/** The sidecars of a pod: who they are, and who can end them. Istio's own is in istio.ts. */

import type { Options } from '../annotations/table.ts';
import { prefix, proxyContainerName } from '../names.ts';
import type { Container, Pod } from '../schema.ts';
import { type Known, nobody, type SidecarEnd } from './end.ts';
import { findKnown } from './find-known.ts';

/** One that is not Istio's; `index` is the position in spec.containers. */
export type Sidecar = { index: number; container: Container; end: SidecarEnd };

/**
 * @returns a function that says what is known of a sidecar of that pod; undefined for an app. A Job may run Fluent Bit as its app,
 *   so such a program counts as a sidecar only if the pod has another app
 */
export function knownIn({ spec }: Pod): (container: Container) => Known | undefined {
  const known = new Map(spec.containers.map((container) => [container.name, findKnown(container)]));
  const hasApp = [...known.values()].includes(undefined);
  return ({ name }) => {
    const found = known.get(name);
    return found?.isAlsoApp && !hasApp ? undefined : found;
  };
}

/** The known sidecars of a pod, in their order, but Istio's and those that the options wrap or leave out. */
export function sidecarsOf(pod: Pod, { containers = [], 'exclude-containers': excluded }: Options): Sidecar[] {
  const annotations = pod.metadata?.annotations ?? {};
  const known = knownIn(pod);
  const named = new Set([proxyContainerName, ...containers, ...excluded]);
  return pod.spec.containers.flatMap((container, index) => {
    if (named.has(container.name)) return [];
    const end = known(container)?.end(container, annotations);
    return end ? [{ index, container, end: withinReach(pod, end) }] : [];
  });
}

/** Whether it is for Clockout to end it. */
export const canBeEnded = ({ end }: Sidecar): boolean => end.by === 'url' || end.by === 'term';

/** What the owner can do about each sidecar that nobody ends. */
export const adviceOn = (sidecars: readonly Sidecar[]): string[] =>
  sidecars.flatMap(({ container, end }) =>
    end.by === 'nobody' ? [`${container.name}: ${end.advice}, or name its URL in ${prefix}quit-urls`] : [],
  );

/**
 * What else a container's "all processes" are: the pod's, or the node's; undefined where they are its own.
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/
 */
export function sharedProcesses({ spec }: Pod): 'pod' | 'node' | undefined {
  if (spec.hostPID) return 'node';
  return spec.shareProcessNamespace ? 'pod' : undefined;
}

const beyond = {
  pod: 'with shareProcessNamespace TERM would reach the app as well',
  node: 'with hostPID TERM would reach other processes of the node as well',
};

/** TERM goes to all processes of the sidecar's container: not where others' are among them. */
function withinReach(pod: Pod, end: SidecarEnd): SidecarEnd {
  const shared = sharedProcesses(pod);
  if (shared === undefined) return end;
  if (end.by === 'url') return { ...end, term: false };
  if (end.by !== 'term') return end;
  return nobody(end.otherwise ? `${beyond[shared]}; ${end.otherwise}` : beyond[shared]);
}
