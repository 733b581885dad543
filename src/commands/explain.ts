/** `clockout explain`: for each pod template, whether it would be wrapped, why, and what happens when its app exits. */
import { styleText } from 'node:util';
import { type Explanation, explain as explainTemplate } from '../explain/explanation.ts';
import { isInCluster, isWrappedPod } from '../explain/missed.ts';
import { explanationText, type Paint } from '../explain/text.ts';
import { type AdmittedSource, admitSources, type ChooseOrigin } from '../manifests/admit-manifests.ts';
import { type PodTemplate, readNamespaceLabels } from '../manifests/find-pods.ts';
import { strategyKey } from '../pod/names.ts';
import { ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

type OutputForm = 'text' | 'json';

export const define = defineManifestCommand({
  description:
    'Explains, for each pod in manifests, whether it would be wrapped, why, and what happens when its app exits.',
  forms: ['text', 'json'],
  turn: explain,
});

export async function explain(input: ManifestInput, output: OutputForm): Promise<ManifestOutput> {
  const labels = readNamespaceLabels(input.sources.flatMap(({ documents }) => documents));
  const admitted = await admitSources(input.sources, input, originFrom(labels));
  if (!admitted.ok) return admitted;
  const explanations = admitted.value.flatMap((source) => explainSource(source, labels));
  const text = output === 'json' ? `${JSON.stringify(explanations, null, 2)}\n` : asText(explanations, input.color);
  const others = admitted.value.flatMap(listOthers);
  const isEmpty = explanations.length + others.length === 0;
  return ok({ text, report: isEmpty ? ['nothing to explain: the input has no Pod, Job or CronJob'] : others });
}

// --- internal ---

type Labels = ReturnType<typeof readNamespaceLabels>;

/** In a cluster, Istio has seen the pod already: judge it as the webhook did. A wrapped pod was selected by the webhook. */
const originFrom =
  (labels: Labels): ChooseOrigin =>
  (template) => {
    const found = findLabels(template, labels);
    const namespaceLabels = isWrappedPod(template) ? undefined : found;
    const strategy = found?.[strategyKey];
    const origin = isInCluster(template)
      ? { from: 'server' as const }
      : { from: 'cli' as const, job: template.job, istioLabels: found };
    return { ...origin, strategy, ...(namespaceLabels && { namespaceLabels }) };
  };

const listOthers = ({ source, documents }: AdmittedSource): string[] =>
  documents.flatMap(({ document }) => document.others.map((line) => `${source.name}: ${line}`));

const findLabels = ({ namespace }: PodTemplate, labels: Labels) => labels.get(namespace ?? 'default');

const explainSource = ({ source, documents }: AdmittedSource, labels: Labels): Explanation[] =>
  documents.flatMap(({ document, templates }) =>
    templates.map((one) => explainTemplate(source.name, document.number, one, findLabels(one.template, labels))),
  );

function asText(explanations: readonly Explanation[], color: boolean): string {
  const paint: Paint = (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
  return explanations.map((explanation) => explanationText(explanation, paint)).join('\n');
}
