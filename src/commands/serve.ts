/** `clockout serve`: the webhook, as a process that runs until a signal. */
import type { Flags } from '../config/parse.ts';
import { runServer } from '../server/run-server.ts';
import { type DefineCommand, printProblems, runWithConfig } from './command.ts';
import { openSource } from './setup/certificates.ts';
import { openLookup } from './setup/lookup.ts';
import { podSettings } from './setup/pod-settings.ts';
import { addSettings } from './shared-options.ts';

export const define: DefineCommand = (command, cli) =>
  addSettings(command)
    .description('Runs the webhook: POST /mutate over HTTPS, and /metrics, /livez and /readyz over HTTP.')
    .action((flags: Flags) =>
      runWithConfig(cli, flags, async (config) => {
        // Nothing is known of the cluster: what asks for native sidecars is told so, and `auto` wraps.
        const settings = podSettings(config, () => ({}));
        const problems = await runServer(config, settings, {
          source: (events) => openSource(config, events),
          ...(config.registryLookup === 'on' && { lookup: (events) => openLookup(config, events, cli.env) }),
        });
        return printProblems(cli.io, problems);
      }),
    );
