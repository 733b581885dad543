/** `clockout inject`: manifests in, the same manifests with the patch out. */
import { admitSource } from '../manifests/admit-manifests.ts';
import { createOutput, type OutputForm } from '../manifests/render.ts';
import { createReport } from '../manifests/report.ts';
import { fail, ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

export const define = defineManifestCommand({
  description:
    'Wraps the Pods, Jobs and CronJobs in manifests. Prints the manifests to standard output, and a report to standard error.',
  forms: ['yaml', 'json', 'diff', 'patch'],
  turn: inject,
});

export async function inject({ sources, color, ...deps }: ManifestInput, form: OutputForm): Promise<ManifestOutput> {
  const [output, report] = [createOutput(form, { color }), createReport()];
  const problems: string[] = [];
  for await (const source of sources) {
    const admitted = source.ok ? await admitSource(source.value, deps, ({ job }) => ({ from: 'cli', job })) : source;
    const added = admitted.ok ? output.add(admitted.value) : admitted;
    if (!added.ok) problems.push(...added.problem);
    if (admitted.ok) report.add(admitted.value);
  }
  return problems.length > 0 ? fail(problems) : ok({ parts: output.finish(), report: report.finish() });
}
