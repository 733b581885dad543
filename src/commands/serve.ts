/** `clockout serve`: the webhook, as a process that runs until a signal. */
import type { Flags } from '../config/parse.ts';
import { runServer } from '../server/run-server.ts';
import { type DefineCommand, printProblems, runWithConfig } from './command.ts';
import { openSource } from './setup/certificates.ts';
import { followNamespaces, openEventWriter } from './setup/cluster-objects.ts';
import { hasApiServer, holdClusterVersions } from './setup/cluster-versions.ts';
import { openLookup } from './setup/lookup.ts';
import { podSettings } from './setup/pod-settings.ts';
import { addSettings } from './shared-options.ts';

export const define: DefineCommand = (command, cli) =>
  addSettings(command)
    .description('Runs the webhook: POST /mutate over HTTPS, and /metrics, /livez and /readyz over HTTP.')
    .action((flags: Flags) =>
      runWithConfig(cli, flags, async (config) => {
        const versions = holdClusterVersions(config);
        const settings = podSettings(config, versions.current);
        const problems = await runServer(config, settings, {
          source: (events) => openSource(config, events),
          ...(config.registryLookup === 'on' && { lookup: (events) => openLookup(config, events, cli.env) }),
          ...(hasApiServer(cli.env) && { versions: versions.follow }),
          ...(config.namespaceDefaults === 'on' && { namespaces: followNamespaces(settings.allowedAnnotations) }),
          ...(config.events === 'on' && { eventWriter: openEventWriter }),
        });
        return printProblems(cli.io, problems);
      }),
    );
