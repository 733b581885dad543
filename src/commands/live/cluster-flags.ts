/** The options of the commands that look at a cluster, with the names that kubectl has for them. They load no client. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { UserFlags } from '../../kubernetes/user-config.ts';
import { parseDuration } from '../../util/duration.ts';
import { parseSelector } from './label-selector.ts';

export type ClusterFlags = UserFlags & {
  namespace?: string;
  allNamespaces?: boolean;
  selector?: string;
  /** In milliseconds. */
  requestTimeout: number;
};

export function addClusterOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig (default: KUBECONFIG, or ~/.kube/config)')
    .option('--context <name>', "the kubeconfig's context (default: the current one)")
    .option('--as <user>', 'the user to act as')
    .option('-n, --namespace <name>', "the namespace (default: the context's)")
    .addOption(
      new Option('--request-timeout <seconds>', 'how long to wait for each answer; 0: as long as it takes')
        .argParser((text) => (text === '0' ? aDay : parseSeconds(text)))
        .default(30_000, '30'),
    );
}

/** For commands that look at many objects. @param selected what has the labels: `Jobs`, and what comes with them */
export function addScopeOptions(command: Command, selected: string): Command {
  addClusterOptions(command);
  const namespace = command.options.find(({ long }) => long === '--namespace');
  if (namespace) namespace.description = "the namespace, or several with commas between them (default: the context's)";
  return command
    .option('-A, --all-namespaces', 'look at all namespaces')
    .option('-l, --selector <labels>', `only ${selected}, such as app=report,tier!=web`, parseSelector);
}

/** For a command that looks at one namespace. @returns a sentence if there are several */
export const findSeveral = ({ namespace }: Pick<ClusterFlags, 'namespace'>, why: string): string | undefined =>
  namespace?.includes(',') ? `expected one namespace ${why}, found several` : undefined;

/** An option whose value is in milliseconds. */
export const secondsOption = (flags: string, description: string, preset: number): Option =>
  new Option(flags, description).argParser(parseSeconds).default(preset * 1000, `${preset}`);

/** @returns milliseconds */
export function parseSeconds(text: string): number {
  const milliseconds = parseDuration(/^\d+$/.test(text) ? `${text}s` : text, ['s', 'm', 'h']);
  if (!(milliseconds > 0 && milliseconds <= aDay))
    throw new InvalidArgumentError('expected seconds, such as 30, or a time such as 2m, at most 24h.');
  return milliseconds;
}

// --- internal ---

const aDay = 86_400_000;
