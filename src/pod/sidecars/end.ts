/** What is known of a sidecar, and how it is ended. */
import type { Container } from '../schema.ts';

/**
 * What ends a sidecar when its pod's apps have ended:
 * - `url`: a POST to it, and with `term` also TERM; only where the pod shows that it listens there
 * - `term`: TERM to its processes, after which it exits with 0, so that the pod's result stays the apps'
 * - `itself`: it finds out by other means, and needs nobody
 * - `nobody`: nothing that can be done from inside the pod; `advice` says what its owner can do
 */
export type SidecarEnd =
  | { by: 'url'; url: string; term: boolean }
  /** `otherwise` is what its owner can do where TERM would reach others, too. */
  | { by: 'term'; otherwise?: string }
  | { by: 'itself' }
  | { by: 'nobody'; advice: string };

export type Known = {
  /** Of its container; one that ends in * is the start of a name. */
  names: readonly string[];
  /** The last part of its image's path, where people name the container as they like; a mirror changes all before it. */
  image?: string;
  /** People also run it as an app, so it counts as a sidecar only if the pod has another app. */
  isAlsoApp?: true;
  end: (container: Container, annotations: Annotations) => SidecarEnd;
  /** For the docs: what it is, how it is ended, and where that comes from. */
  title: string;
  ended: string;
  source: string;
};

export type Annotations = Record<string, string | null>;

export const term: SidecarEnd = { by: 'term' };
export const itself: SidecarEnd = { by: 'itself' };
export const nobody = (advice: string): SidecarEnd => ({ by: 'nobody', advice });

/** @param port undefined where there is one that the pod does not show: any other would be asked in vain */
export function post(port: number | undefined, path: string, orTerm = true): SidecarEnd {
  if (port !== undefined) return { by: 'url', url: `http://127.0.0.1:${port}${path}`, term: orTerm };
  return orTerm ? term : nobody('its admin port cannot be read from the pod; write it there as a number');
}
