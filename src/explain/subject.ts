/** What `explain` knows of a pod template. */
import type { Outcome } from '../admission/outcome.ts';
import type { Origin } from '../decide/origin.ts';
import type { PodTemplate } from '../manifests/find-pods.ts';
import type { DefaultLevels } from '../pod/annotations/read-defaults.ts';
import type { Facts } from '../pod/facts.ts';
import type { Called } from '../util/called.ts';
import type { Unread } from './live/cluster-view.ts';
import type { MeshView } from './live/mesh-view.ts';

export type Subject = {
  template: PodTemplate;
  facts: Facts;
  /** As the webhook sees it. */
  origin: Origin;
  outcome: Outcome;
  /** What `clockout inject` makes of it; left out for what it does not change. */
  injected?: Outcome;
  defaults: DefaultLevels;
  /** Of its namespace, if they are known. */
  namespaceLabels?: Readonly<Record<string, string>> | undefined;
  /** Whether registries were asked. */
  asked: boolean;
  /** Milliseconds since 1970. */
  now: number;
  /** Only where the cluster of an object is at hand. */
  mesh?: MeshView;
  unread?: readonly Unread[];
  called?: Called;
};
