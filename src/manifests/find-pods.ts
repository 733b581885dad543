/** Finds the pod templates in manifests: Pod, Job, CronJob, lists of them, and AdmissionReviews of a Pod. Pure. */
import { pointer } from '../inject/patch/operations.ts';
import { isBatch } from '../pod/owner.ts';
import { findValue } from '../util/find-value.ts';
import { isObject } from '../util/json-object.ts';
import { ok, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import { type Rounded, roundIntegers } from './large-integers.ts';
import { describeOtherKind, type OtherObject } from './other-kinds.ts';
import { describeTaken, findTemplatesAt, type TemplatePath } from './template-paths.ts';
import { type Position, parseYaml, type YamlDocument } from './yaml/parse.ts';

/** A file, or standard input, with its documents. `text` is never rewritten, only spliced. */
export type Source = {
  name: string;
  text: string;
  documents: ManifestDocument[];
  /** What Kubernetes reads otherwise than a person might, as sentences with their place. */
  warnings: string[];
  findPosition: (offset: number) => Position;
  /** Where it may have pod templates in objects of other kinds. */
  paths: readonly TemplatePath[];
};

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
  /** Objects of other kinds of which there is something to say. */
  others: OtherObject[];
};

export type PodTemplate = {
  kind: string;
  apiVersion: string;
  /** With a `*` for what generateName leaves open; empty if it has none. */
  name: string;
  namespace: string | undefined;
  /** The object that it stands in, as it stands there. */
  object: Readonly<Record<string, unknown>>;
  /** JSON pointer from the root of the document to the pod, `''` for a Pod. */
  path: string;
  /** Whether its pods will belong to a Job. */
  job: boolean;
  /** As it stands there, unchecked, but with other numbers in place of large integers. */
  pod: unknown;
  /** Puts large integers back into what is copied out of the pod. */
  restore: Rounded['restore'];
};

/** Where the kinds keep their pod. */
export const podPaths = {
  Pod: [],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
} as const;

/**
 * @param paths where the user says that objects of other kinds have pod templates
 * @returns every problem as a sentence, if there are any
 */
export function parseManifests(
  name: string,
  text: string,
  paths: readonly TemplatePath[] = [],
): Result<Source, string[]> {
  const parsed = parseYaml(name, text);
  if (!parsed.ok) return parsed;
  const { documents: found, warnings, findPosition } = parsed.value;
  const documents = found.map(({ node, value }, i) => describeDocument(node, value, i + 1, findPosition, paths));
  return ok({ name, text, documents, warnings, findPosition, paths });
}

/** `Job jobs/report`, as people write it. */
export const formatTitle = ({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace?: string | undefined;
  name: string;
}) => `${kind} ${[namespace, name || '(without a name)'].filter(Boolean).join('/')}`;

/** The labels of each namespace, by its name; or its annotations. */
export type NamespaceLabels = ReadonlyMap<string, Record<string, string>>;

/** Namespaces whose manifests are among the documents, with their labels or annotations. */
export function readNamespaces(documents: readonly ManifestDocument[], of: 'labels' | 'annotations'): NamespaceLabels {
  const namespaces = documents
    .flatMap(({ value }) => listObjects(value))
    .filter(({ object }) => object.kind === 'Namespace' && object.apiVersion === 'v1');
  return new Map(
    namespaces.map(({ object }) => {
      const { name, [of]: found } = asRecord(object.metadata);
      const strings = Object.entries(asRecord(found)).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      );
      return [String(name), Object.fromEntries(strings)];
    }),
  );
}

// --- internal ---

type AnyRecord = Record<string, unknown>;
type FoundObject = { object: AnyRecord; path: string };

function describeDocument(
  node: YamlDocument,
  value: unknown,
  number: number,
  findPosition: (offset: number) => Position,
  paths: readonly TemplatePath[],
): ManifestDocument {
  const line = findPosition(node.start).line;
  const document = { number, line, node, value };
  if (isReview(asRecord(value))) {
    return { ...document, templates: [findReviewedPod(value)], isReview: true, others: [] };
  }
  const objects = listObjects(value);
  const found = objects.map((each) => findTemplates(each, paths));
  const [templates, others] = [found.flatMap((each) => each.templates), found.flatMap((each) => each.others)];
  return { ...document, templates, isReview: false, others };
}

