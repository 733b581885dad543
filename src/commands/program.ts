/** The command line: a table of the commands, and exit codes. A command's file is loaded only when the command is named. */
import { writeSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { Environment } from '../config/parse.ts';
import { nodeVersionProblem, oldestForNetwork } from '../node-version.ts';
import { version } from '../version.ts';
import { type DefineCommand, exitCode, type Io, printProblems } from './command.ts';

type Entry = { summary: string; load: () => Promise<{ define: DefineCommand }>; needsNetwork?: true };

const commands: Record<string, Entry> = {
  serve: {
    summary: 'run the webhook',
    needsNetwork: true,
    load: () => import('./serve.ts'),
  },
  inject: {
    summary: 'wrap the Pods, Jobs and CronJobs in manifests',
    load: () => import('./inject.ts'),
  },
  uninject: {
    summary: 'take out of manifests what inject, or the webhook, has put in',
    load: () => import('./uninject.ts'),
  },
  explain: {
    summary: 'explain why a Job, a CronJob or a pod hangs, or what would happen to those in manifests',
    load: () => import('./explain.ts'),
  },
  audit: {
    summary: 'show which Jobs of a cluster hang now, which would, and whether Clockout is needed',
    needsNetwork: true,
    load: () => import('./audit.ts'),
  },
  end: {
    summary: 'end Jobs that hang, with your own rights',
    needsNetwork: true,
    load: () => import('./end.ts'),
  },
  doctor: {
    summary: 'check a cluster before an install, or an installation after it',
    needsNetwork: true,
    load: () => import('./doctor.ts'),
  },
  entrypoint: {
    summary: "print an image's ENTRYPOINT and CMD, using your Docker credentials",
    needsNetwork: true,
    load: () => import('./entrypoint.ts'),
  },
  policy: {
    summary: 'print policies of Kubernetes that make sidecars native without a server',
    load: () => import('./policy.ts'),
  },
  version: {
    summary: 'print the versions of this program, of the replicas, and of the installed chart',
    needsNetwork: true,
    load: () => import('./version.ts'),
  },
  completion: {
    summary: 'print a script with which bash, zsh or fish completes commands and names',
    load: () => import('./completion.ts'),
  },
};

/** It is not one of commander's, because its words are not options of its own. */
const completeCommand = '__complete';

/** Runs one command. @returns the exit code: 0, 1 for bad input, 2 for wrong use of the command line, 3 by `--exit-code`, or for faults that doctor finds */
export async function main(argv: readonly string[], env: Environment, io: Io = processIo()): Promise<number> {
  let code: number = exitCode.ok;
  const exitWith = (of: number) => {
    code = of;
  };
  const called = programName(argv[1]);
  const rename = createRename(called);
  const cli = { env, io, exitWith, program: called, command: called };
  const program = new Command(called)
    .description('Makes Kubernetes Jobs finish in an Istio mesh.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout(rename(text)),
      writeErr: (text) => io.stderr(rename(text)),
    })
    .showHelpAfterError('Try "clockout --help".')
    .addHelpText('after', examples);
  for (const [name, { summary, load, needsNetwork }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary).description(summary);
    command.showHelpAfterError(`Try "clockout ${name} --help".`);
    if (!argv.includes(name)) continue;
    // An old Node.js may fail to load the command.
    const problem = needsNetwork && nodeVersionProblem(process.versions.node, oldestForNetwork);
    if (problem) refuse(command, problem, () => exitWith(printProblems(io, [problem])));
    else (await load()).define(command, { ...cli, command: `${called} ${name}` });
  }
  if (argv[2] === completeCommand) return (await import('./complete.ts')).complete(program, argv.slice(3), cli);
  try {
    await program.parseAsync(argv.map(joinShortOption));
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed its sentence. Help and version also end here, with 0.
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  }
}

// --- internal ---

/** By the name of its file: kubectl runs `kubectl-clockout` for `kubectl clockout`. */
const programName = (path = ''): string =>
  /(?:^|[/\\])kubectl-clockout(?:\.\w+)?$/.test(path) ? 'kubectl clockout' : 'clockout';

/** Help has the commands as they are written here, `clockout inject`. */
const createRename = (called: string) => {
  const command = new RegExp(`(?<!kubectl )\\bclockout (?=--|\\[|(?:${Object.keys(commands).join('|')})\\b)`, 'g');
  return (text: string) => (called === 'clockout' ? text : text.replace(command, `${called} `));
};

/** kubectl takes `-o=json` as it takes `-ojson`; commander takes the `=` for a part of the value. */
const joinShortOption = (word: string): string => word.replace(/^(-[A-Za-z])=(?=.)/s, '$1');

const refuse = (command: Command, problem: string, print: () => void) =>
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .action(print)
    .addHelpText('after', `\nIts other options are not shown here: ${problem}`);

const examples = `
Examples:
  Run the webhook, with a certificate that it creates itself:
    clockout serve
  Wrap a Job before you apply it, or only show what would change:
    clockout inject -f job.yaml | kubectl apply -f -
    clockout inject -f manifests/ -o diff
  Get back the manifest from which a wrapped Job was made:
    kubectl get job report -o yaml | clockout uninject -f -
  Find out why a Job hangs, or what would happen to a manifest:
    clockout explain job/report -n shop
    clockout explain -f job.yaml
  Find out what is wrong with an installation, or with a cluster before one:
    clockout doctor
    clockout doctor --pre
  Find the Jobs of a cluster that hang, and end one; nothing has to be installed:
    clockout audit -A
    clockout end --hanging -A --dry-run
    clockout end report -n shop
  Print what an image runs, and the annotation to write if Clockout must not ask its registry:
    clockout entrypoint registry.example.com/team/app:1.2
  Let Kubernetes 1.36 or newer make sidecars native, without Clockout:
    clockout policy | kubectl apply -f -`;

function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader that has seen enough, such as head, closes the pipe: that is not an error.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      writeSync(process.stderr.fd, `clockout: cannot write the output (${error.code})\n`);
      process.exit(exitCode.badInput);
    });
  }
  return {
    stdin: process.stdin,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    isInteractive: process.stdin.isTTY === true,
  };
}
