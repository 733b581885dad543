/** Whether a pod ends by itself, in a word, and which sidecars would keep it running. Pure. */
import { endsProxy, type Origin } from '../decide/origin.ts';
import { unwrappable } from '../decide/reasons.ts';
import type { Facts } from '../pod/facts.ts';
import { listSidecars } from '../pod/sidecars/read.ts';
import type { Ending } from './endings.ts';
import type { Unwrapped } from './skipped.ts';

/**
 * - `ends`: no sidecar keeps the pod running when its apps have exited
 * - `hangs`: a sidecar does, or would
 * - `unwrappable`: Clockout cannot wrap the pod, and its sidecars can keep it running
 * - `unknown`: the registry of an image decides, and was not asked; or something of the cluster does that could not be read
 */
export type Verdict = 'ends' | 'hangs' | 'unwrappable' | 'unknown';

/** @returns the names of the sidecars that keep the pod running if it is skipped for this reason */
export function findKeepers(reason: Unwrapped, facts: Facts, origin: Origin): string[] {
  if (!endsByItself(facts) || !(leavesSidecars.has(reason) || isUnwrappable(reason))) return [];
  // Istio adds no sidecar on the node's network.
  const hasProxy = reason === 'host-network' ? facts.proxy.state === 'injected' : endsProxy(facts, origin);
  return listSidecars(facts, hasProxy);
}

/** @param asked whether registries were asked */
export function judgeSkipped(reason: Unwrapped, keepers: readonly string[], asked: boolean): Verdict {
  if (reason === 'no-entrypoint' && !asked) return 'unknown';
  if (isUnwrappable(reason)) return 'unwrappable';
  // Who has turned Clockout off ends the sidecar by other means.
  if (reason === 'opted-out') return 'ends';
  return reason === 'missed' || reason === 'observed' || keepers.length > 0 ? 'hangs' : 'ends';
}

/** Leaves out the rare ends of an app: that it is killed, or never starts. */
export const judgeEndings = (endings: readonly Ending[]): Verdict =>
  endings.some(({ when, hangs }) => hangs && (when === 'exit-zero' || when === 'exit-other')) ? 'hangs' : 'ends';

// --- internal ---

const isUnwrappable = (reason: Unwrapped) => reason !== 'missed' && reason !== 'observed' && unwrappable.has(reason);

const leavesSidecars: ReadonlySet<Unwrapped> = new Set([
  'not-a-job',
  'not-opted-in',
  'opted-out',
  'no-sidecar',
  'host-network',
  'windows',
  'missed',
  'observed',
]);

/** Kubernetes' default is Always: a pod that runs forever anyway. */
const endsByItself = ({ spec }: Facts) => (spec.restartPolicy ?? 'Always') !== 'Always';
