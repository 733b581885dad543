/** `clockout end`: ends Jobs that hang because a sidecar of theirs still runs. */

import { type Command, InvalidArgumentError } from 'commander';
import type { Flags } from '../config/parse.ts';
import { planEnd } from '../end/choose-pods.ts';
import { endPods } from '../end/end-pods.ts';
import type { Found } from '../end/list-pods.ts';
import { createRow, everywhere, type Row } from '../end/report.ts';
import { formatCount, plural } from '../util/count.ts';
import { describeScope } from '../util/scope.ts';
import { shortened } from '../util/text.ts';
import {
  type Cli,
  type DefineCommand,
  type ExitCode,
  exitCode,
  printConfigProblems,
  printProblems,
} from './command.ts';
import { addScopeOptions, type ClusterFlags, findSeveral, openCluster, secondsOption } from './live/cluster-options.ts';
import { confirm } from './live/confirm.ts';
import { findPods, type Judging, readLabels } from './live/find-pods.ts';
import { parseSelector } from './live/label-selector.ts';
import { type ObjectName, parseObjectNames } from './live/object-names.ts';
import { readPodDefaults } from './live/pod-defaults.ts';
import { createPrinter } from './live/print-ends.ts';
import { createProgress, createProgressLine, terminalOf } from './progress.ts';
import { onInterrupt } from './setup/interrupt.ts';
import { readGivenDefaults } from './setup/pod-settings.ts';
import { addSettings, type Color, colorOption, isColored, outputOption } from './shared-options.ts';

type EndFlags = ClusterFlags &
  Flags & {
    hanging?: boolean;
    namespaceSelector?: string;
    dryRun?: boolean;
    yes?: boolean;
    optedIn?: boolean;
    max: number;
    /** In milliseconds. */
    timeout: number;
    output: 'table' | 'wide' | 'json' | 'yaml';
    color: Color;
  };

export const define: DefineCommand = (command, cli) =>
  addSettings(addOptions(addScopeOptions(command, 'pods of Jobs with these labels')), ['ends'])
    .description(
      "Ends pods of Jobs in which all apps have ended and a sidecar still runs. It asks each sidecar to exit, so that the Job ends with its app's result. It needs nothing installed in the cluster, and does only what you may do yourself.",
    )
    .argument('[job...]', 'names of Jobs, or TYPE/NAME of a job or a pod')
    .addHelpText('after', help)
    .action(async (words: string[], flags: EndFlags) => cli.exitWith(await end(words, flags, cli)));

// --- internal ---

const addOptions = (command: Command): Command =>
  command
    .option(
      '--hanging',
      'end all pods of Jobs that hang, but not those that opted out with the label clockout.dev/inject',
    )
    .option('--opted-in', 'with --hanging: only pods that opted in to Clockout, themselves or by their namespace')
    .option(
      '--namespace-selector <labels>',
      'with --hanging -A: only pods of namespaces with these labels',
      parseSelector,
    )
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('-y, --yes', 'do not ask before ending pods')
    .option('--max <count>', 'how many pods to end at most, those that hang the longest first', parseCount, 1000)
    .addOption(secondsOption('--timeout <seconds>', 'how long to wait for the end of each pod', 60))
    .addOption(outputOption('table', 'wide', 'json', 'yaml'))
    .addOption(colorOption());

const help = `
A pod hangs if all its apps have ended for good and a sidecar still runs. With
restartPolicy OnFailure, an app has ended for good only if its exit code is 0.
Pods that do not hang are left as they are.

You need these rights: get and list pods, get jobs (list with -l), get
namespaces (for --hanging), get and create pods/portforward. Without pods/portforward, the
command uses pods/exec, as it does for sidecars that only a signal ends.

If the flags and variables of the settings are not set, what the installations in the
cluster set holds, as far as you may read it.

Examples:
  Show which Jobs of all namespaces hang, and how they would be ended:
    clockout end --hanging -A --dry-run
  End one Job:
    clockout end report -n shop
  End all that hang in some namespaces, and do not ask:
    clockout end --hanging -n shop,reports --yes`;

async function end(words: readonly string[], flags: EndFlags, cli: Cli): Promise<ExitCode> {
  const { io } = cli;
  const names = parseObjectNames(words, 'Job');
  if (!names.ok) return refuse(io, names.problem, exitCode.usage);
  const misuse = findMisuse(names.value, flags, io.isInteractive === true);
  if (misuse !== undefined) return refuse(io, misuse, exitCode.usage);
  const given = readGivenDefaults(cli.env, flags, cli.command);
  if (!given.ok) return printConfigProblems(io, given.problem);
  const opened = openCluster(flags, cli);
  if (!opened.ok) return refuse(io, opened.problem);
  const { api, scope } = opened.value;
  const cluster = { ...opened.value, ...(await readPodDefaults(api, scope, given.value)) };
  const progress = createProgressLine(terminalOf(io));
  const found = await findPods(names.value, flags, cluster, (seen) =>
    progress.show(() => `pods: ${formatCount(seen)}   `),
  );
  progress.end();
  if (!found.ok) return refuse(io, found.problem);
  return await endFound(found.value, flags, cluster, cli);
}

