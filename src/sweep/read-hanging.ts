/** Finds pods that hang although Clockout could have ended them: it was not asked about them, or has skipped them. Pure. */
import { decodePod } from '../admission/decode-pod.ts';
import { describeLivePod } from '../live-status/pod-state.ts';
import { createFacts } from '../pod/facts.ts';
import { findController } from '../pod/owner.ts';
import type { OwnerReference } from '../pod/schema.ts';

export type HangingPod = { namespace: string; name: string; ownerReferences: OwnerReference[] };

/**
 * @param pod as the API server lists it, with its status
 * @returns its names and its owner, if it belongs to a Job, has a classic Istio sidecar that has outlived all apps, and no mark of Clockout
 */
export function readHanging(pod: Record<string, unknown>, now: number): HangingPod | undefined {
  const decoded = decodePod(pod);
  if (!decoded.ok) return undefined;
  const { isJobPod, proxy, own, apps, metadata } = createFacts(decoded.value);
  if (!isJobPod || proxy.state !== 'injected') return undefined;
  if (own.status !== undefined || apps.some(({ wrapped }) => wrapped !== undefined)) return undefined;
  const known = apps.map(({ container: { name, restartPolicyRules }, restartPolicy }) => ({
    name,
    restartPolicyRules,
    restartPolicy,
  }));
  const live = describeLivePod(pod, { apps: known, grace: 0 }, now);
  if (live?.state !== 'hangs' || !metadata?.namespace) return undefined;
  const owner = findController(metadata);
  return { namespace: metadata.namespace, name: metadata.name ?? '', ownerReferences: owner ? [owner] : [] };
}

/** How many there are of each. */
export function countEach(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
