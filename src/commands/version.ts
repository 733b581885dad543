/** `clockout version`: of this program, of the replicas that run, and of the chart that is installed. */
import { findVersions, type InstalledVersions, type Versions } from '../doctor/versions.ts';
import { describeMissingNamespace } from '../kubernetes/api/describe-missing.ts';
import { printYaml } from '../manifests/yaml/print.ts';
import { version } from '../version.ts';
import { type Cli, type DefineCommand, exitCode, printProblems } from './command.ts';
import { addClusterOptions, type ClusterFlags, findSeveral, openCluster } from './live/cluster-options.ts';
import { outputOption } from './shared-options.ts';

type VersionFlags = ClusterFlags & { client?: boolean; output: 'text' | 'json' | 'yaml' };

export const define: DefineCommand = (command, cli) =>
  addClusterOptions(command)
    .description(
      'Prints the version of this program, and in a cluster those of the chart and of the replicas that run.',
    )
    .option('--client', 'print only the version of this program; ask no cluster')
    .addOption(outputOption('text', 'json', 'yaml'))
    .action(async (flags: VersionFlags) => {
      const several = findSeveral(flags, 'of Clockout');
      if (several !== undefined) command.error(`error: ${several}`);
      cli.exitWith(await printVersions(flags, cli));
    });

// --- internal ---

const client = { version, node: process.versions.node };

async function printVersions(flags: VersionFlags, cli: Cli) {
  const { io } = cli;
  const print = (found: Partial<Versions>) => io.stdout(format(found, flags.output));
  if (flags.client) {
    print({});
    return exitCode.ok;
  }
  const opened = openCluster(flags, cli);
  if (!opened.ok) {
    print({});
    return printProblems(io, [opened.problem]);
  }
  const found = await findVersions(opened.value.api, opened.value.config, flags.namespace);
  if (!found.ok) {
    print({});
    return printProblems(io, [found.problem.message]);
  }
  print(found.value);
  const missing = flags.namespace && (await describeMissingNamespace(opened.value.api, flags.namespace));
  if (missing) return printProblems(io, [missing]);
  const all = [found.value, ...found.value.others].flatMap(({ server }) => server);
  return all.some(({ problem }) => problem !== undefined) ? exitCode.badInput : exitCode.ok;
}

function format(found: Partial<Versions>, output: VersionFlags['output']): string {
  const all = { client, ...found };
  if (output === 'json') return `${JSON.stringify(all, null, 2)}\n`;
  return output === 'yaml' ? printYaml(all, { indent: 2, indentSeq: true, literals: false }) : asText(found);
}

function asText({ server, chart, others = [] }: Partial<Versions>): string {
  const rows = [
    ['client', `${version} (Node.js ${process.versions.node})`],
    ...(server === undefined || chart === undefined
      ? []
      : [{ server, chart }, ...others].flatMap((each) => listRows(each))),
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(8)}${value}\n`).join('');
}

const listRows = ({ server, chart }: InstalledVersions): string[][] => [
  ['server', server.length === 0 ? (chart === null ? 'not installed' : 'no replica runs') : describe(server)],
  [
    'chart',
    chart === null
      ? 'not installed'
      : `${chart.chart}, for Clockout ${chart.appVersion}, release ${chart.namespace}/${chart.release}`,
  ],
];

const describe = (server: InstalledVersions['server']): string =>
  server.map(({ pod, version, problem }) => `${version ?? `unknown: ${problem}`} (${pod})`).join(`\n${' '.repeat(8)}`);
