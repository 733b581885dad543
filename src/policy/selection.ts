/** Which pods the policies are for: the same as those of the webhooks in the chart. */
import { injectLabel } from '../pod/names.ts';
import type { Named } from './schema.ts';

/**
 * Whether the pod belongs to a Job, as isJobPod in src/pod/owner.ts decides. A test compares it with the chart's.
 * A condition must not depend on what webhooks inject: a policy runs again only if it matched before them.
 */
const isJob =
  "(has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller)) ? object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller && owner.kind == 'Job' && owner.apiVersion.startsWith('batch/')) : (has(object.metadata.labels) && ('batch.kubernetes.io/job-name' in object.metadata.labels || 'job-name' in object.metadata.labels))";

const asksItself = `has(object.metadata.labels) && '${injectLabel}' in object.metadata.labels && object.metadata.labels['${injectLabel}'] == 'true'`;

/** Conditions of all policies. */
export const podConditions: readonly Named[] = [
  { name: 'belongs-to-a-job-or-asks-itself', expression: `(${asksItself}) || (${isJob})` },
  {
    name: 'is-no-mirror-pod',
    expression: "!(has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)",
  },
  {
    name: 'is-not-for-windows',
    expression:
      "!(has(object.spec.os) && object.spec.os.name == 'windows') && !(has(object.spec.nodeSelector) && 'kubernetes.io/os' in object.spec.nodeSelector && object.spec.nodeSelector['kubernetes.io/os'] == 'windows')",
  },
  {
    name: 'ends',
    expression: "has(object.spec.restartPolicy) && object.spec.restartPolicy != 'Always'",
  },
  { name: 'has-a-network-of-its-own', expression: '!(has(object.spec.hostNetwork) && object.spec.hostNetwork)' },
];

const excludedNamespaces = {
  key: 'kubernetes.io/metadata.name',
  operator: 'NotIn',
  values: ['kube-system', 'kube-public', 'kube-node-lease'],
};

/** A policy has a binding for each: a selector cannot say "or". */
export const bindings = [
  {
    suffix: 'namespaces',
    about: 'Pods without a label of their own, in namespaces that have opted in.',
    matchResources: {
      namespaceSelector: {
        matchExpressions: [{ key: injectLabel, operator: 'In', values: ['enabled'] }, excludedNamespaces],
      },
      objectSelector: { matchExpressions: [{ key: injectLabel, operator: 'NotIn', values: ['true', 'false'] }] },
    },
  },
  {
    suffix: 'pods',
    about: 'Pods whose own label asks for it.',
    matchResources: {
      namespaceSelector: { matchExpressions: [excludedNamespaces] },
      objectSelector: { matchLabels: { [injectLabel]: 'true' } },
    },
  },
] as const;
