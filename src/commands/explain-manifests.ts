/** Explains the pod templates in manifests: whether each would be wrapped, why, and what happens when its app exits. */
import { type Origin, readFacts } from '../admission/admit.ts';
import { admitAsWebhook, readPod } from '../explain/as-webhook.ts';
import { type Explanation, explain as explainTemplate } from '../explain/explanation.ts';
import { problemAsGithub } from '../explain/github.ts';
import { isInCluster, isWrappedPod } from '../explain/missed.ts';
import { type ExplainForm, hasHangs, printExplanations } from '../explain/print.ts';
import type { NotLookedAt } from '../explain/summary.ts';
import {
  type AdmittedDocument,
  type AdmittedSource,
  type AdmittedTemplate,
  admitSource,
} from '../manifests/admit-manifests.ts';
import type { NamespaceLabels, PodTemplate, Source } from '../manifests/find-pods.ts';
import { describeIncomplete } from '../manifests/report.ts';
import { findNode } from '../manifests/yaml/find-node.ts';
import { strategyKey } from '../pod/names.ts';
import { parsePointer } from '../util/json-pointer.ts';
import { fail, ok } from '../util/result.ts';
import type { ManifestInput, ManifestOutput } from './manifest-command.ts';

export async function explainManifests(
  input: ManifestInput,
  form: ExplainForm,
  width?: number,
): Promise<ManifestOutput> {
  const { sources, color } = input;
  const explanations: Explanation[] = [];
  const report: string[] = [];
  const problems: string[] = [];
  const open: NotLookedAt[] = [];
  for (const source of sources) {
    const admitted = source.ok ? await admitSource(source.value, input, chooseOrigin(input)) : source;
    if (!admitted.ok) problems.push(...admitted.problem);
    else {
      explanations.push(...(await explainSource(admitted.value, input)));
      report.push(...listNotes(admitted.value));
      open.push(...listOpen(admitted.value));
    }
  }
  if (problems.length > 0) return fail(form === 'github' ? problems.map(problemAsGithub) : problems);
  if (explanations.length + report.length === 0)
    report.push('nothing to explain: the input has no Pod, Job or CronJob');
  const printed = printExplanations(form, explanations, { color, width, notes: report, open });
  // GitHub would look for its commands in the lines on standard error, too.
  return ok({
    parts: [printed],
    report: form === 'github' ? [] : report,
    hasHangs: hasHangs(explanations) || open.length > 0,
  });
}

// --- internal ---

const listOpen = ({ source, documents }: AdmittedSource): NotLookedAt[] =>
  documents
    .flatMap(({ document }) => document.others)
    .filter(({ isOpen }) => isOpen)
    .map(({ title, line }) => ({ file: source.name, title, says: line }));

const listNotes = ({ source, documents }: AdmittedSource): string[] => [
  ...source.warnings,
  ...documents
    .flatMap(({ document, patches }) => [
      ...patches.map((patch) => describeIncomplete(patch)),
      ...document.others.map(({ line }) => line),
    ])
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
