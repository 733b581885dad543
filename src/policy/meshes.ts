/** Sidecars of meshes: the app must not start before they are ready, and they stand after the init container of their mesh. */
import { proxyContainerName } from '../pod/names.ts';
import { findKnown } from '../pod/sidecars/find-known.ts';

export type Mesh = {
  container: string;
  /** Its own init containers, of which a pod has at most one or two. */
  inits: readonly string[];
  /** Begins the command of a postStart hook that only waits for the sidecar, which a startupProbe does as well. */
  wait: string;
};

/** Where they stand is the same as with the strategy `native`: pod/sidecars/known-configured.ts has the sources. */
const createMesh = (container: string, wait: string): Mesh => ({
  container,
  inits: findKnown({ name: container })?.native?.after ?? [],
  wait,
});

export const meshes: readonly Mesh[] = [
  createMesh(proxyContainerName, 'pilot-agent wait'),
  createMesh('linkerd-proxy', '/usr/lib/linkerd/linkerd-await'),
];
