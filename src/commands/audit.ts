/** `clockout audit`: which Jobs hang now, which would, and whether Clockout is needed. */

import { setTimeout } from 'node:timers/promises';
import { Option } from 'commander';
import { auditPage } from '../audit/html/page.ts';
import type { Mode } from '../audit/installation.ts';
import type { Report } from '../audit/report.ts';
import type { TextOptions } from '../audit/text/layout.ts';
import { auditText } from '../audit/text/text.ts';
import { printYaml } from '../manifests/yaml/print.ts';
import type { Strategy } from '../pod/annotations/table.ts';
import { createCalled } from '../util/called.ts';
import { formatCount } from '../util/count.ts';
import { type Cli, type DefineCommand, type ExitCode, exitCode, printProblems } from './command.ts';
import { auditCluster } from './live/audit-cluster.ts';
import { parseSeconds } from './live/cluster-flags.ts';
import { addScopeOptions, type Cluster, type ClusterFlags, openCluster } from './live/cluster-options.ts';
import { createProgressLine, terminalOf } from './progress.ts';
import { type Color, colorOption, isColored, outputOption } from './shared-options.ts';

type Form = 'table' | 'wide' | 'json' | 'yaml' | 'html';

type AuditFlags = ClusterFlags & {
  output: Form;
  color: Color;
  failOn?: 'hangs' | 'would-hang';
  mode?: Mode;
  strategy?: Strategy;
  /** In milliseconds. */
  watch?: number;
};

export const define: DefineCommand = (command, cli) => {
  addScopeOptions(command, 'Jobs and CronJobs with these labels, and their pods')
    .description(
      'Says which Jobs and CronJobs hang now, which would hang, and which do not. It also says what keeps Istio from making sidecars native, and whether Clockout is needed. It works with and without Clockout in the cluster.',
    )
    .addOption(outputOption('table', 'wide', 'json', 'yaml', 'html'))
    .addOption(colorOption())
    .addOption(
      new Option(
        '--fail-on <fate>',
        'exit with code 3 if a Job hangs; with would-hang, also if one would hang',
      ).choices(['hangs', 'would-hang']),
    )
    .addOption(
      new Option('--mode <mode>', 'show what this mode of the chart would change').choices(['opt-in', 'cluster']),
    )
    .addOption(
      new Option('--strategy <strategy>', 'show what this strategy of the chart would change').choices([
        'wrap',
        'native',
        'auto',
      ]),
    )
    .addOption(
      new Option('-w, --watch [seconds]', 'look again and again, until you end it')
        .argParser(parseSeconds)
        .preset('10')
        .conflicts('failOn'),
    )
    .addHelpText('after', examples)
    .action((flags: AuditFlags) => audit(flags, cli));
};

// --- internal ---

const examples = `
Examples:
  clockout audit -A
  clockout audit -n shop -o wide
  clockout audit -A --mode cluster
  clockout audit -A -o html > audit.html`;

async function audit(flags: AuditFlags, cli: Cli): Promise<void> {
  const opened = openCluster(flags, cli);
  if (!opened.ok) return cli.exitWith(printProblems(cli.io, [opened.problem]));
  while (flags.watch !== undefined) {
    await auditOnce(flags, cli, opened.value);
    await setTimeout(flags.watch);
  }
  cli.exitWith(await auditOnce(flags, cli, opened.value));
}

async function auditOnce(flags: AuditFlags, { io, env, program }: Cli, { api, scope }: Cluster): Promise<ExitCode> {
  const progress = createProgressLine(terminalOf(io));
  const onPage = (what: string, seen: number, left: number | undefined) =>
    progress.show(
      () => `${what}: ${formatCount(seen)}${left === undefined ? '' : ` of ${formatCount(seen + left)}`}   `,
    );
  const planned = flags.mode || flags.strategy ? { mode: flags.mode, strategy: flags.strategy } : undefined;
  const audited = await auditCluster(api, { scope, selector: flags.selector, planned, now: Date.now(), onPage });
  progress.end();
  if (!audited.ok) return printProblems(io, [audited.problem]);
  const report = audited.value;
  if (flags.watch !== undefined && process.stdout.isTTY) io.stdout(clearScreen);
  io.stdout(
    print(report, flags, {
      color: isColored(flags.color, env),
      width: readWidth(env),
      called: createCalled(program, flags),
    }),
  );
  if (report.partial) io.stderr('clockout: the result is partial, because not everything could be read\n');
  return chooseExit(report, flags.failOn);
}

/** And the cursor to its first line. */
const clearScreen = '\u001b[2J\u001b[H';

function print(report: Report, { output }: AuditFlags, options: Omit<TextOptions, 'wide'>): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'yaml':
      return printYaml(report, { indent: 2, indentSeq: true, literals: false });
    case 'html':
      return auditPage(report);
    default:
      return auditText(report, { ...options, wide: output === 'wide' });
  }
}

/** What was asked about counts more than what could not be read. */
function chooseExit({ counts, partial }: Report, failOn: AuditFlags['failOn']): ExitCode {
  const hangs = (counts.hangs ?? 0) > 0;
  const would = ['would-hang', 'unwrappable', 'stripped'] as const;
  if (failOn && (hangs || (failOn === 'would-hang' && would.some((fate) => (counts[fate] ?? 0) > 0))))
    return exitCode.hangs;
  return partial ? exitCode.badInput : exitCode.ok;
}

/** Of a terminal; a file or a pipe takes lines of any length. */
function readWidth({ COLUMNS }: Cli['env']): number | undefined {
  const columns = process.stdout.columns ?? Number(COLUMNS);
  return columns >= 40 ? columns : undefined;
}
