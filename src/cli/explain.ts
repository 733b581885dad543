/** `clockout explain`: for each pod template whether it would be wrapped, why, and what happens when its app ends. */
import { styleText } from 'node:util';
import { type AdmittedSource, admitSources, type OriginOf } from './admit-manifests.ts';
import { type Explanation, explain } from './explanation.ts';
import { explanationText, type Paint } from './explanation-text.ts';
import { refuse } from './inject.ts';
import { readSources } from './inputs.ts';
import { namespaceLabels, valueAt } from './manifests.ts';
import { type ExplainOptions, exitCode, type Io } from './options.ts';

export async function runExplain(options: ExplainOptions, io: Io): Promise<number> {
  const sources = await readSources(options.files, io.stdin);
  if (!sources.ok) return refuse(sources, io);
  const labels = namespaceLabels(sources.value.flatMap(({ documents }) => documents));
  const admitted = await admitSources(sources.value, options, originFrom(labels));
  if (!admitted.ok) return refuse(admitted, io);
  const explanations = admitted.value.flatMap(explainSource);
  io.stdout(
    options.output === 'json' ? `${JSON.stringify(explanations, null, 2)}\n` : asText(explanations, options.color),
  );
  if (explanations.length === 0) io.stderr('nothing to explain: the input has no Pod, Job or CronJob\n');
  return exitCode.ok;
}

type Labels = ReturnType<typeof namespaceLabels>;

/** A pod with a uid comes from a cluster, where Istio has had its turn: it is seen as the webhook saw it. */
const originFrom =
  (labels: Labels): OriginOf =>
  ({ job, namespace, pod }) => {
    if (valueAt(pod, '/metadata/uid') !== undefined) return { from: 'server' };
    const namespaceLabels = labels.get(namespace ?? 'default');
    return { from: 'cli', job, ...(namespaceLabels && { namespaceLabels }) };
  };

const explainSource = ({ source, documents }: AdmittedSource): Explanation[] =>
  documents.flatMap(({ document, templates }) => templates.map((one) => explain(source.name, document.number, one)));

function asText(explanations: readonly Explanation[], color: boolean): string {
  const paint: Paint = (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
  return explanations.map((explanation) => explanationText(explanation, paint)).join('\n');
}
