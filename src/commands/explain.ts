/** `clockout explain`: for each pod template, whether it would be wrapped, why, and what happens when its app exits. */
import { type Origin, readFacts } from '../admission/admit.ts';
import { admitAsWebhook, readPod } from '../explain/as-webhook.ts';
import { type Explanation, explain as explainTemplate } from '../explain/explanation.ts';
import { asGithub, problemAsGithub } from '../explain/github.ts';
import { asJunit } from '../explain/junit.ts';
import { isInCluster, isWrappedPod } from '../explain/missed.ts';
import { explanationText, type Paint } from '../explain/text.ts';
import {
  type AdmittedDocument,
  type AdmittedSource,
  type AdmittedTemplate,
  admitSource,
} from '../manifests/admit-manifests.ts';
import { type NamespaceLabels, type PodTemplate, parsePointer, type Source } from '../manifests/find-pods.ts';
import { describeIncomplete } from '../manifests/report.ts';
import { findNode } from '../manifests/yaml/find-node.ts';
import { strategyKey } from '../pod/names.ts';
import { paint } from '../util/paint.ts';
import { fail, ok } from '../util/result.ts';
import { defineManifestCommand, type ManifestInput, type ManifestOutput } from './manifest-command.ts';

type OutputForm = 'text' | 'json' | 'github' | 'junit';

export const define = defineManifestCommand({
  description:
    'Explains, for each pod in manifests, whether it would be wrapped, why, and what happens when its app exits.',
  forms: ['text', 'json', 'github', 'junit'],
  turn: explain,
  judges: true,
});

export async function explain(input: ManifestInput, form: OutputForm): Promise<ManifestOutput> {
  const { sources, color } = input;
  const explanations: Explanation[] = [];
  const report: string[] = [];
  const problems: string[] = [];
  for (const source of sources) {
    const admitted = source.ok ? await admitSource(source.value, input, chooseOrigin(input)) : source;
    if (!admitted.ok) problems.push(...admitted.problem);
    else {
      explanations.push(...(await explainSource(admitted.value, input)));
      report.push(...listNotes(admitted.value));
    }
  }
  if (problems.length > 0) return fail(form === 'github' ? problems.map(problemAsGithub) : problems);
  if (explanations.length + report.length === 0)
    report.push('nothing to explain: the input has no Pod, Job or CronJob');
  const hasHangs = explanations.some(({ verdict }) => verdict !== 'ends');
  if (form === 'github') return ok({ parts: [asGithub(explanations, report)], report: [], hasHangs });
  return ok({ parts: [print[form](explanations, color)], report, hasHangs });
}

// --- internal ---

const print: Record<Exclude<OutputForm, 'github'>, (explanations: readonly Explanation[], color: boolean) => string> = {
  text: asText,
  json: (explanations) => `${JSON.stringify(explanations, null, 2)}\n`,
  junit: asJunit,
};

const listNotes = ({ source, documents }: AdmittedSource): string[] => [
  ...source.warnings,
  ...documents
    .flatMap(({ document, patches }) => [...patches.map((patch) => describeIncomplete(patch)), ...document.others])
    .map((line) => `${source.name}: ${line}`),
];

/** In a cluster, Istio has seen the pod already: judge it as the webhook did. A manifest is judged as `inject` does. */
const chooseOrigin =
  ({ labels, defaultsOf }: ManifestInput) =>
  (template: PodTemplate): Origin => {
    const found = findLabels(template, labels);
    const says = {
      strategy: found?.[strategyKey],
      namespaceDefaults: defaultsOf?.(template.namespace ?? 'default'),
    };
    return isInCluster(template)
      ? { from: 'server', ...says, ...optedIn(template, found) }
      : { from: 'cli', job: template.job, istioLabels: found, ...says };
  };

/** A wrapped pod was selected by the webhook, whatever the labels of its namespace are now. */
const optedIn = (template: PodTemplate, found: Record<string, string> | undefined) =>
  found && !isWrappedPod(template) ? { namespaceLabels: found } : {};

const findLabels = ({ namespace }: PodTemplate, labels: NamespaceLabels) => labels.get(namespace ?? 'default');

async function explainSource({ source, documents }: AdmittedSource, input: ManifestInput): Promise<Explanation[]> {
  const explanations: Explanation[] = [];
  for (const { document, templates } of documents)
    for (const each of templates) explanations.push(await explainOne(source, document, each, input));
  return explanations;
}

async function explainOne(
  source: Source,
  document: AdmittedDocument['document'],
  { template, outcome }: AdmittedTemplate,
  input: ManifestInput,
): Promise<Explanation> {
  const { start } = findNode(document.node, parsePointer(template.path));
  const place = { file: source.name, document: document.number, line: source.findPosition(start).line };
  const namespaceLabels = findLabels(template, input.labels);
  const pod = readPod(template);
  const own = chooseOrigin(input)(template);
  const facts = readFacts(pod, own, input.settings);
  const defaults = { installation: input.settings.defaults, namespace: own.namespaceDefaults };
  const known = { template, facts, defaults, namespaceLabels, asked: input.lookup !== undefined, now: input.now() };
  // A review has the webhook's answer already, and so has a pod in a cluster.
  if (document.isReview || own.from === 'server')
    return explainTemplate(place, { ...known, origin: document.isReview ? { from: 'server' } : own, outcome });
  const origin = { ...own, ...optedIn(template, namespaceLabels) };
  const seen = await admitAsWebhook(pod, outcome, origin, input);
  return explainTemplate(place, { ...known, origin, outcome: seen, injected: outcome });
}

function asText(explanations: readonly Explanation[], color: boolean): string {
  const paintIf: Paint = (format, text) => (color ? paint(format, text) : text);
  return explanations.map((explanation) => explanationText(explanation, paintIf)).join('\n');
}