const isReview = ({ kind, apiVersion }: AnyRecord) =>
  kind === 'AdmissionReview' && String(apiVersion).startsWith('admission.k8s.io/');

/** The object itself, or the items of a List; lists in lists too, which the parser has kept from being endless. */
function listObjects(value: unknown, path = ''): FoundObject[] {
  const object = asRecord(value);
  const { kind, apiVersion, items } = object;
  if (typeof kind !== 'string') return [];
  if (!kind.endsWith('List') || !Array.isArray(items)) return [{ object, path }];
  // The items of a JobList, as the API server prints them, leave out what the list's own kind says.
  const implied = kind === 'List' ? {} : { kind: kind.slice(0, -'List'.length), apiVersion };
  return items.flatMap((item, i) => (isObject(item) ? listObjects({ ...implied, ...item }, `${path}/items/${i}`) : []));
}

type Found = Pick<ManifestDocument, 'templates' | 'others'>;

function findTemplates({ object, path }: FoundObject, paths: readonly TemplatePath[]): Found {
  const { kind, apiVersion } = object;
  const isPod = kind === 'Pod' && apiVersion === 'v1';
  const isJob = (kind === 'Job' || kind === 'CronJob') && isBatch(String(apiVersion));
  if (!isPod && !isJob) return findOthers({ object, path }, paths);
  const keys = podPaths[kind];
  const found = { path: path + pointer(...keys), job: isJob, ...takePod(findValue(object, ...keys)) };
  return { templates: [{ kind, apiVersion: String(apiVersion), ...readNames(object), object, ...found }], others: [] };
}

/** Of another kind than Clockout knows by itself: a line, or the templates that the user's paths lead to. */
function findOthers({ object, path }: FoundObject, paths: readonly TemplatePath[]): Found {
  const [kind, apiVersion] = [String(object.kind), String(object.apiVersion ?? 'no apiVersion')];
  const names = readNames(object);
  const found = findTemplatesAt(object, paths);
  const templates = found.map(({ path: below, job, pod }) => ({
    kind,
    apiVersion,
    ...names,
    object,
    path: path + below,
    job,
    ...takePod(pod),
  }));
  const isLookalike = kind === 'Job' || kind === 'CronJob';
  const title = shortened(formatTitle({ kind, ...names }) + (isLookalike ? ` of ${apiVersion}` : ''), 300);
  const say = (line: string): OtherObject => ({ line, title, flags: '', isOpen: false, object });
  if (found.length > 0) {
    const taken = describeTaken(title, object);
    return { templates, others: taken === undefined ? [] : [say(taken)] };
  }
  const other = describeOtherKind(title, object);
  if (other) return { templates, others: [other] };
  const unlike = `${title}: skipped, because it is not of Kubernetes' own API group batch`;
  return { templates, others: isLookalike ? [say(unlike)] : [] };
}

function takePod(found: unknown): Pick<PodTemplate, 'pod' | 'restore'> {
  const { value: pod, restore } = roundIntegers(found);
  return { pod, restore };
}

/** Its review may know the namespace where the pod does not. */
function findReviewedPod(review: unknown): PodTemplate {
  const request = asRecord(findValue(review, 'request'));
  const object = asRecord(request.object);
  const { value: pod, restore } = roundIntegers(request.object);
  const { name, namespace } = readNames(asRecord(pod));
  const asked = readNames({ metadata: request });
  const names = { name: name || asked.name, namespace: namespace ?? asked.namespace };
  return { kind: 'Pod', apiVersion: 'v1', ...names, object, path: '/request/object', job: false, pod, restore };
}

function readNames({ metadata }: AnyRecord): Pick<PodTemplate, 'name' | 'namespace'> {
  const { name, generateName, namespace } = asRecord(metadata);
  const open = typeof generateName === 'string' ? `${generateName}*` : '';
  return {
    name: typeof name === 'string' ? name : open,
    // To YAML 1.1, `off` without quotes is false: as the name of the Namespace is read.
    namespace: namespace == null ? undefined : String(namespace),
  };
}

const asRecord = (value: unknown): AnyRecord =>
  typeof value === 'object' && value !== null ? (value as AnyRecord) : {};
