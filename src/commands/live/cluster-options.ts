/** The options of the commands that look at a cluster, with the names that kubectl has for them. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Api, createApi } from '../../kubernetes/api/api.ts';
import { openUserConfig, type UserConfig, type UserFlags } from '../../kubernetes/user-config.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Cli } from '../command.ts';

export type ClusterFlags = UserFlags & {
  namespace?: string;
  allNamespaces?: boolean;
  selector?: string;
  /** In milliseconds. */
  requestTimeout: number;
};

export type Cluster = UserConfig & {
  api: Api;
  /** The namespace to look at; undefined means all. */
  scope: string | undefined;
};

export function addClusterOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig (default: KUBECONFIG, or ~/.kube/config)')
    .option('--context <name>', "the kubeconfig's context (default: the current one)")
    .option('--as <user>', 'the user to act as')
    .option('-n, --namespace <name>', "the namespace (default: the context's)")
    .addOption(secondsOption('--request-timeout <seconds>', 'how long to wait for each answer', 30));
}

/** For commands that look at many objects. */
export const addScopeOptions = (command: Command): Command =>
  addClusterOptions(command)
    .option('-A, --all-namespaces', 'look at all namespaces')
    .option('-l, --selector <labels>', 'only objects with these labels, such as app=report,tier!=web');

/** @returns one sentence if there is no such cluster; nothing is sent yet */
export function openCluster(flags: ClusterFlags, { env }: Pick<Cli, 'env'>): Result<Cluster, string> {
  const opened = openUserConfig(flags, env);
  if (!opened.ok) return opened;
  const namespace = flags.namespace ?? opened.value.namespace;
  const api = createApi(opened.value.config, { timeout: flags.requestTimeout });
  return ok({ ...opened.value, namespace, api, scope: flags.allNamespaces ? undefined : namespace });
}

/** An option whose value is in milliseconds. */
export const secondsOption = (flags: string, description: string, preset: number): Option =>
  new Option(flags, description).argParser(parseSeconds).default(preset * 1000, `${preset}`);

// --- internal ---

function parseSeconds(text: string): number {
  const seconds = /^\d{1,4}s?$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (seconds === 0) throw new InvalidArgumentError('expected seconds, such as 30, at most 9999.');
  return seconds * 1000;
}
