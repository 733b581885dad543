/** Sends every pod template of the input the way that a pod goes in the webhook. */
import type { Operation } from 'fast-json-patch';
import { admitPod, type Origin, type Settings } from '../admission/admit.ts';
import { applyPatch } from '../admission/apply-patch.ts';
import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import { admitReview, type DefaultsOf } from '../admission/review.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import { pointer } from '../inject/patch/operations.ts';
import { joinBase64 } from '../inject/patch/patch-base64.ts';
import type { Pod } from '../pod/schema.ts';
import { isObject } from '../util/json-object.ts';
import { parsePointer } from '../util/json-pointer.ts';
import { pruned } from '../util/pruned.ts';
import { collect, fail, ok, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import { adviseType } from './advise-type.ts';
import { formatTitle, type ManifestDocument, type PodTemplate, podPaths, type Source } from './find-pods.ts';
import { explainIncomplete, findMisplaced, type IncompleteTemplate } from './incomplete.ts';
import { roundIntegers } from './large-integers.ts';
import { printJson } from './print-json.ts';
import { findNode } from './yaml/find-node.ts';

export type AdmittedTemplate = { template: PodTemplate; outcome: Outcome };

export type AdmittedDocument = {
  document: ManifestDocument;
  templates: AdmittedTemplate[];
  /** Pods that Kubernetes does not take by themselves. */
  patches: IncompleteTemplate[];
  /** From the root of the document; none for an AdmissionReview, which is answered instead. */
  operations: Operation[];
  /** What becomes of the document: its value with the operations applied, or the answered review. */
  after: unknown;
};

export type AdmittedSource = { source: Source; documents: AdmittedDocument[] };

/** What a pod is admitted with. */
export type AdmitDeps = { settings: Settings; lookup?: LookupImageConfig; defaultsOf?: DefaultsOf | undefined };

/** Chooses where a pod template counts as coming from: each command has its own answer. */
export type ChooseOrigin = (template: PodTemplate) => Origin;

/** @returns every problem of the file as a sentence, if there are any */
export async function admitSource(
  source: Source,
  deps: AdmitDeps,
  chooseOrigin: ChooseOrigin,
): Promise<Result<AdmittedSource, string[]>> {
  const documents: Result<AdmittedDocument, string[]>[] = [];
  for (const document of source.documents) {
    const admitted = await (document.isReview
      ? answerReview(document, deps)
      : admitDocument(document, deps, chooseOrigin));
    documents.push(admitted.ok ? admitted : fail(admitted.problem.map((problem) => formatProblem(source, problem))));
  }
  const all = collect(documents);
  return all.ok ? ok({ source, documents: all.value }) : all;
}

/** What is wrong, and at which offset of the text. */
export type Problem = { offset: number; sentence: string };

export function formatProblem({ name, findPosition }: Source, { offset, sentence }: Problem): string {
  const { line, col } = findPosition(offset);
  return `${name}:${line}:${col}: ${sentence}`;
}

export function decodeTemplate(document: ManifestDocument, template: PodTemplate): Result<Pod, Problem[]> {
  const misplaced = findMisplaced(template);
  if (misplaced) return failMisplaced(document, template, misplaced);
  const pod = decodePod(template.pod);
  if (pod.ok) return pod;
  const inside = template.path ? `in ${template.path}, ` : '';
  // The sentence starts with the pointer to what is wrong in the pod.
  const pointer = template.path + (/^\/\S*/.exec(pod.problem)?.[0] ?? '');
  const { start } = findNode(document.node, parsePointer(pointer));
  return fail([
    { offset: start, sentence: `${formatTitle(template)}: ${inside}${pod.problem}${adviseType(pod.problem)}` },
  ]);
}

/** The patch of a template, as seen from the root of its document. */
export const placeOperations = ({ path: root, restore }: PodTemplate, operations: readonly Operation[]): Operation[] =>
  operations.map((operation) => {
    const placed = { ...operation, path: root + operation.path };
    return 'value' in placed ? { ...placed, value: restore(placed.value) } : placed;
  });

export const listOperations = ({ template, outcome }: AdmittedTemplate): Operation[] =>
  outcome.kind === 'patched' ? placeOperations(template, outcome.patch) : [];

export const applyOperations = (value: unknown, operations: readonly Operation[]): unknown =>
  isObject(value) ? applyPatch(value, operations) : value;

// --- internal ---

function failMisplaced(
  { node }: ManifestDocument,
  template: PodTemplate,
  { path, found }: NonNullable<ReturnType<typeof findMisplaced>>,
): Result<never, Problem[]> {
  const own = pointer(...podPaths[template.kind as keyof typeof podPaths]);
  const { start } = findNode(node, parsePointer(template.path.slice(0, template.path.length - own.length) + path));
  const shown = shortened(printJson(pruned(found, { characters: 60, items: 5, depth: 3 }), 0), 61);
  return fail([
    { offset: start, sentence: `${formatTitle(template)}: ${path} must be object; found ${shown}; write a map` },
  ]);
}

async function answerReview(document: ManifestDocument, deps: AdmitDeps): Promise<Result<AdmittedDocument, Problem[]>> {
  const answered = await admitReview(roundIntegers(document.value).value, { ...deps, onUnwrappable: 'admit' });
  if (!answered.ok) return fail([{ offset: document.node.start, sentence: answered.problem }]);
  const { outcome, review } = answered.value;
  const templates = document.templates.map((template) => ({ template, outcome }));
  const { patch, ...response } = review.response;
  const after = { ...review, response: { ...response, ...(patch && { patch: joinBase64(patch) }) } };
  return ok({ document, templates, patches: [], operations: [], after });
}

async function admitDocument(
  document: ManifestDocument,
  deps: AdmitDeps,
  chooseOrigin: ChooseOrigin,
): Promise<Result<AdmittedDocument, Problem[]>> {
  const admitted: Result<AdmittedTemplate, Problem[]>[] = [];
  const patches: IncompleteTemplate[] = [];
  for (const template of document.templates) {
    const because = explainIncomplete(template);
    if (because !== undefined) patches.push({ template, because });
    else admitted.push(await admitTemplate(document, template, deps, chooseOrigin));
  }
  const templates = collect(admitted);
  if (!templates.ok) return templates;
  const operations = templates.value.flatMap(listOperations);
  const after = applyOperations(document.value, operations);
  return ok({ document, templates: templates.value, patches, operations, after });
}

async function admitTemplate(
  document: ManifestDocument,
  template: PodTemplate,
  { settings, lookup }: AdmitDeps,
  chooseOrigin: ChooseOrigin,
): Promise<Result<AdmittedTemplate, Problem[]>> {
  const pod = decodeTemplate(document, template);
  if (!pod.ok) return pod;
  return ok({ template, outcome: await admitPod(pod.value, chooseOrigin(template), settings, lookup) });
}
