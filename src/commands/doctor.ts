/** `clockout doctor`: checks a cluster before an install, and an installation after it. */
import { setTimeout } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config, Flags } from '../config/parse.ts';
import { type Found, runChecks } from '../doctor/checks.ts';
import type { Facts } from '../doctor/facts.ts';
import { type GatherOptions, gatherFacts } from '../doctor/gather/gather.ts';
import type { Inside } from '../doctor/gather/installation.ts';
import { probeNodes } from '../doctor/gather/nodes.ts';
import { thisReplica } from '../doctor/gather/replicas.ts';
import { asDocument, countStates, formatReport } from '../doctor/report.ts';
import { isFatal } from '../kubernetes/api/api.ts';
import { printYaml } from '../manifests/yaml/print.ts';
import { createCalled } from '../util/called.ts';
import { parseDuration } from '../util/duration.ts';
import { version } from '../version.ts';
import { type Cli, type DefineCommand, exitCode, printProblems, runWithConfig } from './command.ts';
import {
  addClusterOptions,
  type Cluster,
  type ClusterFlags,
  findSeveral,
  openCluster,
} from './live/cluster-options.ts';
import { createProgress, terminalOf } from './progress.ts';
import { checkImage } from './setup/image-check.ts';
import { onInterrupt } from './setup/interrupt.ts';
import { addSettings, type Color, colorOption, isColored, outputOption } from './shared-options.ts';

type DoctorFlags = ClusterFlags &
  Flags & {
    pre?: boolean;
    /** true: all nodes. */
    node?: true | string[];
    /** In milliseconds. */
    wait?: number;
    output: 'table' | 'json' | 'yaml';
    color: Color;
  };

export const define: DefineCommand = (command, cli) => {
  addClusterOptions(command);
  const namespace = command.options.find(({ long }) => long === '--namespace');
  if (namespace) namespace.description = 'the namespace of Clockout (default: where its webhook configuration leads)';
  addSettings(addOptions(command), ['registries'])
    .description(
      'Checks a cluster before an install, or an installation after it, and says what to do. It only reads, and creates pods as a dry run. With --node, it starts a small pod on each node, and deletes it. If you lack a right for a check, it says which one.',
    )
    .addHelpText('after', help)
    .action((flags: DoctorFlags) => {
      const misuse = findMisuse(flags);
      if (misuse !== undefined) command.error(`error: ${misuse}`);
      return runWithConfig(cli, flags, (config) => doctor(flags, config, cli));
    });
};

// --- internal ---

const addOptions = (command: Command): Command =>
  command
    .option('--pre', 'check the cluster before you install Clockout')
    .option('--node [names...]', 'try nodes with a pod: those that you name, or all Linux nodes')
    .option('--wait <duration>', 'check again until nothing is wrong, for at most this long, such as 60s', parseWait)
    .option('--wrapper-image <image>', "with --pre: the image that you will set as the chart's wrapper.image")
    .addOption(outputOption('table', 'json', 'yaml'))
    .addOption(colorOption());

const help = `
The exit code is 0 if nothing is wrong, 1 if something could not be checked, and 3 if there is a fault. A warning is not a fault.

Examples:
  Check a cluster before you install Clockout, with a pod on each node:
    clockout doctor --pre --node
  Wait until a new installation works:
    clockout doctor --wait 60s
  Run it in a pod of Clockout, if you have no program on your machine:
    kubectl exec -n clockout deploy/clockout -- node /app/clockout.mjs doctor`;

/** @returns a sentence for what cannot be meant */
const findMisuse = (flags: DoctorFlags): string | undefined =>
  flags.wrapperImage !== undefined && !flags.pre
    ? 'expected --pre with --wrapper-image: without it, doctor checks the image of the installation'
    : findSeveral(flags, 'of Clockout');

type Code = (typeof exitCode)[keyof typeof exitCode];

async function doctor(flags: DoctorFlags, config: Config, cli: Cli): Promise<Code> {
  const { io, env } = cli;
  const inside = readInside(flags, config, env);
  const opened = openCluster(flags, cli);
  if (!opened.ok) return printProblems(io, [inside ? noToken : opened.problem]);
  const { signal, stop } = onInterrupt();
  try {
    const options = createOptions(flags, config, cli, opened.value, inside, signal);
    const { facts, found } = await checkUntilFine(options, flags.wait ?? 0, io, signal);
    // Then each check would say the same.
    if (isUnreachable(facts) && !facts.apiServer.ok) return printProblems(io, [facts.apiServer.problem.message]);
    io.stdout(print(found, flags, env));
    return signal.aborted ? printProblems(io, ['interrupted; its pods are deleted']) : chooseExit(found);
  } finally {
    stop();
  }
}

