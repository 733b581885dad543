/**
 * A real Kubernetes cluster of one node, without Docker: API server, controllers, kubelet, containerd, istiod and
 * pilot-agent are the real programs; only Envoy is stood in for. See README.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { parse } from 'yaml';
import { binaries } from './binaries.ts';
import { build } from './build.ts';
import { kubectl as kubectlAsAdmin } from './clients.ts';
import { stopOrder } from './components.ts';
import { importClockout, installClockout, release, releaseNamespace } from './install.ts';
import { kubeconfig } from './kubeconfigs.ts';
import { removeCluster } from './leftovers.ts';
import { useBuilt, useContext } from './own-cluster.ts';
import { isOwnCluster, state } from './paths.ts';
import { find, logFile } from './processes.ts';
import { step } from './progress.ts';
import { isUp, type Options, up } from './up.ts';

type InstallOptions = { values?: string };

const program = new Command('cluster').description('A real one-node Kubernetes cluster with Istio, for tests.');

const values = new Option('--values <file>', "values of Clockout's chart, as YAML or JSON");

program.command('build').description('build and fetch everything, once (20 to 35 minutes on 2 cores)').action(build);

program
  .command('up')
  .description('start the cluster (about 15 seconds) and install Clockout')
  .addOption(
    new Option('--native <when>', "Istio's native sidecars").choices(['auto', 'true', 'false']).default('false'),
  )
  .option('--no-install', 'leave Clockout out')
  .addOption(values)
  .action(async ({ native, install: isWanted, ...options }: Options & InstallOptions & { install: boolean }) => {
    refuseOwnCluster();
    await build();
    if (await isUp({ native })) console.error('The cluster is up already.');
    else await up({ native });
    if (isWanted) await install(options);
    console.error(`\nexport KUBECONFIG=${kubeconfig('admin')}\nexport PATH=${dirname(binaries.kubectl)}:$PATH`);
  });

program
  .command('install')
  .description('build Clockout again, and install or upgrade it on the running cluster')
  .addOption(values)
  .action(install);

program
  .command('use')
  .description(
    'run the tests on a cluster of your own, by its kubeconfig context; without one, on the built cluster again',
  )
  .argument('[context]', 'a context of your kubeconfig')
  .option('--load <command>', 'shell command that loads the image archive "$1" (contexts of kind and k3d need none)')
  .action(async (context: string | undefined, { load }: { load?: string }) => {
    if (context === undefined) return useBuilt();
    await build();
    await useContext(context, load);
    console.error(`npm run test:cluster now uses the cluster of ${context}.`);
  });

program
  .command('logs')
  .description("follow Clockout's log")
  .action(async () => {
    const which = [`deployment/${release}`, '--all-pods', '--prefix', '--tail', '-1', '--follow'];
    const [kubectl = '', ...args] = [...kubectlAsAdmin, '--namespace', releaseNamespace, 'logs', ...which];
    process.exitCode = spawnSync(kubectl, args, { stdio: 'inherit' }).status ?? 1;
  });

program
  .command('down')
  .description('stop the cluster, remove all its state')
  .action(async () => {
    refuseOwnCluster();
    await removeCluster();
    console.error('The cluster is down.');
  });

program
  .command('status')
  .description('show which parts run')
  .action(async () => {
    refuseOwnCluster();
    for (const name of [...stopOrder].reverse()) {
      const [pid] = find(name);
      console.log(
        `${name.padEnd(24)} ${pid === undefined ? '-' : `process ${pid}`.padEnd(16)} ${existsSync(logFile(name)) ? logFile(name) : ''}`,
      );
    }
    const well = await isUp();
    console.log(
      well
        ? 'The cluster is up.'
        : existsSync(state)
          ? 'The cluster is not well: up starts it anew.'
          : 'The cluster is down.',
    );
    process.exitCode = well ? 0 : 1;
  });

/** Starting, stopping and looking at the parts is for the built cluster only. */
function refuseOwnCluster(): void {
  if (isOwnCluster) throw new Error('A cluster of your own is in use: run `npm run cluster -- use` first.');
}

async function install({ values: file }: InstallOptions): Promise<void> {
  const further = file === undefined ? {} : parse(readFileSync(file, 'utf8'));
  await step('Clockout', async () => installClockout(further, await importClockout()));
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
