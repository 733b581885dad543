/** Which of the pods that were found are ended, and why the others are not. Pure. */
import { injectLabel } from '../pod/names.ts';
import { shortened } from '../util/text.ts';
import { hangsSince, type PodState } from './hanging-pod.ts';

export type Wish = {
  /** Whether the user named the Job or pod, which then is ended though it has opted out. */
  isNamed: boolean;
  /** Whether only pods count that have opted in, themselves or by their namespace. */
  onlyOptedIn: boolean;
  /** Whether all is known that could opt out the pods of a namespace by default. */
  isKnown: (namespace: string) => boolean;
  /** How many pods are ended at most. */
  max: number;
};

/** The value of a namespace's label clockout.dev/inject; undefined if it has none; null if it could not be read. */
export type NamespaceLabel = string | null | undefined;

/**
 * - `end`: it hangs, and is to be ended
 * - `cannot end`: it hangs, and nothing ends it
 * - `not known`: it hangs, and whether it has opted out cannot be found out
 */
export type Action = 'end' | 'cannot end' | 'not known' | 'does not hang' | 'opted out' | 'over the limit';

/** `reason` is a sentence; of a pod that is to be ended there is none. */
export type Planned = { pod: PodState; action: Action; reason?: string };

/** @returns the pods that hang, the longest first, then the others */
export function planEnd(
  pods: readonly PodState[],
  wish: Wish,
  labelOf: (namespace: string) => NamespaceLabel,
): Planned[] {
  const since = (pod: PodState) => hangsSince(pod) ?? Number.POSITIVE_INFINITY;
  const planned = pods.map((pod) => planPod(pod, wish, labelOf(pod.namespace)));
  const sorted = [
    ...planned.filter(({ action }) => action === 'end').sort((a, b) => since(a.pod) - since(b.pod)),
    ...planned.filter(({ action }) => action !== 'end'),
  ];
  return sorted.map((each, i) => (each.action === 'end' && i >= wish.max ? overLimit(each, wish.max) : each));
}

// --- internal ---

function planPod(pod: PodState, wish: Wish, label: NamespaceLabel): Planned {
  if (pod.state !== 'hangs') return { pod, action: 'does not hang', reason: pod.sentence };
  if (!wish.isNamed && pod.inject == null && pod.quit === undefined && label === null)
    return { pod, action: 'not known', reason: 'you may not read the labels of its namespace; name its Job to end it' };
  if (!wish.isNamed && pod.quit === undefined && !wish.isKnown(pod.namespace))
    return { pod, action: 'not known', reason: 'you may not read its namespace; name its Job to end it' };
  const optedOut = wish.isNamed ? undefined : whyOptedOut(pod, wish, label);
  if (optedOut !== undefined) return { pod, action: 'opted out', reason: optedOut };
  if (pod.keeper !== undefined) return { pod, action: 'cannot end', reason: pod.keeper };
  return { pod, action: 'end' };
}

/** As the webhook reads the label of a pod and of its namespace: see decide/opt-in.ts. */
function whyOptedOut(pod: PodState, { onlyOptedIn }: Wish, label: NamespaceLabel): string | undefined {
  if (pod.quit !== undefined) return `it has the annotation ${pod.quit}`;
  if (pod.inject === 'true') return undefined;
  if (pod.inject != null) return `it has the label ${injectLabel}: ${shortened(pod.inject, 63)}`;
  if (label === 'disabled' || label === 'observe') return `its namespace has the label ${injectLabel}: ${label}`;
  if (onlyOptedIn && label !== 'enabled') return `its namespace does not have the label ${injectLabel}: enabled`;
  return undefined;
}

const overLimit = ({ pod }: Planned, max: number): Planned => ({
  pod,
  action: 'over the limit',
  reason: `--max ${max}: run the command again to end it`,
});
