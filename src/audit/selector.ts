/**
 * Does a label selector of Kubernetes match these labels?
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
import { isObject } from '../util/json-object.ts';

export type Labels = Readonly<Record<string, string>>;

/** @param selector as it stands in an object, unchecked; an empty one matches everything, as does one that is left out */
export function matchesSelector(selector: unknown, labels: Labels): boolean {
  if (!isObject(selector)) return true;
  const { matchLabels, matchExpressions } = selector;
  return (
    Object.entries(isObject(matchLabels) ? matchLabels : {}).every(([key, value]) => ownLabel(labels, key) === value) &&
    (Array.isArray(matchExpressions) ? matchExpressions : []).every((each) => meets(each, labels))
  );
}

// --- internal ---

function meets(expression: unknown, labels: Labels): boolean {
  if (!isObject(expression)) return false;
  const { key, operator, values } = expression;
  const value = ownLabel(labels, `${key}`);
  const listed = Array.isArray(values) && values.includes(value);
  switch (operator) {
    case 'In':
      return value !== undefined && listed;
    case 'NotIn':
      return value === undefined || !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** A label can have the name `constructor`, which every object seems to have. */
const ownLabel = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
