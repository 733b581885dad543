/** The versions of the cluster, as far as the strategy depends on them. What reads them is loaded only then. */
import { existsSync } from 'node:fs';
import type { Config, Environment } from '../../config/parse.ts';
import type { FollowedVersions, VersionEvents } from '../../kubernetes/cluster-versions.ts';

export type HeldVersions = {
  /** Nothing is known before they are followed. */
  current: FollowedVersions['current'];
  follow: (events: VersionEvents) => Promise<FollowedVersions>;
};

/**
 * With any strategy of the installation, a namespace or a pod can ask for `native`. The chart gives Clockout a token only if
 * something needs one.
 */
export const hasApiServer = (env: Environment, exists: (file: string) => boolean = existsSync): boolean =>
  Boolean(env.KUBECONFIG || (env.KUBERNETES_SERVICE_HOST && exists(tokenFile)));

/** The nodes are read only for `auto`: the chart gives the right to list them only then. */
export function holdClusterVersions({ strategy, nativeNodes: nodes }: Config): HeldVersions {
  let followed: FollowedVersions | undefined;
  return {
    current: () => followed?.current() ?? {},
    follow: async (events) => {
      const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
      const { followClusterVersions } = await import('../../kubernetes/cluster-versions.ts');
      followed = followClusterVersions(loadKubeConfig(), {
        ...(strategy === 'auto' && { nodes }),
        now: () => performance.now(),
        events,
      });
      return followed;
    },
  };
}

// --- internal ---

/** @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api */
const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';
