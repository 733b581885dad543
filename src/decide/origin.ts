/** What is known of a pod besides the pod itself, and what follows from both. */
import type { Facts } from '../pod/facts.ts';
import { injectLabel } from '../pod/names.ts';

/**
 * Where a pod comes from. The API server shows a pod as Istio left it, or as it is before Istio's webhook is called, and has
 * checked its namespace's labels. The CLI sees manifests before that: it knows by its place whether a pod template is a Job's, and the namespace's labels if the namespace is
 * among the manifests.
 */
export type Origin = ({ from: 'server'; isBeforeIstio?: boolean } | { from: 'cli'; job: boolean }) & {
  namespaceLabels?: Record<string, string>;
  /** The namespace's label clockout.dev/strategy, if it is known; null: some value that is no strategy. */
  strategy?: string | null | undefined;
};

export const asksForClockout = ({ inject }: Facts): boolean => inject === 'true';

/** Does Clockout end Istio's sidecar in this pod? */
export const endsProxy = ({ proxy: { state } }: Facts, origin: Origin): boolean =>
  state === 'injected' || state === 'requested' || (state === 'undecided' && isBeforeIstio(origin));

/** Will Istio add its sidecar after this review? */
export const expectsProxy = (facts: Facts, origin: Origin): boolean =>
  facts.proxy.state !== 'injected' && endsProxy(facts, origin);

/** The namespace's label; `unknown` if its labels are not at hand. */
export const namespaceSays = ({ namespaceLabels }: Origin): string | undefined =>
  namespaceLabels ? namespaceLabels[injectLabel] : 'unknown';

// --- internal ---

const isBeforeIstio = (origin: Origin) => origin.from === 'cli' || origin.isBeforeIstio === true;
