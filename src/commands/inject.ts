/** `clockout inject`: manifests in, the same manifests with the patch out. */
import type { DefaultsOf } from '../admission/review.ts';
import { admitSource, type ChooseOrigin } from '../manifests/admit-manifests.ts';
import type { NamespaceLabels } from '../manifests/find-pods.ts';
import { createOutput, type OutputForm } from '../manifests/render.ts';
import { createReport } from '../manifests/report.ts';
import { strategyKey } from '../pod/names.ts';
import { fail, ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

export const define = defineManifestCommand({
  description:
    'Wraps the Pods, Jobs and CronJobs in manifests. Prints the manifests to standard output, and a report to standard error.',
  forms: ['yaml', 'json', 'diff', 'patch'],
  turn: inject,
});

export async function inject(input: ManifestInput, form: OutputForm): Promise<ManifestOutput> {
  const { sources, labels, annotations: _, color, ...deps } = input;
  const [output, report] = [createOutput(form, { color }), createReport()];
  const problems: string[] = [];
  for (const source of sources) {
    const admitted = source.ok ? await admitSource(source.value, deps, originFrom(labels, deps.defaultsOf)) : source;
    const added = admitted.ok ? output.add(admitted.value) : admitted;
    if (!added.ok) problems.push(...added.problem);
    if (admitted.ok) report.add(admitted.value);
  }
  return problems.length > 0 ? fail(problems) : ok({ parts: output.finish(), report: report.finish() });
}

// --- internal ---

const originFrom =
  (labels: NamespaceLabels, defaultsOf: DefaultsOf | undefined): ChooseOrigin =>
  ({ job, namespace = 'default' }) => {
    const found = labels.get(namespace);
    const namespaceDefaults = defaultsOf?.(namespace);
    return { from: 'cli', job, istioLabels: found, strategy: found?.[strategyKey], namespaceDefaults };
  };
