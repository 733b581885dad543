/** `clockout explain`: for each pod template whether it would be wrapped, why, and what happens when its app ends. */
import { styleText } from 'node:util';
import { type Explanation, explain } from '../explain/explanation.ts';
import { isInCluster, isWrappedPod } from '../explain/missed.ts';
import { explanationText, type Paint } from '../explain/text.ts';
import { type AdmittedSource, admitSources, type OriginOf } from '../manifests/admit-manifests.ts';
import { namespaceLabels, type PodTemplate } from '../manifests/find-pods.ts';
import { readSources } from '../manifests/read-files.ts';
import { type ExplainOptions, exitCode, type Io } from './options.ts';
import { refuse } from './run-inject.ts';

export async function runExplain(options: ExplainOptions, io: Io): Promise<number> {
  const sources = await readSources(options.files, io.stdin);
  if (!sources.ok) return refuse(sources, io);
  const labels = namespaceLabels(sources.value.flatMap(({ documents }) => documents));
  const admitted = await admitSources(sources.value, options, originFrom(labels));
  if (!admitted.ok) return refuse(admitted, io);
  const explanations = admitted.value.flatMap((source) => explainSource(source, labels));
  io.stdout(
    options.output === 'json' ? `${JSON.stringify(explanations, null, 2)}\n` : asText(explanations, options.color),
  );
  if (explanations.length === 0) io.stderr('nothing to explain: the input has no Pod, Job or CronJob\n');
  return exitCode.ok;
}

type Labels = ReturnType<typeof namespaceLabels>;

/** In a cluster Istio has had its turn: such a pod is seen as the webhook saw it, and one that is wrapped was selected. */
const originFrom =
  (labels: Labels): OriginOf =>
  (template) => {
    const namespaceLabels = isWrappedPod(template) ? undefined : labelsFor(template, labels);
    const origin = isInCluster(template) ? { from: 'server' as const } : { from: 'cli' as const, job: template.job };
    return { ...origin, ...(namespaceLabels && { namespaceLabels }) };
  };

const labelsFor = ({ namespace }: PodTemplate, labels: Labels) => labels.get(namespace ?? 'default');

const explainSource = ({ source, documents }: AdmittedSource, labels: Labels): Explanation[] =>
  documents.flatMap(({ document, templates }) =>
    templates.map((one) => explain(source.name, document.number, one, labelsFor(one.template, labels))),
  );

function asText(explanations: readonly Explanation[], color: boolean): string {
  const paint: Paint = (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
  return explanations.map((explanation) => explanationText(explanation, paint)).join('\n');
}
