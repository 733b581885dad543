/** Takes values out of objects of the API server, which are unchecked. */
import { isObject } from '../../util/json-object.ts';

export const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce((inner: unknown, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);

export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: unknown, ...keys: readonly string[]): number | undefined {
  const found = at(value, ...keys);
  return typeof found === 'number' ? found : undefined;
}

export function listAt(value: unknown, ...keys: readonly string[]): unknown[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
}

export const textsAt = (value: unknown, ...keys: readonly string[]): string[] =>
  listAt(value, ...keys).filter((each) => typeof each === 'string');

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus */
export const hasCondition = (value: unknown, type: string): boolean =>
  listAt(value, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
  );
