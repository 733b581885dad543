/** Which webhooks see the pods of Jobs in a namespace. Pure. */
import type { Labels } from '../mesh/label-selector.ts';
import { findCallers, labelsOfJobPod, type Webhook } from '../mesh/webhooks.ts';
import type { NamespaceFacts } from './facts.ts';

/** @param own labels of the pod itself */
export const sees = (webhooks: readonly Webhook[], { name, labels }: NamespaceFacts, own: Labels = {}): boolean =>
  findCallers(webhooks, {
    namespace: name,
    namespaceLabels: labels,
    labels: { ...labelsOfJobPod('job'), ...own },
  }).length > 0;
