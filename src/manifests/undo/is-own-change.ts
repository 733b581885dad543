/** Whether two texts differ only in what Clockout changes in pods. What others own must not depend on a pod's annotation. Pure. */
import { equal } from '../../inject/patch/operations.ts';
import { initContainerName, istioNative, istioStatus, volumeNames, writtenAnnotations } from '../../pod/names.ts';
import { groupBy } from '../../util/group-by.ts';
import { parsePointer } from '../../util/json-pointer.ts';
import type { ManifestDocument } from '../find-pods.ts';

export const isOwnChange = (before: readonly ManifestDocument[], after: readonly ManifestDocument[]): boolean =>
  before.length === after.length &&
  before.every((document, i) => {
    const paths = document.templates.map(({ path }) => parsePointer(path));
    return equalBut(document.value, after[i]?.value, document.isReview ? [] : paths);
  });

// --- internal ---

/** @param paths to the pods in it */
function equalBut(before: unknown, after: unknown, paths: readonly (readonly string[])[]): boolean {
  if (paths.length === 0) return equal(before, after);
  if (paths[0]?.length === 0) return isSamePod(before, after);
  const [fields, others] = [fieldsOf(before), fieldsOf(after)];
  if (Array.isArray(before) !== Array.isArray(after) || fields.size !== others.size) return false;
  const byKey = groupBy(paths, ([key]) => key);
  const findBelow = (key: string) => (byKey.get(key) ?? []).map(([, ...rest]) => rest);
  return [...fields].every(([key, value]) => others.has(key) && equalBut(value, others.get(key), findBelow(key)));
}

function isSamePod(before: unknown, after: unknown): boolean {
  const [pod, other] = [fieldsOf(before), fieldsOf(after)];
  return (
    isSameBut(pod, other, ['metadata', 'spec']) &&
    isSameMetadata(fieldsOf(pod.get('metadata')), fieldsOf(other.get('metadata'))) &&
    isSameSpec(fieldsOf(pod.get('spec')), fieldsOf(other.get('spec')))
  );
}

const changedAnnotations = [...writtenAnnotations, istioStatus, istioNative];

const isSameMetadata = (before: Fields, after: Fields) =>
  isSameBut(before, after, ['annotations']) &&
  isSameBut(fieldsOf(before.get('annotations')), fieldsOf(after.get('annotations')), changedAnnotations);

/** Containers can move between the two lists: `native` does that. */
const isSameSpec = (before: Fields, after: Fields) =>
  isSameBut(before, after, ['volumes', 'containers', 'initContainers']) &&
  equal(listOthers(before.get('volumes'), volumeNames), listOthers(after.get('volumes'), volumeNames)) &&
  hasSameContainers(before, after);

/** What of a container a patch changes. */
const changedFields = [
  'command',
  'args',
  'lifecycle',
  'readinessProbe',
  'livenessProbe',
  'startupProbe',
  'volumeMounts',
  'env',
  'restartPolicy',
];

function hasSameContainers(before: Fields, after: Fields): boolean {
  const listAll = (spec: Fields) =>
    ['containers', 'initContainers']
      .flatMap((list) => listOthers(spec.get(list), [initContainerName]))
      .map((container) => [nameOf(container), fieldsOf(container)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const [some, others] = [listAll(before), listAll(after)];
  return (
    some.length === others.length &&
    some.every(([, container], i) => isSameBut(container, others[i]?.[1] ?? new Map(), changedFields))
  );
}

type Fields = ReadonlyMap<string, unknown>;

const fieldsOf = (value: unknown): Fields =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

function isSameBut(before: Fields, after: Fields, keys: readonly string[]): boolean {
  const others = (fields: Fields) => [...fields].filter(([key]) => !keys.includes(key));
  return equal(Object.fromEntries(others(before)), Object.fromEntries(others(after)));
}

const listOthers = (list: unknown, names: readonly string[]): unknown[] =>
  Array.isArray(list) ? list.filter((item) => !names.includes(nameOf(item))) : [];

/** An object as a name could throw when it becomes text. */
function nameOf(item: unknown): string {
  const name = fieldsOf(item).get('name');
  return typeof name === 'string' ? name : '';
}
