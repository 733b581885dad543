/** Sends every pod template of the input the way that a pod goes in the webhook. */
import jsonPatch, { type Operation } from 'fast-json-patch';
import { admitPod, type Origin, type Settings } from '../admission/admit.ts';
import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import { admitReview } from '../admission/review.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import { collect, fail, ok, type Result } from '../util/result.ts';
import { formatTitle, type ManifestDocument, type PodTemplate, type Source } from './find-pods.ts';

export type AdmittedTemplate = { template: PodTemplate; outcome: Outcome };

export type AdmittedDocument = {
  document: ManifestDocument;
  templates: AdmittedTemplate[];
  /** From the root of the document; none for an AdmissionReview, which is answered instead. */
  operations: Operation[];
  /** What becomes of the document: its value with the operations applied, or the answered review. */
  after: unknown;
};

export type AdmittedSource = { source: Source; documents: AdmittedDocument[] };

/** What a pod is admitted with. */
export type AdmitDeps = { settings: Settings; lookup?: LookupImageConfig };

/** Chooses where a pod template counts as coming from: each command has its own answer. */
export type ChooseOrigin = (template: PodTemplate) => Origin;

export async function admitSources(
  sources: readonly Source[],
  deps: AdmitDeps,
  chooseOrigin: ChooseOrigin,
): Promise<Result<AdmittedSource[], string[]>> {
  const admitted: Result<AdmittedSource, string[]>[] = [];
  for (const source of sources) {
    const documents: Result<AdmittedDocument, string[]>[] = [];
    for (const document of source.documents) {
      const one = await (document.isReview
        ? answerReview(document, deps)
        : admitDocument(document, deps, chooseOrigin));
      documents.push(one.ok ? one : fail(one.problem.map((problem) => `${source.name}:${document.line}: ${problem}`)));
    }
    const all = collect(documents);
    admitted.push(all.ok ? ok({ source, documents: all.value }) : all);
  }
  return collect(admitted);
}

// --- internal ---

async function answerReview(document: ManifestDocument, deps: AdmitDeps): Promise<Result<AdmittedDocument, string[]>> {
  const answered = await admitReview(document.value, { ...deps, onUnwrappable: 'admit' });
  if (!answered.ok) return fail([answered.problem]);
  const { outcome, review } = answered.value;
  const templates = document.templates.map((template) => ({ template, outcome }));
  return ok({ document, templates, operations: [], after: review });
}

async function admitDocument(
  document: ManifestDocument,
  deps: AdmitDeps,
  chooseOrigin: ChooseOrigin,
): Promise<Result<AdmittedDocument, string[]>> {
  const admitted: Result<AdmittedTemplate, string[]>[] = [];
  for (const template of document.templates) admitted.push(await admitTemplate(template, deps, chooseOrigin));
  const templates = collect(admitted);
  if (!templates.ok) return templates;
  const operations = templates.value.flatMap(listOperations);
  return ok({ document, templates: templates.value, operations, after: patch(document.value, operations) });
}

async function admitTemplate(
  template: PodTemplate,
  { settings, lookup }: AdmitDeps,
  chooseOrigin: ChooseOrigin,
): Promise<Result<AdmittedTemplate, string[]>> {
  const pod = decodePod(template.pod);
  if (!pod.ok) return fail([`${formatTitle(template)}: ${template.path ? `in ${template.path}, ` : ''}${pod.problem}`]);
  return ok({ template, outcome: await admitPod(pod.value, chooseOrigin(template), settings, lookup) });
}

/** The patch of a template, as seen from the root of its document. */
export function listOperations({ template: { path: root }, outcome }: AdmittedTemplate): Operation[] {
  if (outcome.kind !== 'patched') return [];
  return outcome.patch.map((operation) => ({ ...operation, path: root + operation.path }));
}

/** On copies: aliases of the source are shared within the value, and applying a patch writes to its own values. */
function patch(value: unknown, operations: Operation[]): unknown {
  if (operations.length === 0) return value;
  return jsonPatch.applyPatch(value, structuredClone(operations), true, false).newDocument;
}
