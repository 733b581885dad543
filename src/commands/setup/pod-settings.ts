/** The part of the configuration that decides what happens to a pod. */
import type { ClusterVersions, Settings } from '../../admission/admit.ts';
import { toTexts } from '../../config/defaults-setting.ts';
import { type Config, type ConfigProblem, type Environment, type Flags, parseConfig } from '../../config/parse.ts';
import { settings } from '../../config/settings.ts';
import type { PodDefaults } from '../../mesh/own-settings.ts';
import { readAllowed } from '../../pod/annotations/allowed.ts';
import { readDefaults } from '../../pod/annotations/read-defaults.ts';
import { ok, type Result } from '../../util/result.ts';
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

/** What holds for options that pods do not set, by flags and variables. @returns undefined if none of them is set */
export function readGivenDefaults(
  env: Environment,
  flags: Flags,
  command: string,
): Result<PodDefaults | undefined, ConfigProblem[]> {
  const names = settings.filter(({ scope }) => scope === 'ends');
  if (!names.some(({ name, variable }) => flags[name] !== undefined || env[variable])) return ok(undefined);
  const parsed = parseConfig(env, flags, command);
  if (!parsed.ok) return parsed;
  const { allowedAnnotations, defaults, namespaceDefaults } = parsed.value;
  return ok({
    allowed: readAllowed(allowedAnnotations),
    defaults: defaults && readDefaults(toTexts(defaults)),
    hasNamespaceDefaults: namespaceDefaults === 'on',
  });
}
