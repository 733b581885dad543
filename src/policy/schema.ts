/** The parts of a MutatingAdmissionPolicy that Clockout prints. @see https://kubernetes.io/docs/reference/kubernetes-api/admissionregistration/mutating-admission-policy-v1/ */

export type Named = { name: string; expression: string };

export type Mutation =
  | { patchType: 'ApplyConfiguration'; applyConfiguration: { expression: string } }
  | { patchType: 'JSONPatch'; jsonPatch: { expression: string } };

export type Policy = {
  name: string;
  /** What it does, for people: a comment above it. */
  about: string;
  /** `IfNeeded`: it runs again after the webhooks, if one of them has changed the pod. */
  reinvocationPolicy: 'Never' | 'IfNeeded';
  /** In addition to those that say which pods. */
  conditions: Named[];
  variables: Named[];
  mutation: Mutation;
};

/** A text in CEL. */
export const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export const jsonPatch = (expression: string): Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
