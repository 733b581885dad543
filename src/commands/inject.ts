/** `clockout inject`: manifests in, the same manifests with the patch out. */
import { admitSources } from '../manifests/admit-manifests.ts';
import { readNamespaceLabels } from '../manifests/find-pods.ts';
import { type OutputForm, render } from '../manifests/render.ts';
import { createReport } from '../manifests/report.ts';
import { strategyKey } from '../pod/names.ts';
import { ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

export const define = defineManifestCommand({
  description:
    'Wraps the Pods, Jobs and CronJobs in manifests. Prints the manifests to standard output, and a report to standard error.',
  forms: ['yaml', 'json', 'diff', 'patch'],
  turn: inject,
});

export async function inject(input: ManifestInput, output: OutputForm): Promise<ManifestOutput> {
  const labels = readNamespaceLabels(input.sources.flatMap(({ documents }) => documents));
  const admitted = await admitSources(input.sources, input, ({ job, namespace = 'default' }) => ({
    from: 'cli',
    job,
    istioLabels: labels.get(namespace),
    strategy: labels.get(namespace)?.[strategyKey],
  }));
  if (!admitted.ok) return admitted;
  const text = render(admitted.value, { output, color: input.color });
  return text.ok ? ok({ text: text.value, report: createReport(admitted.value) }) : text;
}
