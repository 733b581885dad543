/** What of a cluster decides about its pods, as far as the caller may read it. */
import type { ApiProblem } from '../../kubernetes/api/api.ts';
import type { NamespaceLabels } from '../../manifests/find-pods.ts';
import type { Istiod } from '../../mesh/istiod.ts';
import type { OldestNode } from '../../mesh/native-choice.ts';
import type { Webhook, WebhookServer } from '../../mesh/webhooks.ts';
import type { Installed } from './read-installed.ts';

/** What could not be read. Without a name, all such objects. */
export type Unread = {
  what: 'webhooks' | 'istiod' | 'nodes' | 'installation' | 'namespace';
  name?: string;
  problem: ApiProblem;
};

/** Undefined: it cannot be read. */
export type ClusterView = {
  webhooks: readonly Webhook[] | undefined;
  /** Each control plane of Istio that is called, by `istiodKey`. */
  istiods: ReadonlyMap<string, Istiod>;
  /** Null if the cluster has no nodes. */
  oldestNode: OldestNode | null | undefined;
  /** Of Clockout, with what they set. */
  installations: readonly Installed[];
  /** Of the namespaces that can be read. */
  namespaces: NamespaceLabels;
  /** Clockout's annotations of these namespaces. */
  annotations: ReadonlyMap<string, Readonly<Record<string, string>>>;
  unread: readonly Unread[];
};

export const istiodKey = (server: WebhookServer, revision: string): string | undefined =>
  'service' in server ? `${server.namespace}/${revision}` : undefined;
