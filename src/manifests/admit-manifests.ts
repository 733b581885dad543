/** Sends every pod template of the input the way that a pod goes in the webhook. */
import jsonPatch, { type Operation } from 'fast-json-patch';
import { admitPod, type Origin, type Settings } from '../admission/admit.ts';
import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import { admitReview } from '../admission/review.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import { type ManifestDocument, type PodTemplate, type Result, type Source, titleOf } from './find-pods.ts';

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

/** How a pod is admitted, beside where it comes from. */
export type AdmitDeps = { settings: Settings; lookup?: LookupImageConfig };

/** As what a pod template is judged: each command has its own answer. */
export type OriginOf = (template: PodTemplate) => Origin;

export async function admitSources(
  sources: readonly Source[],
  deps: AdmitDeps,
  originOf: OriginOf,
): Promise<Result<AdmittedSource[]>> {
  const admitted: AdmittedSource[] = [];
  const problems: string[] = [];
  for (const source of sources) {
    const documents: AdmittedDocument[] = [];
    for (const document of source.documents) {
      const one = await (document.isReview ? answerReview(document, deps) : admitDocument(document, deps, originOf));
      if (one.ok) documents.push(one.value);
      else problems.push(...one.problems.map((problem) => `${source.name}:${document.line}: ${problem}`));
    }
    admitted.push({ source, documents });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: admitted };
}

// --- internal ---

async function answerReview(
  document: ManifestDocument,
  { settings, lookup }: AdmitDeps,
): Promise<Result<AdmittedDocument>> {
  const deps = { settings, onUnwrappable: 'admit', ...(lookup && { lookup }) } as const;
  const answered = await admitReview(document.value, deps);
  if (!answered.ok) return { ok: false, problems: [answered.problem] };
  const templates = document.templates.map((template) => ({ template, outcome: answered.outcome }));
  return { ok: true, value: { document, templates, operations: [], after: answered.review } };
}

async function admitDocument(
  document: ManifestDocument,
  { settings, lookup }: AdmitDeps,
  originOf: OriginOf,
): Promise<Result<AdmittedDocument>> {
  const templates: AdmittedTemplate[] = [];
  const problems: string[] = [];
  for (const template of document.templates) {
    const pod = decodePod(template.pod);
    if (!pod.ok) {
      problems.push(`${titleOf(template)}: ${template.path ? `in ${template.path}, ` : ''}${pod.problem}`);
      continue;
    }
    templates.push({ template, outcome: await admitPod(pod.value, originOf(template), settings, lookup) });
  }
  if (problems.length > 0) return { ok: false, problems };
  const operations = templates.flatMap(({ template, outcome }) => operationsOf(template, outcome));
  return { ok: true, value: { document, templates, operations, after: patch(document.value, operations) } };
}

/** The patch of a template, as seen from the root of its document. */
export function operationsOf({ path: root }: PodTemplate, outcome: Outcome): Operation[] {
  if (outcome.kind !== 'patched') return [];
  return outcome.patch.map((operation) => ({ ...operation, path: root + operation.path }));
}

/** On copies: aliases of the source are shared within the value, and applying a patch writes to its own values. */
function patch(value: unknown, operations: Operation[]): unknown {
  if (operations.length === 0) return value;
  return jsonPatch.applyPatch(value, structuredClone(operations), true, false).newDocument;
}
