/** Finds the pod templates in manifests: Pod, Job, CronJob, lists of them, and AdmissionReviews of a Pod. Pure. */
import { isBatch } from '../pod/owner.ts';
import { unescapedKey } from '../util/json-pointer.ts';
import { type Position, parseYaml, type YamlDocument } from './yaml/parse.ts';

/** A file, or standard input, with its documents. `text` is never rewritten, only spliced. */
export type Source = { name: string; text: string; documents: ManifestDocument[] };

export type ManifestDocument = {
  /** Position among the documents of its file, from 1. */
  number: number;
  /** The line its content starts at, from 1. */
  line: number;
  node: YamlDocument;
  /** What it says, with aliases and merge keys expanded; null for an empty document. */
  value: unknown;
  templates: PodTemplate[];
  /** An AdmissionReview: answered as a whole, instead of template by template. */
  isReview: boolean;
  /** Kinds that share the name Job with Kubernetes' own, as a person would write them. */
  lookalikes: string[];
};

export type PodTemplate = {
  kind: 'Pod' | 'Job' | 'CronJob';
  apiVersion: string;
  /** With a `*` for what generateName leaves open; empty if it has none. */
  name: string;
  namespace: string | undefined;
  /** JSON pointer from the root of the document to the pod, `''` for a Pod. */
  path: string;
  /** Whether its pods will belong to a Job. */
  job: boolean;
  /** As it stands there, unchecked. */
  pod: unknown;
};

/** A value, or everything that is wrong with the input. */
export type Result<T> = { ok: true; value: T } | { ok: false; problems: string[] };

export function parseManifests(name: string, text: string): Result<Source> {
  const parsed = parseYaml(name, text);
  if (!parsed.ok) return parsed;
  const documents = parsed.documents.map(({ node, value }, i) => describe(node, value, i + 1, parsed.positionOf));
  return { ok: true, value: { name, text, documents } };
}

/** `Job jobs/report`, as people write it. */
export const titleOf = ({ kind, namespace, name }: { kind: string; namespace?: string | undefined; name: string }) =>
  `${kind} ${[namespace, name || '(without a name)'].filter(Boolean).join('/')}`;

/** Namespaces whose manifests are among the documents, with their labels. */
export function namespaceLabels(documents: readonly ManifestDocument[]): Map<string, Record<string, string>> {
  const namespaces = documents
    .flatMap(({ value }) => objectsIn(value))
    .filter(({ object }) => object.kind === 'Namespace' && object.apiVersion === 'v1');
  return new Map(
    namespaces.map(({ object }) => {
      const { name, labels } = record(object.metadata);
      const strings = Object.entries(record(labels)).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      );
      return [String(name), Object.fromEntries(strings)];
    }),
  );
}

/** The value at a JSON pointer. */
export const valueAt = (value: unknown, pointer: string): unknown =>
  pointerKeys(pointer).reduce((at: unknown, key) => record(at)[key], value);

/** @see https://www.rfc-editor.org/rfc/rfc6901 */
export const pointerKeys = (pointer: string): string[] => pointer.split('/').slice(1).map(unescapedKey);

// --- internal ---

type AnyRecord = Record<string, unknown>;
type FoundObject = { object: AnyRecord; path: string };

/** Where the kinds keep their pod. */
const podPaths = { Pod: '', Job: '/spec/template', CronJob: '/spec/jobTemplate/spec/template' } as const;

function describe(
  node: YamlDocument,
  value: unknown,
  number: number,
  positionOf: (offset: number) => Position,
): ManifestDocument {
  const line = positionOf(node.contents?.range[0] ?? node.range[0]).line;
  if (isReview(record(value))) {
    return { number, line, node, value, templates: [reviewedPod(value)], isReview: true, lookalikes: [] };
  }
  const objects = objectsIn(value);
  const [templates, lookalikes] = [objects.flatMap(templateIn), objects.flatMap(lookalikeIn)];
  return { number, line, node, value, templates, isReview: false, lookalikes };
}

const isReview = ({ kind, apiVersion }: AnyRecord) =>
  kind === 'AdmissionReview' && String(apiVersion).startsWith('admission.k8s.io/');

/** The object itself, or the items of a List; lists in lists too, which the parser has kept from being endless. */
function objectsIn(value: unknown, path = ''): FoundObject[] {
  const object = record(value);
  const { kind, apiVersion, items } = object;
  if (typeof kind !== 'string') return [];
  if (!kind.endsWith('List') || !Array.isArray(items)) return [{ object, path }];
  // The items of a JobList, as the API server prints them, leave out what the list's own kind says.
  const implied = kind === 'List' ? {} : { kind: kind.slice(0, -'List'.length), apiVersion };
  return items.flatMap((item, i) => objectsIn({ ...implied, ...record(item) }, `${path}/items/${i}`));
}

function templateIn({ object, path }: FoundObject): PodTemplate[] {
  const { kind, apiVersion } = object;
  const isPod = kind === 'Pod' && apiVersion === 'v1';
  const isJob = (kind === 'Job' || kind === 'CronJob') && isBatch(String(apiVersion));
  if (!isPod && !isJob) return [];
  const podPath = podPaths[kind];
  const pod = valueAt(object, podPath);
  return [{ kind, apiVersion: String(apiVersion), ...namesOf(object), path: `${path}${podPath}`, job: isJob, pod }];
}

/** Its review may know the namespace where the pod does not. */
function reviewedPod(review: unknown): PodTemplate {
  const path = '/request/object';
  const pod = valueAt(review, path);
  const { name, namespace } = namesOf(record(pod));
  const asked = namesOf({ metadata: valueAt(review, '/request') });
  const names = { name: name || asked.name, namespace: namespace ?? asked.namespace };
  return { kind: 'Pod', apiVersion: 'v1', ...names, path, job: false, pod };
}

function namesOf({ metadata }: AnyRecord): Pick<PodTemplate, 'name' | 'namespace'> {
  const { name, generateName, namespace } = record(metadata);
  const open = typeof generateName === 'string' ? `${generateName}*` : '';
  return {
    name: typeof name === 'string' ? name : open,
    namespace: typeof namespace === 'string' ? namespace : undefined,
  };
}

function lookalikeIn({ object }: FoundObject): string[] {
  const { kind, apiVersion } = object;
  const isLookalike = (kind === 'Job' || kind === 'CronJob') && !isBatch(String(apiVersion));
  return isLookalike ? [`${kind} ${record(object.metadata).name ?? ''} of ${apiVersion ?? 'no apiVersion'}`] : [];
}

const record = (value: unknown): AnyRecord => (typeof value === 'object' && value !== null ? (value as AnyRecord) : {});
