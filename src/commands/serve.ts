/** `clockout serve`: the webhook, as a process that runs until a signal. */
import type { Flags } from '../config/parse.ts';
import { runServer } from '../server/run-server.ts';
import { type DefineCommand, printProblems, runWithConfig } from './command.ts';
import { openSource } from './setup/certificates.ts';
import { hasApiServer, holdClusterVersions } from './setup/cluster-versions.ts';
import { openLookup } from './setup/lookup.ts';
import { podSettings } from './setup/pod-settings.ts';
import { openSweep } from './setup/sweep.ts';
import { addSettings } from './shared-options.ts';

export const define: DefineCommand = (command, cli) =>
  addSettings(command)
    .description('Runs the webhook: POST /mutate over HTTPS, and /metrics, /livez and /readyz over HTTP.')
    .action((flags: Flags) =>
      runWithConfig(cli, flags, async (config) => {
        const versions = holdClusterVersions(config);
        const problems = await runServer(config, podSettings(config, versions.current), {
          source: (events) => openSource(config, events),
          ...(config.registryLookup === 'on' && { lookup: (events) => openLookup(config, events, cli.env) }),
          ...(hasApiServer(cli.env) && { versions: versions.follow }),
          ...(config.sweepMinutes > 0 && { sweep: (events) => openSweep(config, events) }),
        });
        return printProblems(cli.io, problems);
      }),
    );
