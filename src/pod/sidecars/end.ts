/** How a known sidecar is ended. */
import type { Container, ContainerAt } from '../schema.ts';
import type { NativeForm } from './native.ts';

/**
 * What ends a sidecar when its pod's apps have ended:
 * - `url`: a POST to it, and with `term` also SIGTERM; only if the pod shows that the sidecar listens there
 * - `term`: SIGTERM to its processes. It exits with code 0 then, so the pod's result stays that of its apps
 * - `itself`: it finds out by other means
 * - `nothing`: nothing in the pod can end it; `advice` says what the pod's author can do
 */
export type SidecarEnd =
  | { by: 'url'; url: string; term: boolean }
  /** `otherwise`: what the pod's author can do if SIGTERM would reach other processes, too. */
  | { by: 'term'; otherwise?: string }
  | { by: 'itself' }
  | { by: 'nothing'; advice: string };

export type Known = {
  /** Names of its container; one that ends in * is the start of a name. */
  names: readonly string[];
  /** The last part of its image's path, if people choose the container's name. A mirror changes the parts before it. */
  image?: string;
  /** People also run it as an app, so it is a sidecar only if the pod has another app. */
  isAlsoApp?: true;
  end: (container: Container, annotations: Annotations) => SidecarEnd;
  /** By default that of a sidecar without special needs. One that ends by itself is never made native. */
  native?: NativeForm;
  /** For the docs: what it is, how it is ended, and where that comes from. */
  title: string;
  ended: string;
  source: string;
};

/** A container with what the table of sidecars has for it; undefined for an app. */
export type KnownContainer = ContainerAt & { known: Known | undefined };

export type Annotations = Readonly<Record<string, string | null>>;

export const term: SidecarEnd = { by: 'term' };
export const itself: SidecarEnd = { by: 'itself' };
export const cannotEnd = (advice: string): SidecarEnd => ({ by: 'nothing', advice });

/** @param port undefined if the pod does not show it: no other port would answer */
export function post(port: number | undefined, path: string, orTerm = true): SidecarEnd {
  if (port !== undefined) return { by: 'url', url: `http://127.0.0.1:${port}${path}`, term: orTerm };
  return orTerm ? term : cannotEnd('its admin port cannot be read from the pod; write it there as a number');
}
