/** Sidecars of meshes: the app must not start before they are ready, and they stand after the init container of their mesh. */
import { proxyContainerName } from '../pod/names.ts';

export type Mesh = {
  container: string;
  /** Its own init containers, of which a pod has at most one or two. */
  inits: readonly string[];
  /** Begins the command of a postStart hook that only waits for the sidecar, which a startupProbe does as well. */
  wait: string;
};

export const meshes: readonly Mesh[] = [
  // https://github.com/istio/istio/blob/1.31.0/pkg/kube/inject/webhook.go (reorderPod)
  { container: proxyContainerName, inits: ['istio-init', 'istio-validation'], wait: 'pilot-agent wait' },
  // https://github.com/linkerd/linkerd2/blob/edge-26.5.1/charts/partials/templates/_proxy.tpl
  {
    container: 'linkerd-proxy',
    inits: ['linkerd-init', 'linkerd-network-validator'],
    wait: '/usr/lib/linkerd/linkerd-await',
  },
];