/** @param milliseconds for how long to check again while something is wrong */
async function checkUntilFine(
  options: Omit<GatherOptions, 'now'>,
  milliseconds: number,
  io: Cli['io'],
  signal: AbortSignal,
): Promise<{ facts: Facts; found: Found[] }> {
  const until = performance.now() + milliseconds;
  for (;;) {
    const facts = await gatherFacts({ ...options, now: Date.now() });
    const found = runChecks(facts);
    const left = until - performance.now();
    if (left <= 0 || signal.aborted || isSettled(facts, found)) return { facts, found };
    if (io.isTerminal)
      io.stderr(`clockout: ${describeWait(found)}; checking for another ${Math.ceil(left / 1000)} s\n`);
    await setTimeout(Math.min(left, pauseMilliseconds), undefined, { signal }).catch(() => {});
  }
}

function print(found: readonly Found[], { output, color }: DoctorFlags, env: Cli['env']): string {
  if (output === 'json') return `${JSON.stringify(asDocument(found), null, 2)}\n`;
  if (output === 'yaml') return printYaml(asDocument(found), { indent: 2, indentSeq: true, literals: false });
  const width = process.stdout.columns ?? (Number(env.COLUMNS) || widthOfPipe);
  return formatReport(found, { width, color: isColored(color, env) });
}

const widthOfPipe = 120;

const pauseMilliseconds = 2000;

function createOptions(
  flags: DoctorFlags,
  config: Config,
  { env, io, program }: Cli,
  { api, config: kubeConfig }: Cluster,
  inside: Inside | undefined,
  signal: AbortSignal,
): Omit<GatherOptions, 'now'> {
  const { node, namespace } = flags;
  return {
    api,
    config: kubeConfig,
    version,
    isBefore: flags.pre === true,
    called: createCalled(program, flags),
    namespace,
    inside,
    defaultImage: config.wrapperImage,
    lookUp: (image) => checkImage(config, env, image),
    probeNodes: node
      ? (all, { reference: image, ...pod }) => {
          const nodes = node === true ? all : node;
          const progress = createProgress(nodes.length, 'nodes', terminalOf(io));
          return probeNodes({ api, signal, image, ...pod, nodes, all, onNode: progress.step }).finally(progress.end);
        }
      : undefined,
  };
}

const noToken =
  'this pod has no token of a service account, because Clockout does not call the API server with its settings; run this command on your own machine';

/** In a pod of Clockout, as its variables tell. */
function readInside({ kubeconfig }: DoctorFlags, config: Config, env: Cli['env']): Inside | undefined {
  const [host] = (config.tlsHosts ?? []).filter((name) => /^[^.]+\.[^.]+\.svc$/.test(name));
  if (kubeconfig !== undefined || env.KUBECONFIG || !env.KUBERNETES_SERVICE_HOST || host === undefined)
    return undefined;
  const [name = '', namespace = ''] = host.split('.');
  return { env, service: { namespace, name }, replica: thisReplica(config.listenPort, config.metricsListenPort) };
}

const isUnreachable = ({ apiServer }: Facts): boolean => !apiServer.ok && isFatal(apiServer.problem);

/** Another try would find the same. */
const isSettled = (facts: Facts, found: readonly Found[]): boolean =>
  !isUnreachable(facts) &&
  found.every(({ finding: { state, isForbidden } }) => state !== 'fault' && (state !== 'unknown' || isForbidden));

const describeWait = (found: readonly Found[]): string =>
  found.find(({ finding }) => finding.state === 'fault' || finding.state === 'unknown')?.finding.says ??
  'not ready yet';

function chooseExit(found: readonly Found[]): Code {
  const { fault, unknown } = countStates(found);
  if (fault > 0) return exitCode.faults;
  return unknown > 0 ? exitCode.badInput : exitCode.ok;
}

function parseWait(text: string): number {
  const milliseconds = parseDuration(text, ['s', 'm', 'h']);
  if (!(milliseconds > 0)) throw new InvalidArgumentError('expected a duration such as 60s or 5m.');
  return milliseconds;
}
