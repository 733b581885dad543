/** Sidecars that keep a pod running, and that Clockout neither ends nor makes native although the pod or its namespace has opted in. */
import type { Facts } from '../pod/facts.ts';
import { listSidecars } from '../pod/sidecars/read.ts';
import type { SkipReason } from './reasons.ts';
import { sharedRules } from './shared-rules.ts';

export type LeftRunning = { code: 'left-running'; containers: readonly string[]; because: Because };

type Because = 'no-sidecar' | 'host-network' | 'windows';

/** @param reason why the pod is skipped */
export function findLeftRunning(reason: SkipReason, facts: Facts): LeftRunning[] {
  // Most pods have one container, and are read no further.
  if (facts.spec.containers.length < 2) return [];
  const because = reason === 'no-sidecar' ? findOther(facts) : reason;
  if (because !== 'no-sidecar' && because !== 'host-network' && because !== 'windows') return [];
  // Kubernetes' default is Always: a pod that runs forever anyway.
  if ((facts.spec.restartPolicy ?? 'Always') === 'Always') return [];
  const containers = listSidecars(facts, facts.proxy.state === 'injected');
  return containers.length > 0 ? [{ code: 'left-running', containers, because }] : [];
}

// --- internal ---

/** A pod without Istio's sidecar is skipped for that first, also where a label of its own would not help. */
const findOther = (facts: Facts): SkipReason =>
  (['host-network', 'windows', 'mirror-pod', 'managed-command'] as const).find((rule) => sharedRules[rule](facts)) ??
  'no-sidecar';
