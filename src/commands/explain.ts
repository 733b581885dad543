/** `clockout explain`: what happens to pods, and why: those of manifests, or those of Jobs, CronJobs and pods in a cluster. */
import { settings } from '../config/settings.ts';
import { type GivenSetting, givenSettings } from '../explain/live/given.ts';
import { type ExplainForm, explainForms, hasHangs, printExplanations } from '../explain/print.ts';
import { nodeVersionProblem, oldestForNetwork } from '../node-version.ts';
import { createCalled } from '../util/called.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { printableLines } from '../util/text.ts';
import { type AdmitFlags, type Admitting, addAdmitOptions, withAdmitting } from './admit-options.ts';
import { type Cli, type DefineCommand, type ExitCode, exitCode, printProblems } from './command.ts';
import { explainManifests } from './explain-manifests.ts';
import { addScopeOptions, type ClusterFlags, findSeveral } from './live/cluster-flags.ts';
import { type Asked, parseObjectWords } from './live/object-names.ts';
import {
  addManifestOptions,
  fileOption,
  type ManifestFlags,
  printManifests,
  withNamespaceDefaults,
} from './manifest-command.ts';
import { terminalWidth } from './shared-options.ts';

type ExplainFlags = AdmitFlags &
  ClusterFlags &
  Omit<ManifestFlags<ExplainForm>, 'filename'> & { filename?: string[]; exitCode?: boolean };

export const define: DefineCommand = (command, cli) => {
  addScopeOptions(
    addManifestOptions(command.option(...fileOption), explainForms),
    'objects with these labels, with the pods of these Jobs',
  )
    .description(
      'Explains what Istio, other webhooks and Clockout do with pods, and what happens when their apps exit: for Jobs, CronJobs and pods of a cluster, or for manifests.',
    )
    .argument(
      '[type/name...]',
      'what to explain in the cluster: job/NAME, cronjob/NAME, pod/NAME, or jobs, cronjobs, pods',
    )
    .option(
      '--exit-code',
      'exit with code 3 if a pod hangs or would hang, could not be wrapped, or is not known, or if an object of another kind was not looked at',
    )
    .addHelpText('after', examples);
  addAdmitOptions(command).action((words: string[], flags: ExplainFlags) => {
    const use = readUse(words, flags);
    // Commander ends the program with the sentence.
    if (!use.ok) return command.error(`error: ${use.problem}`);
    return withAdmitting(cli, flags, (deps, { namespaceDefaults }) =>
      'files' in use.value
        ? printManifests(
            { files: use.value.files, paths: flags.templatePath, judges: flags.exitCode },
            deps,
            cli.io,
            (input) => explainManifests(withNamespaceDefaults(namespaceDefaults, input), flags.output, terminalWidth()),
          )
        : explainCluster(use.value, flags, { ...deps, hasNamespaceDefaults: namespaceDefaults === 'on' }, cli),
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

/** @returns what is wrong with the words and flags, if they do not go together */
function readUse(words: readonly string[], flags: ExplainFlags): Result<{ files: string[] } | Asked, string> {
  const { filename: files, allNamespaces = false, selector, namespace } = flags;
  const selects = allNamespaces || selector !== undefined;
  if (files)
    return words.length > 0 || selects || namespace !== undefined
      ? fail('-f is for manifests, and names, -n, -A and -l are for objects of a cluster; give one or the other')
      : ok({ files });
  if (words.length === 0)
    return selects
      ? ok({ kinds: ['Job', 'Pod'] })
      : fail(
          'say what to explain: job/NAME, cronjob/NAME or pod/NAME in the cluster, -l LABELS, or manifests with -f FILE',
        );
  const asked = parseObjectWords(words);
  const several = findSeveral(flags, 'with the name of an object');
  if (!asked.ok || 'kinds' in asked.value) return asked;
  if (several !== undefined) return fail(several);
  if (!selects) return asked;
  return fail(
    allNamespaces ? 'a name is in one namespace; give -n in place of -A' : 'give names, or labels with -l, not both',
  );
}

async function explainCluster(
  asked: Asked,
  flags: ExplainFlags,
  deps: Admitting & { hasNamespaceDefaults: boolean },
  cli: Cli,
): Promise<ExitCode> {
  const { io, program } = cli;
  const tooOld = nodeVersionProblem(process.versions.node, oldestForNetwork);
  if (tooOld) return printProblems(io, [tooOld]);
  const { explainObjects } = await import('./live/explain-objects.ts');
  const explained = await explainObjects(
    asked,
    flags,
    { ...deps, called: createCalled(program, flags), given: findGiven(flags, cli.env) },
    cli,
  );
  if (!explained.ok) return printProblems(io, [explained.problem]);
  const { explanations, problems } = explained.value;
  const options = { color: deps.color, width: terminalWidth(), notes: [] };
  if (explanations.length > 0 || flags.output !== 'text')
    io.stdout(printExplanations(flags.output, explanations, options));
  printProblems(io, [...new Set(problems)].map(printableLines));
  // As with kubectl, that is no error.
  if (explanations.length === 0 && problems.length === 0) io.stderr(`${nothing}\n`);
  if (flags.exitCode && hasHangs(explanations)) return exitCode.hangs;
  return problems.length > 0 ? exitCode.badInput : exitCode.ok;
}

const nothing = 'There is nothing to explain: no object has these labels, or is of this kind.';

/** By a flag or a variable. */
const findGiven = (flags: ExplainFlags, env: Cli['env']): ReadonlySet<GivenSetting> =>
  new Set(
    settings.flatMap(({ name, variable }) => {
      const found = givenSettings.find((each) => each === name);
      return found && (flags[found] !== undefined || env[variable]) ? [found] : [];
    }),
  );
