/** The command line: commands, flags, help and exit codes. What a command does is loaded only when it is called. */
import { writeSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { type Config, type Environment, type Flags, parseConfig } from '../config/parse.ts';
import { settings } from '../config/schema.ts';
import { version } from '../version.ts';
import type { ExplainOptions, ImageLookup, InjectOptions, Io } from './options.ts';
import { podSettings } from './setup/pod-settings.ts';
import {
  addSettings,
  type Color,
  colorOption,
  filesOption,
  isColored,
  podOnly,
  reachOnly,
  registryOption,
} from './shared-options.ts';

const exitCode = { ok: 0, badInput: 1, usage: 2 } as const;

/** Runs one command. @returns the exit code: 0, 1 for bad input, 2 for wrong use of the command line */
export async function main(argv: readonly string[], env: Environment, io: Io = processIo()): Promise<number> {
  let code: number = exitCode.ok;
  const program = createProgram(env, io, (of) => {
    code = of;
  });
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said its sentence; help and version that were asked for come this way too, as 0.
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  }
}

// --- internal ---

/** @param exit takes the exit code of the command that ran */
function createProgram(env: Environment, io: Io, exit: (code: number) => void): Command {
  const program = new Command('clockout')
    .description('Makes Kubernetes Jobs finish in an Istio mesh.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError('Try "clockout --help".')
    .addHelpText('after', examples);

  /** Runs a command with its configuration, or says everything that is wrong with that. */
  const withConfig = async (flags: Flags, run: (config: Config) => Promise<number>) => {
    const parsed = parseConfig(env, flags);
    if (parsed.ok) return exit(await run(parsed.config));
    for (const { message } of parsed.problems) io.stderr(`clockout: ${message}\n`);
    exit(parsed.problems.some(({ from }) => from === 'flag') ? exitCode.usage : exitCode.badInput);
  };

  /** Runs a command with what asks registries. */
  const withLookup = async (config: Config, run: (lookup: ImageLookup) => Promise<number>) => {
    const { openLocalLookup } = await import('./setup/local-lookup.ts');
    const opened = await openLocalLookup(config, env);
    if (!opened.ok) {
      io.stderr(`clockout: ${opened.problem}\n`);
      return exitCode.badInput;
    }
    try {
      return await run(opened.lookup);
    } finally {
      opened.close();
    }
  };

  const serve = program
    .command('serve')
    .description('run the webhook: POST /mutate over HTTPS; /metrics, /livez and /readyz over HTTP')
    .action((flags: Flags) =>
      withConfig(flags, async (config) => {
        const { serve } = await import('../server/serve.ts');
        const { openSource } = await import('./setup/certificates.ts');
        const { openLookup } = await import('./setup/lookup.ts');
        const problems = await serve(config, podSettings(config), {
          source: (events) => openSource(config, events),
          ...(config.registryLookup === 'on' && { lookup: (events) => openLookup(config, events, env) }),
        });
        for (const problem of problems) io.stderr(`clockout: ${problem}\n`);
        return exitCode.badInput;
      }),
    );
  addSettings(serve, settings);

  const inject = program
    .command('inject')
    .description('wrap the Jobs, CronJobs and Pods of manifests; manifests to stdout, a report to stderr')
    .addOption(filesOption())
    .addOption(
      new Option('-o, --output <form>', 'what to print').choices(['yaml', 'json', 'diff', 'patch']).default('yaml'),
    )
    .addOption(colorOption())
    .addOption(registryOption())
    .action(({ filename, output, color, registry = false, ...flags }: InjectFlags) =>
      withConfig(flags, async (config) => {
        const { runInject } = await import('./run-inject.ts');
        const options = { files: filename, output, settings: podSettings(config), color: isColored(color, env) };
        return registry
          ? withLookup(config, (lookup) => runInject({ ...options, lookup }, io))
          : runInject(options, io);
      }),
    );
  addSettings(inject, [...podOnly, ...reachOnly]);

  const explain = program
    .command('explain')
    .description('say for each pod of manifests whether it would be wrapped, why, and what happens when its app ends')
    .addOption(filesOption())
    .addOption(new Option('-o, --output <form>', 'what to print').choices(['text', 'json']).default('text'))
    .addOption(colorOption())
    .addOption(registryOption())
    .action(({ filename, output, color, registry = false, ...flags }: ExplainFlags) =>
      withConfig(flags, async (config) => {
        const { runExplain } = await import('./run-explain.ts');
        const options = { files: filename, output, settings: podSettings(config), color: isColored(color, env) };
        return registry
          ? withLookup(config, (lookup) => runExplain({ ...options, lookup }, io))
          : runExplain(options, io);
      }),
    );
  addSettings(explain, [...podOnly, ...reachOnly]);

  const entrypoint = program
    .command('entrypoint')
    .description('say what an image runs: its registry is asked, with your docker login, as the webhook asks it')
    .argument('<image>', 'as in a manifest')
    .addOption(new Option('-o, --output <form>', 'what to print').choices(['text', 'json']).default('text'))
    .action((image: string, { output, ...flags }: EntrypointFlags) =>
      withConfig(flags, async (config) => {
        const { runEntrypoint } = await import('./run-entrypoint.ts');
        return withLookup(config, (lookup) => runEntrypoint({ image, output, lookup }, io));
      }),
    );
  addSettings(entrypoint, reachOnly);

  return program;
}

type ManifestFlags = Flags & { filename: string[]; color: Color; registry?: boolean };
type InjectFlags = ManifestFlags & Pick<InjectOptions, 'output'>;
type ExplainFlags = ManifestFlags & Required<Pick<ExplainOptions, 'output'>>;
type EntrypointFlags = Flags & { output: 'text' | 'json' };

const examples = `
Examples:
  Run the webhook, with a certificate that it makes itself:
    clockout serve
  Wrap a Job before the cluster sees it, or only see what would change:
    clockout inject -f job.yaml | kubectl apply -f -
    clockout inject -f manifests/ -o diff
  Ask why a pod was not wrapped:
    kubectl get pod hangs -o yaml | clockout explain -f -
  See what an image runs, and what to write for it where no registry may be asked:
    clockout entrypoint registry.example.com/team/app:1.2`;

function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that has seen enough, such as head, is no failure of ours.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      writeSync(process.stderr.fd, `clockout: the output cannot be written (${error.code})\n`);
      process.exit(exitCode.badInput);
    });
  }
  return {
    stdin: process.stdin,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  };
}
