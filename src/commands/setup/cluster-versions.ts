/** What is known of the cluster's versions, which the strategies `native` and `auto` depend on. */
import type { ClusterVersions } from '../../admission/admit.ts';
import type { Config, Environment } from '../../config/parse.ts';
import type { OpenedVersions, VersionEvents } from '../../server/run-server.ts';

/** Nodes of other systems run none of the pods that Clockout changes. */
const linuxNodes = 'kubernetes.io/os=linux';

/** Starts to ask the API server if there is one. Nodes are read only for `auto`, which alone depends on them. */
export async function openVersions(config: Config, events: VersionEvents, env: Environment): Promise<OpenedVersions> {
  if (!env.KUBERNETES_SERVICE_HOST && !env.KUBECONFIG) return { current: () => ({}), close: () => {} };
  const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
  const { followClusterVersions } = await import('../../kubernetes/cluster-versions.ts');
  const { current, stop } = followClusterVersions(loadKubeConfig(), {
    ...(config.strategy === 'auto' && { nodes: linuxNodes }),
    events: {
      read: () => {},
      changed: (versions: ClusterVersions, node) => events.changed({ ...versions, node: node?.name }),
      failed: events.failed,
    },
    now: () => performance.now(),
  });
  return { current, close: stop };
}
