/**
 * Native sidecars whose `restartPolicy: Always` another webhook dropped: one built with a Kubernetes library that does not know the
 * field. The API server refuses such a pod, or takes the sidecar for an init container that never ends.
 */
import { namesIn, readIstioStatus } from './istio-status.ts';
import { initContainerName, istioStatus, nativeAnnotation, proxyContainerName } from './names.ts';
import type { Container, ContainerAt, Pod } from './schema.ts';

/**
 * None of them can be meant as an ordinary init container: with a hook or a probe, the API server would refuse it, and the others
 * are named as native sidecars by Istio's annotation or by Clockout's. Clockout's own init container is put right by other means.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/core/validation/validation.go (validateInitContainers)
 */
export function findStripped({ metadata, spec }: Pod): ContainerAt[] {
  const without = (spec.initContainers ?? [])
    .map((container, index) => ({ index, container }))
    .filter(({ container }) => container.restartPolicy == null && container.name !== initContainerName);
  // The API server refuses a pod with a name that is there twice, whatever is repaired.
  if (without.length === 0 || !hasUniqueNames(spec.initContainers ?? [])) return [];
  const annotations = metadata?.annotations ?? {};
  const named = new Set(readNativeNames(annotations));
  return without.filter(
    ({ container }) =>
      hasHookOrProbe(container) ||
      named.has(container.name) ||
      (container.name === proxyContainerName && isIstios(annotations[istioStatus])),
  );
}

/** Whether no name is there twice in a list of containers. */
export const hasUniqueNames = (containers: readonly Container[]): boolean =>
  new Set(containers.map(({ name }) => name)).size === containers.length;

/** @returns the names of the sidecars that earlier calls of Clockout made native, as its annotation has them */
export const readNativeNames = (annotations: Readonly<Record<string, string | null>>): string[] =>
  annotations[nativeAnnotation]?.split(',', mostNames) ?? [];

// --- internal ---

/** As many as a pod may have containers: see bounds.ts. */
const mostNames = 200;

const hasHookOrProbe = ({ lifecycle, livenessProbe, readinessProbe, startupProbe }: Container) =>
  [lifecycle, livenessProbe, readinessProbe, startupProbe].some((each) => each != null);

/** Istio never makes its proxy an ordinary init container. */
const isIstios = (text: string | null | undefined) =>
  namesIn(readIstioStatus(text), 'initContainers').includes(proxyContainerName);
