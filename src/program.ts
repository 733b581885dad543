/** The command line: commands, flags, help and exit codes. What a command does is loaded only when it is called. */
import { writeSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { Settings } from './admission/admit.ts';
import type { CertificateEvents, OpenedSource } from './certificates/source.ts';
import type { ExplainOptions, InjectOptions, Io } from './cli/options.ts';
import { type Config, type Environment, type Flags, parseConfig } from './config.ts';
import { type Setting, settings } from './config-schema.ts';
import { version } from './version.ts';

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

  const serve = program
    .command('serve')
    .description('run the webhook: POST /mutate over HTTPS; /metrics, /livez and /readyz over HTTP')
    .action((flags: Flags) =>
      withConfig(flags, async (config) => {
        const { serve } = await import('./server/serve.ts');
        const problems = await serve(config, wrapperSettings(config), (events) => openSource(config, events));
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
    .action(({ filename, output, color, ...flags }: InjectFlags) =>
      withConfig(flags, async (config) => {
        const { runInject } = await import('./cli/inject.ts');
        const options = { files: filename, output, settings: wrapperSettings(config), color: isColored(color, env) };
        return runInject(options, io);
      }),
    );
  addSettings(inject, wrapperOnly);

  const explain = program
    .command('explain')
    .description('say for each pod of manifests whether it would be wrapped, why, and what happens when its app ends')
    .addOption(filesOption())
    .addOption(new Option('-o, --output <form>', 'what to print').choices(['text', 'json']).default('text'))
    .addOption(colorOption())
    .action(({ filename, output, color, ...flags }: ExplainFlags) =>
      withConfig(flags, async (config) => {
        const { runExplain } = await import('./cli/explain.ts');
        const options = { files: filename, output, settings: wrapperSettings(config), color: isColored(color, env) };
        return runExplain(options, io);
      }),
    );
  addSettings(explain, wrapperOnly);

  return program;
}

/** The CA that replicas share in a cluster, or what needs no cluster. */
async function openSource(config: Config, events: CertificateEvents): Promise<OpenedSource> {
  const { clusterObjects, sharedOptions } = await import('./certificates/settings.ts');
  const objects = clusterObjects(config);
  if (!objects) {
    const { openCertificateSource } = await import('./certificates/source.ts');
    return openCertificateSource(config, events);
  }
  const { loadKubeConfig } = await import('./kubernetes/config.ts');
  const { openCertificateStore } = await import('./kubernetes/certificate-store.ts');
  const { openSharedSource } = await import('./certificates/shared-source.ts');
  const store = openCertificateStore(loadKubeConfig(), objects);
  return { ok: true, source: await openSharedSource({ ...store, options: sharedOptions(config), events }) };
}

type Color = 'auto' | 'always' | 'never';
type ManifestFlags = Flags & { filename: string[]; color: Color };
type InjectFlags = ManifestFlags & Pick<InjectOptions, 'output'>;
type ExplainFlags = ManifestFlags & Required<Pick<ExplainOptions, 'output'>>;

const examples = `
Examples:
  Run the webhook, with a certificate that it makes itself:
    clockout serve
  Wrap a Job before the cluster sees it, or only see what would change:
    clockout inject -f job.yaml | kubectl apply -f -
    clockout inject -f manifests/ -o diff
  Ask why a pod was not wrapped:
    kubectl get pod hangs -o yaml | clockout explain -f -`;

const wrapperOnly = settings.filter(({ name }) => name.startsWith('wrapper'));

function addSettings(command: Command, list: readonly Setting[]): void {
  for (const { flag, type, variable, description, expects, default: preset } of list) {
    const value = type === 'integer' ? '<number>' : '<value>';
    const choices = type === undefined ? [expects] : [];
    const notes = [...choices, variable, ...(preset === undefined ? [] : [`default ${preset}`])].join('; ');
    command.option(`${flag} ${value}`, `${description} (${notes})`.replaceAll('`', ''));
  }
}

const filesOption = () =>
  new Option('-f, --filename <path...>', 'file, directory, or - for standard input').makeOptionMandatory();

const colorOption = () =>
  new Option('--color <when>', 'color the output').choices(['auto', 'always', 'never']).default('auto');

/** @see https://no-color.org and https://force-color.org */
function isColored(color: Color, env: Environment): boolean {
  if (color !== 'auto') return color === 'always';
  if (env.NO_COLOR) return false;
  return env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}

function wrapperSettings(config: Config): Settings {
  const { wrapperImage: image, wrapperPullPolicy: pullPolicy, wrapperResources: resources } = config;
  return { version, wrapper: { image, ...(pullPolicy ? { pullPolicy } : {}), ...(resources ? { resources } : {}) } };
}

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
