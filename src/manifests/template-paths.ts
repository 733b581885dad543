/** `--template-path`: pod templates in objects of any kind, at paths that the user names. Pure. */
import { pointer } from '../inject/patch/operations.ts';
import { isObject } from '../util/json-object.ts';
import { parsePointer, unescapedKey } from '../util/json-pointer.ts';
import { findOtherKind, isJobsTemplate } from './other-kinds.ts';

/** The keys from an object to a pod template; `*` stands for each item of a list, and for each key. */
export type TemplatePath = readonly string[];

type AnyObject = Readonly<Record<string, unknown>>;

/** `path` is a JSON pointer from the root of the object. */
export type TemplateAt = { path: string; job: boolean; pod: unknown };

/** @returns undefined for anything but a JSON pointer */
export const parseTemplatePath = (text: string): TemplatePath | undefined =>
  /^(\/([^/~]|~[01])+)+$/.test(text) ? text.split('/').slice(1).map(unescapedKey) : undefined;

export const formatTemplatePath = (path: TemplatePath): string => pointer(...path);

export function findTemplatesAt(object: AnyObject, paths: readonly TemplatePath[]): TemplateAt[] {
  const known = findOtherKind(object.kind, object.apiVersion);
  const found = new Map(paths.flatMap((path) => follow(object, path, [])).map((each) => [pointer(...each.keys), each]));
  return [...found].map(([path, { value, parent }]) => ({
    path,
    job: isJobsTemplate(known, path),
    pod: withRestartPolicy(value, [parent, known]),
  }));
}

/** @param template JSON pointer to a pod template, from the root of its document, which can be a List */
export function isAt(template: string, path: TemplatePath): boolean {
  const keys = parsePointer(template).slice(-path.length);
  return keys.length === path.length && path.every((key, i) => key === '*' || key === keys[i]);
}

/** @returns a line about the object's pods, if the user has to know more than what is said of each */
export const describeTaken = (title: string, { kind, apiVersion }: AnyObject): string | undefined =>
  findOtherKind(kind, apiVersion)
    ? undefined
    : `${title}: its pods count as those of a Job, because Clockout does not know this kind`;

// --- internal ---

type Followed = { keys: string[]; value: unknown; parent: unknown };

function follow(value: unknown, [key, ...rest]: TemplatePath, keys: readonly string[], parent?: unknown): Followed[] {
  if (key === undefined) return [{ keys: [...keys], value, parent }];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter(([name]) => key === '*' || name === key);
  return entries.flatMap(([name, below]) => follow(below, rest, [...keys, name], value));
}

const policies: readonly unknown[] = ['Never', 'OnFailure', 'Always'];

/**
 * The restartPolicy that the kind's controller gives the pod, if the template has none: the first that one of these has.
 * @see https://github.com/kubeflow/trainer/blob/v1.9.0/pkg/apis/kubeflow.org/v1/common_types.go (ReplicaSpec)
 */
function withRestartPolicy(pod: unknown, from: readonly unknown[]): unknown {
  if (!isObject(pod) || !isObject(pod.spec) || pod.spec.restartPolicy != null) return pod;
  const [policy] = from
    .flatMap((each) => (isObject(each) ? each.restartPolicy : []))
    .flatMap((each) => (each === 'ExitCode' ? 'Never' : each))
    .filter((each) => policies.includes(each));
  return policy === undefined ? pod : { ...pod, spec: { ...pod.spec, restartPolicy: policy } };
}
