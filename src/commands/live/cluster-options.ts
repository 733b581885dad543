/** Opens the cluster that the options of a command name. */
import { type Api, createApi } from '../../kubernetes/api/api.ts';
import { openUserConfig, type UserConfig } from '../../kubernetes/user-config.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import type { Cli } from '../command.ts';
import { addClusterOptions, addScopeOptions, type ClusterFlags, findSeveral, secondsOption } from './cluster-flags.ts';

export { addClusterOptions, addScopeOptions, type ClusterFlags, findSeveral, secondsOption };

export type Cluster = UserConfig & {
  api: Api;
  /** The namespaces to look at; undefined means all. */
  scope: readonly string[] | undefined;
};

/** @returns one sentence if there is no such cluster; nothing is sent yet */
export function openCluster(flags: ClusterFlags, { env }: Pick<Cli, 'env'>): Result<Cluster, string> {
  if (flags.namespace?.split(',').includes(''))
    return fail('expected the name of a namespace after -n, found an empty one');
  const opened = openUserConfig(flags, env);
  if (!opened.ok) return opened;
  const namespace = flags.namespace ?? opened.value.namespace;
  const api = createApi(opened.value.config, { timeout: flags.requestTimeout });
  const scope = flags.allNamespaces ? undefined : [...new Set(namespace.split(','))];
  return ok({ ...opened.value, namespace, api, scope });
}
