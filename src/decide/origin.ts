/** What is known of a pod besides the pod itself, and what follows from both. */
import type { Defaults } from '../pod/annotations/read-defaults.ts';
import type { Facts } from '../pod/facts.ts';
import { findSidecarBar, type SidecarBar } from '../pod/istio.ts';
import { injectLabel } from '../pod/names.ts';

type Labels = Record<string, string>;

/**
 * Where a pod comes from. The API server shows a pod as Istio left it, or as it is before Istio's webhook is called, and has
 * checked its namespace's labels. The CLI sees manifests before that: it knows by its place whether a pod template is a Job's, and
 * the namespace's labels if the namespace is among the manifests. `istioLabels` are these, too: Istio decides by them, also where
 * Clockout is not to.
 */
export type Origin = (
  | { from: 'server'; isBeforeIstio?: boolean }
  | { from: 'cli'; job: boolean; istioLabels?: Labels | undefined }
) & {
  namespaceLabels?: Labels;
  /** The namespace's label clockout.dev/strategy, if it is known; null: some value that is no strategy. */
  strategy?: string | null | undefined;
  /** What the namespace's annotations set for its pods, if it is known. */
  namespaceDefaults?: Defaults | undefined;
};

export const asksForClockout = ({ inject }: Facts): boolean => inject === 'true';

/** Does Clockout end Istio's sidecar in this pod? */
export function endsProxy(facts: Facts, origin: Origin): boolean {
  const { state } = facts.proxy;
  if (state === 'injected') return true;
  return (state === 'requested' || (state === 'undecided' && isBeforeIstio(origin))) && !whyNoSidecar(facts, origin);
}

/** Why Istio, which has yet to see the pod, adds no sidecar to it. */
export const whyNoSidecar = ({ proxy, labels }: Facts, origin: Origin): SidecarBar | undefined =>
  isBeforeIstio(origin)
    ? findSidecarBar(proxy.state, labels, origin.from === 'cli' ? origin.istioLabels : undefined)
    : undefined;

/** Will Istio add its sidecar after this review? */
export const expectsProxy = (facts: Facts, origin: Origin): boolean =>
  facts.proxy.state !== 'injected' && endsProxy(facts, origin);

/** The namespace's label; `unknown` if its labels are not at hand. */
export const namespaceSays = ({ namespaceLabels }: Origin): string | undefined =>
  namespaceLabels ? namespaceLabels[injectLabel] : 'unknown';

// --- internal ---

const isBeforeIstio = (origin: Origin) => origin.from === 'cli' || origin.isBeforeIstio === true;
