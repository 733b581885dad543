/** `clockout inject`: manifests in, the same manifests with the patch out. */
import { admitSources } from '../manifests/admit-manifests.ts';
import { namespaceLabels } from '../manifests/find-pods.ts';
import { type OutputForm, render } from '../manifests/render.ts';
import { report } from '../manifests/report.ts';
import { strategyKey } from '../pod/names.ts';
import type { DefineCommand } from './command.ts';
import {
  addManifestOptions,
  type ManifestFlags,
  type ManifestInput,
  type ManifestOutput,
  runOnManifests,
} from './manifest-command.ts';
import { outputOption } from './shared-options.ts';

type InjectFlags = ManifestFlags & { output: OutputForm };

export const define: DefineCommand = (command, cli) =>
  addManifestOptions(command, outputOption('yaml', 'json', 'diff', 'patch'))
    .description(
      'Wraps the Pods, Jobs and CronJobs in manifests. Prints the manifests to standard output, and a report to standard error.',
    )
    .action((flags: InjectFlags) => runOnManifests(cli, flags, (input) => inject(input, flags.output)));

export async function inject(input: ManifestInput, output: OutputForm): Promise<ManifestOutput> {
  const labels = namespaceLabels(input.sources.flatMap(({ documents }) => documents));
  const admitted = await admitSources(input.sources, input, ({ job, namespace = 'default' }) => ({
    from: 'cli',
    job,
    strategy: labels.get(namespace)?.[strategyKey],
  }));
  if (!admitted.ok) return admitted;
  const text = render(admitted.value, { output, color: input.color });
  return text.ok ? { ok: true, value: { text: text.value, report: report(admitted.value) } } : text;
}
