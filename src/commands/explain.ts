/** `clockout explain`: for each pod template, whether it would be wrapped, why, and what happens when its app exits. */
import { styleText } from 'node:util';
import { type Explanation, explain as explainTemplate } from '../explain/explanation.ts';
import { isInCluster, isWrappedPod } from '../explain/missed.ts';
import { explanationText, type Paint } from '../explain/text.ts';
import { type AdmittedSource, admitSource, type ChooseOrigin } from '../manifests/admit-manifests.ts';
import { type PodTemplate, readNamespaceLabels, type Source } from '../manifests/find-pods.ts';
import { describePatch } from '../manifests/report.ts';
import { collect, ok, type Result } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

type OutputForm = 'text' | 'json';

export const define = defineManifestCommand({
  description:
    'Explains, for each pod in manifests, whether it would be wrapped, why, and what happens when its app exits.',
  forms: ['text', 'json'],
  turn: explain,
});

export async function explain(input: ManifestInput, output: OutputForm): Promise<ManifestOutput> {
  const read = await collectSources(input.sources);
  if (!read.ok) return read;
  const labels = readNamespaceLabels(read.value.flatMap(({ documents }) => documents));
  const admitted: Result<AdmittedSource, string[]>[] = [];
  for (const source of read.value) admitted.push(await admitSource(source, input, originFrom(labels)));
  const all = collect(admitted);
  if (!all.ok) return all;
  const explanations = all.value.flatMap((source) => explainSource(source, labels));
  const text = output === 'json' ? `${JSON.stringify(explanations, null, 2)}\n` : asText(explanations, input.color);
  const nothing = explanations.length === 0 ? ['nothing to explain: the input has no Pod, Job or CronJob'] : [];
  return ok({ parts: [text], report: [...all.value.flatMap(listNotes), ...nothing] });
}

// --- internal ---

/** All of them, because a Namespace can stand in any: but only what a pod or a Namespace is in. */
async function collectSources(sources: ManifestInput['sources']): Promise<Result<Source[], string[]>> {
  const all: Result<Source, string[]>[] = [];
  for await (const source of sources) all.push(source.ok ? ok(dropOthers(source.value)) : source);
  return collect(all);
}

const listNotes = ({ source, documents }: AdmittedSource): string[] => [
  ...source.warnings,
  ...documents.flatMap(({ patches }) => patches.map((patch) => `${source.name}: ${describePatch(patch)}`)),
];

const dropOthers = (source: Source): Source => ({
  ...source,
  documents: source.documents.filter(
    (document) => document.templates.length > 0 || readNamespaceLabels([document]).size > 0,
  ),
});

type Labels = ReturnType<typeof readNamespaceLabels>;

/** In a cluster, Istio has seen the pod already: judge it as the webhook did. A wrapped pod was selected by the webhook. */
const originFrom =
  (labels: Labels): ChooseOrigin =>
  (template) => {
    const namespaceLabels = isWrappedPod(template) ? undefined : findLabels(template, labels);
    const origin = isInCluster(template) ? { from: 'server' as const } : { from: 'cli' as const, job: template.job };
    return { ...origin, ...(namespaceLabels && { namespaceLabels }) };
  };

const findLabels = ({ namespace }: PodTemplate, labels: Labels) => labels.get(namespace ?? 'default');

const explainSource = ({ source, documents }: AdmittedSource, labels: Labels): Explanation[] =>
  documents.flatMap(({ document, templates }) =>
    templates.map((one) => explainTemplate(source.name, document.number, one, findLabels(one.template, labels))),
  );

function asText(explanations: readonly Explanation[], color: boolean): string {
  const paint: Paint = (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
  return explanations.map((explanation) => explanationText(explanation, paint)).join('\n');
}
