/** `clockout inject`: manifests in, the same manifests with the patch out. */
import { admitSources } from '../manifests/admit-manifests.ts';
import { type OutputForm, render } from '../manifests/render.ts';
import { createReport } from '../manifests/report.ts';
import { ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

export const define = defineManifestCommand({
  description:
    'Wraps the Pods, Jobs and CronJobs in manifests. Prints the manifests to standard output, and a report to standard error.',
  forms: ['yaml', 'json', 'diff', 'patch'],
  turn: inject,
});

export async function inject(input: ManifestInput, output: OutputForm): Promise<ManifestOutput> {
  const admitted = await admitSources(input.sources, input, ({ job }) => ({ from: 'cli', job }));
  if (!admitted.ok) return admitted;
  const text = render(admitted.value, { output, color: input.color });
  return text.ok ? ok({ text: text.value, report: createReport(admitted.value) }) : text;
}
