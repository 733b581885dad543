/** Reasons to skip a pod that hold whichever way it goes. */
import type { Facts } from '../pod/facts.ts';
import { hasManagedCommand } from './commands.ts';
import { asksForClockout } from './origin.ts';

/** Sidecars that Clockout knows, and leaves running. */
export type LeftSidecars = {
  code: 'sidecars-left';
  containers: readonly string[];
  because: 'host-network' | 'no-own-label';
};

/**
 * Of a pod that is skipped because it is not in the mesh: nobody ends its other sidecars. Istio itself adds no sidecar to a pod that uses
 * the node's network.
 */
export function findLeftSidecars(facts: Facts): LeftSidecars[] {
  // Most pods have one container, and are read no further.
  if (facts.spec.containers.length < 2) return [];
  const because = facts.spec.hostNetwork ? 'host-network' : asksForClockout(facts) ? undefined : 'no-own-label';
  const left = because ? facts.sidecars.filter(({ end }) => end.by !== 'itself') : [];
  return because && left.length > 0
    ? [{ code: 'sidecars-left', containers: left.map(({ container }) => container.name), because }]
    : [];
}

export const sharedRules = {
  'host-network': ({ spec }: Facts) => spec.hostNetwork === true,
  windows: ({ spec }: Facts) => spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows',
  'mirror-pod': ({ annotations }: Facts) => annotations['kubernetes.io/config.mirror'] != null,
  'managed-command': (facts: Facts) => !asksForClockout(facts) && hasManagedCommand(facts),
  'invalid-annotation': ({ optionProblems }: Facts) => optionProblems.length > 0,
};
