/** Finds the cluster and the credentials of the person who runs a command, as kubectl does. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';
import { findNearest } from '../util/nearest.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';

export type UserFlags = {
  /** A file. */
  kubeconfig?: string;
  context?: string;
  /** A user to act as. */
  as?: string;
};

export type UserConfig = {
  config: KubeConfig;
  context: string;
  /** Of the context. */
  namespace: string;
};

/**
 * @param env of the process: `KUBECONFIG`
 * @returns one sentence if there is no such cluster
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export function openUserConfig(flags: UserFlags, env: Readonly<NodeJS.ProcessEnv>): Result<UserConfig, string> {
  const loaded = load(flags.kubeconfig, env);
  if (!loaded.ok) return loaded;
  const config = loaded.value;
  const context = flags.context ?? config.getCurrentContext();
  const found = config.getContextObject(context);
  if (!found) return fail(describeNoContext(context, config));
  config.setCurrentContext(context);
  if (!config.getCurrentCluster()) {
    const cluster = shortened(found.cluster, 100);
    return fail(
      `the context ${shortened(context, 100)} names the cluster ${cluster}, which its kubeconfig does not have`,
    );
  }
  if (flags.as !== undefined) impersonate(config, flags.as);
  return ok({ config, context, namespace: found.namespace || 'default' });
}

// --- internal ---

function load(file: string | undefined, env: Readonly<NodeJS.ProcessEnv>): Result<KubeConfig, string> {
  const files = file === undefined ? listFiles(env) : [file];
  const config = new KubeConfig();
  if (files.length === 0) {
    if (!existsSync(serviceAccount)) return fail(noConfig);
    config.loadFromCluster();
    return ok(config);
  }
  config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' });
  for (const each of files) {
    try {
      const one = new KubeConfig();
      one.loadFromFile(each);
      add(config, one);
    } catch (error) {
      return fail(`cannot read the kubeconfig ${shortened(each, 300)}: ${describe(error)}`);
    }
  }
  return ok(config);
}

const describe = (error: unknown): string =>
  readErrorCode(error) === 'ENOENT' ? 'no such file' : shortened(readErrorMessage(error), 300);

/** As kubectl, to which the first file counts that has a name. */
function add(config: KubeConfig, { clusters, users, contexts, currentContext }: KubeConfig): void {
  config.loadFromOptions({
    clusters: addNamed(config.clusters, clusters),
    users: addNamed(config.users, users),
    contexts: addNamed(config.contexts, contexts),
    currentContext: config.currentContext || currentContext,
  });
}

const addNamed = <T extends { name: string }>(known: readonly T[], more: readonly T[] = []): T[] => [
  ...known,
  ...more.filter(({ name }) => !known.some((each) => each.name === name)),
];

/** As kubectl, which skips the files of KUBECONFIG that are not there. */
function listFiles({ KUBECONFIG }: Readonly<NodeJS.ProcessEnv>): string[] {
  const named = (KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  if (named.length > 0) {
    const found = named.filter((file) => existsSync(file));
    return found.length > 0 ? found : named;
  }
  return [join(homedir(), '.kube', 'config')].filter((file) => existsSync(file));
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const noConfig =
  'no cluster: there is no file ~/.kube/config, and KUBECONFIG is not set; name one with --kubeconfig FILE';

function describeNoContext(context: string | undefined, config: KubeConfig): string {
  const names = config.getContexts().map(({ name }) => name);
  if (!context) return 'no cluster: the kubeconfig has no current context; name one with --context NAME';
  const nearest = findNearest(context, names);
  const hint = nearest === undefined ? listNames(names) : `did you mean ${shortened(nearest, 100)}?`;
  return `the kubeconfig has no context ${shortened(context, 100)}; ${hint}`;
}

const listNames = (names: readonly string[]): string =>
  names.length === 0
    ? 'it has none at all'
    : `it has ${names
        .slice(0, 5)
        .map((name) => shortened(name, 100))
        .join(', ')}${names.length > 5 ? ', and others' : ''}`;

/** The library sends the name with each request. */
function impersonate(config: KubeConfig, name: string): void {
  const user = config.getCurrentUser();
  if (user) Object.assign(user, { impersonateUser: name });
}
