/** Reasons to skip a pod that hold whichever way it goes. */
import type { Facts } from '../pod/facts.ts';
import { hasManagedCommand } from './commands.ts';
import { asksForClockout } from './origin.ts';

export const sharedRules = {
  'host-network': ({ spec }: Facts) => spec.hostNetwork === true,
  windows: ({ spec }: Facts) => spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows',
  'mirror-pod': ({ annotations }: Facts) => annotations['kubernetes.io/config.mirror'] != null,
  'managed-command': (facts: Facts) => !asksForClockout(facts) && hasManagedCommand(facts),
  'invalid-annotation': ({ optionProblems }: Facts) => optionProblems.length > 0,
};
