/**
 * A real Kubernetes cluster of one node, without Docker: API server, controllers, kubelet, containerd, istiod and
 * pilot-agent are the real programs; only Envoy is stood in for. See README.md.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { connect } from './api.ts';
import { binaries } from './binaries.ts';
import { build } from './build.ts';
import { stopOrder } from './components.ts';
import { kubeconfig } from './kubeconfigs.ts';
import { removeCluster } from './leftovers.ts';
import { state } from './paths.ts';
import { find, logFile } from './processes.ts';
import { step } from './progress.ts';
import { isUp, type Options, up } from './up.ts';
import { startWebhook, type WebhookOptions, webhookDefaults } from './webhook.ts';

const program = new Command('cluster').description('A real one-node Kubernetes cluster with Istio, for tests.');

const failurePolicy = new Option('--failure-policy <policy>', 'what becomes of pods while Clockout does not answer')
  .choices(['Fail', 'Ignore'])
  .default(webhookDefaults.failurePolicy);

const wrapperImage = new Option('--wrapper-image <image>', 'image that brings the busybox').default(
  webhookDefaults.wrapperImage,
);

program.command('build').description('build and fetch everything, once (about 15 minutes on 2 cores)').action(build);

program
  .command('up')
  .description('start the cluster (about 15 seconds) and Clockout on it')
  .addOption(
    new Option('--native <when>', "Istio's native sidecars").choices(['auto', 'true', 'false']).default('false'),
  )
  .option('--no-webhook', 'leave Clockout out')
  .addOption(failurePolicy)
  .addOption(wrapperImage)
  .action(async ({ native, webhook, ...options }: Options & { webhook: boolean } & WebhookOptions) => {
    await build();
    if (await isUp({ native })) console.error('The cluster is up already.');
    else await up({ native });
    if (webhook) await restartWebhook(options);
    console.error(`\nexport KUBECONFIG=${kubeconfig('admin')}\nexport PATH=${dirname(binaries.kubectl)}:$PATH`);
  });

program
  .command('webhook')
  .description('build Clockout anew and start it anew on the running cluster')
  .addOption(failurePolicy)
  .addOption(wrapperImage)
  .action(restartWebhook);

program
  .command('down')
  .description('stop the cluster, remove all its state')
  .action(async () => {
    await removeCluster();
    console.error('The cluster is down.');
  });

program
  .command('status')
  .description('show which parts run')
  .action(async () => {
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

async function restartWebhook(options: WebhookOptions): Promise<void> {
  const api = connect();
  try {
    await step('Clockout', () => startWebhook(api, options));
  } finally {
    api.close();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
