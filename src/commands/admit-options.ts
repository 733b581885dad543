/** What the commands share that say what Clockout does with a pod: its settings, and whether registries are asked. */
import type { Command } from 'commander';
import type { Config, Flags } from '../config/parse.ts';
import type { AdmitDeps } from '../manifests/admit-manifests.ts';
import { type Cli, type ExitCode, runWithConfig, withLookup } from './command.ts';
import { podSettings } from './setup/pod-settings.ts';
import { addSettings, type Color, isColored } from './shared-options.ts';

export type AdmitFlags = Flags & { color: Color; registry?: boolean };

/** What pods are admitted by, and how that is printed. `now` is in milliseconds since 1970. */
export type Admitting = AdmitDeps & { color: boolean; now: () => number };

/** What decides about pods: the settings, and whether registries are asked. */
export const addAdmitOptions = (command: Command): Command =>
  addSettings(
    command.option('--registry', 'ask registries for the entrypoints of images, with your Docker credentials'),
    ['pods', 'ends', 'registries'],
  );

/** Lends a command what its pods are admitted by. */
export const withAdmitting = (
  cli: Cli,
  flags: AdmitFlags,
  run: (deps: Admitting, config: Config) => Promise<ExitCode>,
): Promise<void> =>
  runWithConfig(cli, flags, (config) => {
    const deps = { settings: podSettings(config), color: isColored(flags.color, cli.env), now: Date.now };
    return flags.registry ? withLookup(config, cli, (lookup) => run({ ...deps, lookup }, config)) : run(deps, config);
  });
