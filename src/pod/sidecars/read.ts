/** The sidecars of a pod, and how each is ended. Istio's own sidecar is in istio.ts. */

import type { Options } from '../annotations/table.ts';
import { proxyContainerName } from '../names.ts';
import type { Container, ContainerAt, PodSpec } from '../schema.ts';
import { type Annotations, cannotEnd, itself, type KnownContainer, type SidecarEnd } from './end.ts';
import { findKnown } from './find-known.ts';
import { isEndedByKubexit } from './kubexit.ts';
import { type NativeForm, otherForm } from './native.ts';

/** A sidecar other than Istio's. `native` is undefined for one that must stay as it is: something else ends it. */
export type Sidecar = ContainerAt & { end: SidecarEnd; native: NativeForm | undefined };

/**
 * Looks up each container in the table of sidecars. A Job can run Fluent Bit as its app, so such a program counts as a sidecar
 * only if the pod has another app.
 */
export function lookUpSidecars(containers: readonly Container[]): KnownContainer[] {
  const found = containers.map((container, index) => ({ index, container, known: findKnown(container) }));
  if (found.some(({ known }) => known === undefined)) return found;
  return found.map((each) => (each.known?.isAlsoApp ? { ...each, known: undefined } : each));
}

/**
 * The known sidecars of a pod and those that its options name, in their order. Istio's is not among them, nor is a container that
 * the options call an app, or exclude.
 */
export function selectSidecars(
  containers: readonly KnownContainer[],
  options: Options,
  annotations: Annotations,
  shared: SharedProcesses,
): Sidecar[] {
  const others = new Set([proxyContainerName, ...(options.containers ?? []), ...options['exclude-containers']]);
  const named = new Set(options.sidecars);
  return containers.flatMap(({ index, container, known }) => {
    if (others.has(container.name)) return [];
    if (known) {
      const end = isEndedByKubexit(container) ? itself : limitReach(known.end(container, annotations), shared);
      return [{ index, container, end, native: end.by === 'itself' ? undefined : (known.native ?? otherForm) }];
    }
    return named.has(container.name) ? [{ index, container, end: endNamed(options), native: otherForm }] : [];
  });
}

/** Whether Clockout can end it. */
export const canBeEnded = ({ end }: Sidecar): boolean => end.by === 'url' || end.by === 'term';

/** Whether nothing in the pod can end it. */
export const isEndless = ({ end }: Sidecar): boolean => end.by === 'nothing';

/** The names of the classic sidecars that do not end by themselves. @param hasProxy whether Istio's is one of them */
export const listSidecars = ({ sidecars }: { sidecars: readonly Sidecar[] }, hasProxy: boolean): string[] => [
  ...(hasProxy ? [proxyContainerName] : []),
  ...sidecars.flatMap(({ end, container }) => (end.by === 'itself' ? [] : [container.name])),
];

/** A sidecar keeps the pod running, and nothing in the pod can end it. */
export type SidecarProblem = { code: 'sidecar-not-ended'; container: string; advice: string };

export const findEndProblem = ({ container, end }: Sidecar): SidecarProblem[] =>
  end.by === 'nothing' ? [{ code: 'sidecar-not-ended', container: container.name, advice: end.advice }] : [];

/** Whose processes a container's "all processes" include besides its own. */
export type SharedProcesses = 'pod' | 'node' | undefined;

/** @see https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/ */
export function readSharedProcesses({ hostPID, shareProcessNamespace }: PodSpec): SharedProcesses {
  if (hostPID) return 'node';
  return shareProcessNamespace ? 'pod' : undefined;
}

// --- internal ---

/** Clockout does not know it. Its URL may be among `quit-urls`. */
const endNamed = (options: Options): SidecarEnd =>
  options['quit-urls'].length > 0
    ? { by: 'itself' }
    : cannotEnd('Clockout does not know this sidecar, so only the strategy native ends it');

const reach = {
  pod: 'with shareProcessNamespace, SIGTERM would reach the app as well',
  node: 'with hostPID, SIGTERM would reach other processes of the node as well',
};

/** SIGTERM goes to all processes that the sidecar's container sees, so it is not sent if others are among them. */
function limitReach(end: SidecarEnd, shared: SharedProcesses): SidecarEnd {
  if (shared === undefined) return end;
  if (end.by === 'url') return { ...end, term: false };
  if (end.by !== 'term') return end;
  return cannotEnd(end.otherwise ? `${reach[shared]}; ${end.otherwise}` : reach[shared]);
}
