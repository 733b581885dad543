/** Whether a pod gets its outcome: `mode: observe` changes nothing, and `onUnwrappable: refuse` turns some pods away. Pure. */
import { unwrappable } from '../decide/reasons.ts';
import { type Outcome, readReason } from './outcome.ts';

/** What becomes of a pod. `observed`: it is admitted as it was sent, whatever the outcome is. */
export type Treatment = 'admitted' | 'refused' | 'observed';

/** What happens to a pod that asks for Clockout and cannot be wrapped. */
export type OnUnwrappable = 'admit' | 'refuse';

/** @param isObserved whether the pod is to be left as it is, whatever the outcome */
export function chooseTreatment(outcome: Outcome, onUnwrappable: OnUnwrappable, isObserved: boolean): Treatment {
  if (isObserved) return 'observed';
  return isRefused(outcome, onUnwrappable) ? 'refused' : 'admitted';
}

export function isRefused(outcome: Outcome, onUnwrappable: OnUnwrappable): boolean {
  const reason = readReason(outcome);
  return reason !== undefined && onUnwrappable === 'refuse' && unwrappable.has(reason);
}
