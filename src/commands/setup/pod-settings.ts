/** The part of the configuration that decides what happens to a pod. */
import type { ClusterVersions, Settings } from '../../admission/admit.ts';
import { toTexts } from '../../config/annotation-defaults.ts';
import type { Config } from '../../config/parse.ts';
import { readAllowed } from '../../pod/annotations/allowed.ts';
import { readDefaults } from '../../pod/annotations/defaults.ts';
import { version } from '../../version.ts';

/**
 * @param clusterVersions left out where no cluster is at hand: a manifest that asks for native sidecars then gets them, and `auto`,
 *   which would have to know the nodes, wraps
 */
export function podSettings(
  config: Config,
  clusterVersions: () => ClusterVersions = () => ({ apiServer: config.nativeFrom }),
): Settings {
  const { wrapperImage: image, wrapperPullPolicy: pullPolicy, wrapperResources: resources } = config;
  const { strategy, nativeFrom } = config;
  const allowedAnnotations = readAllowed(config.allowedAnnotations);
  return {
    version,
    wrapper: { image, ...(pullPolicy ? { pullPolicy } : {}), ...(resources ? { resources } : {}) },
    strategies: { strategy, nativeFrom, clusterVersions },
    ...(allowedAnnotations && { allowedAnnotations }),
    ...(config.defaults && { defaults: readDefaults(toTexts(config.defaults)) }),
  };
}