async function endFound(found: Found, flags: EndFlags, cluster: Judging, { env, io }: Cli): Promise<ExitCode> {
  const wish = {
    isNamed: flags.hanging !== true,
    onlyOptedIn: flags.optedIn === true,
    isKnown: cluster.isKnown,
    max: flags.max,
  };
  const labels = wish.isNamed ? new Map() : await readLabels(found, cluster);
  const planned = planEnd(found.pods, wish, (namespace) => labels.get(namespace));
  const wanted = planned.filter(({ action }) => action === 'end');
  const others = [
    ...planned.filter(({ action }) => action !== 'end').map((each) => createRow(each)),
    ...listOthers(found),
  ];
  const plan = [...wanted.map((each) => createRow(each)), ...others];
  const print = createPrinter(io, {
    form: flags.output,
    color: isColored(flags.color, env),
    isDryRun: flags.dryRun === true,
    isPartial: found.unlisted.length > 0 || found.unread > 0,
    unread: found.unread,
    scope: describeScope(cluster.scope, flags.selector),
    hasNamespaces: cluster.scope?.length !== 1,
  });
  if (flags.dryRun || wanted.length === 0) return print.result(plan);
  const broken = found.unlisted.find(({ problem }) => problem.kind !== 'forbidden');
  if (broken) return refuse(io, `not all pods could be listed, so none was ended: ${broken.problem.message}`);
  if (!flags.yes) {
    print.plan(plan);
    if (!(await confirm(`End ${plural(wanted.length, 'pod')} in the context ${shortened(cluster.context, 100)}?`, io)))
      return refuse(io, 'nothing was ended');
  }
  const { signal, stop } = onInterrupt();
  const pods = wanted.map(({ pod }) => pod);
  const progress = createProgress(pods.length, 'pods', terminalOf(io));
  const tools = { ...cluster, timeout: flags.requestTimeout, patience: flags.timeout, interval, now: Date.now, signal };
  const outcomes = await endPods(pods, tools, progress.step).finally(stop);
  progress.end();
  return print.result([...wanted.map((each, i) => createRow(each, outcomes[i])), ...others]);
}

/** Between two looks at a pod, in milliseconds. */
const interval = 1000;

/** @returns a sentence for what cannot be meant */
function findMisuse(names: readonly ObjectName[], flags: EndFlags, isInteractive: boolean): string | undefined {
  if (flags.hanging && names.length > 0) return 'expected the name of a Job or --hanging, found both';
  if (!flags.hanging && names.length === 0) return 'expected the name of a Job, or --hanging to end all that hang';
  if (names.some(({ kind }) => kind === 'CronJob')) return 'expected a job or a pod; name the Jobs of a CronJob';
  const [option] = Object.entries({
    '--all-namespaces': flags.allNamespaces,
    '--selector': flags.selector,
    '--opted-in': flags.optedIn,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (flags.namespaceSelector !== undefined && !flags.allNamespaces)
    return 'expected -A with --namespace-selector, found no -A';
  if (!flags.hanging && option !== undefined) return `expected --hanging with ${option}, found the name of a Job`;
  const several = flags.hanging ? undefined : findSeveral(flags, 'with the name of a Job');
  if (several !== undefined) return several;
  if (!flags.dryRun && !flags.yes && !isInteractive)
    return 'expected a terminal to ask on, or --yes, or --dry-run; nothing was ended';
  return undefined;
}

/** What is no pod: Jobs without one, and namespaces that could not be looked at. */
const listOthers = ({ jobs, unlisted }: Found): Row[] => [
  ...jobs.map(({ reason, ...job }) => ({ ...job, result: 'does not hang' as const, message: reason })),
  ...unlisted.map(({ namespace = everywhere, problem }) => ({
    namespace,
    result: 'not listed' as const,
    message: problem.message,
  })),
];

function refuse(io: Cli['io'], problem: string, code: ExitCode = exitCode.badInput): ExitCode {
  printProblems(io, [problem]);
  return code;
}

function parseCount(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count === 0) throw new InvalidArgumentError('expected a number of pods, such as 10, at most 999999.');
  return count;
}
