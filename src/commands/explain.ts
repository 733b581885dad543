/** `clockout explain`: what happens to pods, and why: those of manifests, or those of Jobs, CronJobs and pods in a cluster. */
import type { Command } from 'commander';
import { type ExplainForm, explainForms, hasHangs, printExplanations } from '../explain/print.ts';
import { nodeVersionProblem, oldestForNetwork } from '../node-version.ts';
import { printableLines } from '../util/text.ts';
import { type Cli, type DefineCommand, type ExitCode, exitCode, printProblems } from './command.ts';
import { explainManifests } from './explain-manifests.ts';
import { addScopeOptions, type ClusterFlags } from './live/cluster-flags.ts';
import {
  type AdmitFlags,
  addAdmitOptions,
  addManifestOptions,
  fileOption,
  type ManifestFlags,
  type ManifestInput,
  type Manifests,
  printManifests,
  withAdmitDeps,
} from './manifest-command.ts';
import { terminalWidth } from './shared-options.ts';

type ExplainFlags = AdmitFlags &
  ClusterFlags &
  Omit<ManifestFlags<ExplainForm>, 'filename'> & { filename?: string[]; exitCode?: boolean };

type Deps = Omit<ManifestInput, keyof Manifests>;

export const define: DefineCommand = (command, cli) => {
  addScopeOptions(addManifestOptions(command.option(...fileOption), explainForms))
    .description(
      'Explains what Istio, other webhooks and Clockout do with pods, and what happens when their apps exit: for Jobs, CronJobs and pods of a cluster, or for manifests.',
    )
    .argument(
      '[type/name...]',
      'what to explain in the cluster: job/NAME, cronjob/NAME, pod/NAME, or jobs, cronjobs, pods',
    )
    .option(
      '--exit-code',
      'exit with code 3 if a pod hangs or would hang, could not be wrapped, or needs its registry asked',
    )
    .addHelpText('after', examples);
  addAdmitOptions(command).action((words: string[], flags: ExplainFlags) => {
    checkUse(command, words, flags);
    return withAdmitDeps(cli, flags, (deps) =>
      flags.filename
        ? printManifests(
            { files: flags.filename, paths: flags.templatePath, judges: flags.exitCode },
            deps,
            cli.io,
            (input) => explainManifests(input, flags.output, terminalWidth()),
          )
        : explainCluster(words, flags, deps, cli),
    );
  });
};

// --- internal ---

const examples = `
Examples:
  clockout explain job/report -n shop
  clockout explain pod/report-x7k2p cronjob/nightly
  clockout explain jobs -A -l team=shop
  clockout explain -f job.yaml`;

/** Commander ends the program with the sentence. */
function checkUse(
  command: Command,
  words: readonly string[],
  { filename, allNamespaces, selector, namespace }: ExplainFlags,
): void {
  const selects = allNamespaces === true || selector !== undefined;
  if (filename && (words.length > 0 || selects || namespace !== undefined))
    command.error(
      'error: -f is for manifests, and names, -n, -A and -l for objects of a cluster; give one or the other',
    );
  if (!filename && words.length === 0 && !selects)
    command.error(
      'error: say what to explain: job/NAME, cronjob/NAME or pod/NAME in the cluster, -l LABELS, or manifests with -f FILE',
    );
}

async function explainCluster(words: readonly string[], flags: ExplainFlags, deps: Deps, cli: Cli): Promise<ExitCode> {
  const { io, program } = cli;
  const tooOld = nodeVersionProblem(process.versions.node, oldestForNetwork);
  if (tooOld) return printProblems(io, [tooOld]);
  const { explainObjects } = await import('./live/explain-objects.ts');
  const explained = await explainObjects(words, flags, { ...deps, program }, cli);
  if (!explained.ok) return printProblems(io, [explained.problem]);
  const { explanations, problems } = explained.value;
  const options = { color: deps.color, width: terminalWidth(), notes: [] };
  if (explanations.length > 0 || flags.output !== 'text')
    io.stdout(printExplanations(flags.output, explanations, options));
  printProblems(io, [...new Set(problems)].map(printableLines));
  if (flags.exitCode && hasHangs(explanations)) return exitCode.hangs;
  return problems.length > 0 ? exitCode.badInput : exitCode.ok;
}
