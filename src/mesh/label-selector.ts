/**
 * Label selectors of Kubernetes, decided as the API server does. Pure.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
 */
import { isObject } from '../util/json-object.ts';

export type Labels = Readonly<Record<string, string>>;

export type Requirement = {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Only of `In` and `NotIn`. */
  values: readonly string[];
};

/** All of them have to hold; none selects everything. */
export type Selector = readonly Requirement[];

/** @param value `matchLabels` and `matchExpressions`, unchecked; what the API server would have refused is left out */
export function readSelector(value: unknown): Selector {
  const { matchLabels, matchExpressions } = isObject(value) ? value : {};
  return [
    ...Object.entries(readLabels(matchLabels)).map(
      ([key, wanted]): Requirement => ({ key, operator: 'In', values: [wanted] }),
    ),
    ...(Array.isArray(matchExpressions) ? matchExpressions.flatMap(readRequirement) : []),
  ];
}

/** Labels as an object has them, unchecked. */
export const readLabels = (value: unknown): Labels =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

export const selects = (selector: Selector, labels: Labels): boolean =>
  selector.every((requirement) => holds(requirement, labels));

/** The labels that the selector asks for, and that are there: why it selects what has them. */
export const listAsked = (selector: Selector, labels: Labels): [key: string, value: string][] =>
  selector.flatMap(({ key, operator }): [string, string][] => {
    const value = readLabel(labels, key);
    return value !== undefined && (operator === 'In' || operator === 'Exists') ? [[key, value]] : [];
  });

/** A label; not what every JavaScript object has. */
export const readLabel = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

// --- internal ---

const operators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'] satisfies Requirement['operator'][];

const isOperator = (value: unknown): value is Requirement['operator'] =>
  typeof value === 'string' && operators.includes(value);

function readRequirement(value: unknown): Requirement[] {
  const { key, operator, values } = isObject(value) ? value : {};
  if (typeof key !== 'string' || !isOperator(operator)) return [];
  return [{ key, operator, values: Array.isArray(values) ? values.filter((each) => typeof each === 'string') : [] }];
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = readLabel(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
