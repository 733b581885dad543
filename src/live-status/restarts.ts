/** Whether the kubelet starts a container again after it has ended. Pure. */
import type { Container } from '../pod/schema.ts';
import { isObject } from '../util/json-object.ts';

export type WithRules = { restartPolicyRules?: Container['restartPolicyRules'] | undefined };

/**
 * @param policy the container's own restart policy, or else the pod's
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restart-rules
 */
export function startsAgain({ restartPolicyRules }: WithRules, policy: string, code: number): boolean {
  if (restartPolicyRules?.some((rule) => mayMatch(rule, code))) return true;
  return policy !== 'Never' && !(policy === 'OnFailure' && code === 0);
}

// --- internal ---

/** A rule of a form that is newer than this program may match anything. */
function mayMatch(rule: unknown, code: number): boolean {
  const condition = isObject(rule) ? rule.exitCodes : undefined;
  if (!isObject(condition) || !Array.isArray(condition.values)) return true;
  const isListed = condition.values.includes(code);
  return condition.operator === 'In' ? isListed : condition.operator === 'NotIn' ? !isListed : true;
}
