/** `clockout explain`: for each pod template, whether it would be wrapped, why, and what happens when its app exits. */
import { type Explanation, explain as explainTemplate } from '../explain/explanation.ts';
import { isInCluster, isWrappedPod } from '../explain/missed.ts';
import { explanationText, type Paint } from '../explain/text.ts';
import { type AdmittedSource, admitSource, type ChooseOrigin } from '../manifests/admit-manifests.ts';
import type { NamespaceLabels, PodTemplate } from '../manifests/find-pods.ts';
import { describeIncomplete } from '../manifests/report.ts';
import { strategyKey } from '../pod/names.ts';
import { paint } from '../util/paint.ts';
import { fail, ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

type OutputForm = 'text' | 'json';

export const define = defineManifestCommand({
  description:
    'Explains, for each pod in manifests, whether it would be wrapped, why, and what happens when its app exits.',
  forms: ['text', 'json'],
  turn: explain,
});

export async function explain(input: ManifestInput, form: OutputForm): Promise<ManifestOutput> {
  const { sources, labels, color, ...deps } = input;
  const explanations: Explanation[] = [];
  const report: string[] = [];
  const problems: string[] = [];
  for (const source of sources) {
    const admitted = source.ok ? await admitSource(source.value, deps, originFrom(labels)) : source;
    if (!admitted.ok) problems.push(...admitted.problem);
    else {
      explanations.push(...explainSource(admitted.value, labels));
      report.push(...listNotes(admitted.value));
    }
  }
  if (problems.length > 0) return fail(problems);
  const text = form === 'json' ? `${JSON.stringify(explanations, null, 2)}\n` : asText(explanations, color);
  if (explanations.length + report.length === 0)
    report.push('nothing to explain: the input has no Pod, Job or CronJob');
  return ok({ parts: [text], report });
}

// --- internal ---

const listNotes = ({ source, documents }: AdmittedSource): string[] => [
  ...source.warnings,
  ...documents
    .flatMap(({ document, patches }) => [...patches.map((patch) => describeIncomplete(patch)), ...document.others])
    .map((line) => `${source.name}: ${line}`),
];

/** In a cluster, Istio has seen the pod already: judge it as the webhook did. A wrapped pod was selected by the webhook. */
const originFrom =
  (labels: NamespaceLabels): ChooseOrigin =>
  (template) => {
    const found = findLabels(template, labels);
    const namespaceLabels = isWrappedPod(template) ? undefined : found;
    const strategy = found?.[strategyKey];
    const origin = isInCluster(template)
      ? { from: 'server' as const }
      : { from: 'cli' as const, job: template.job, istioLabels: found };
    return { ...origin, strategy, ...(namespaceLabels && { namespaceLabels }) };
  };

const findLabels = ({ namespace }: PodTemplate, labels: NamespaceLabels) => labels.get(namespace ?? 'default');

const explainSource = ({ source, documents }: AdmittedSource, labels: NamespaceLabels): Explanation[] =>
  documents.flatMap(({ document, templates }) =>
    templates.map((one) => explainTemplate(source.name, document.number, one, findLabels(one.template, labels))),
  );

function asText(explanations: readonly Explanation[], color: boolean): string {
  const paintIf: Paint = (format, text) => (color ? paint(format, text) : text);
  return explanations.map((explanation) => explanationText(explanation, paintIf)).join('\n');
}
