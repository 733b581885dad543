/** Pods that Clockout would change, if it did more than observe their namespace. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import type { Facts } from '../pod/facts.ts';
import { injectLabel } from '../pod/names.ts';
import { describeWould } from './missed.ts';

/** @returns a sentence; undefined for a pod that Clockout leaves as it is anyway, or that asks for Clockout itself */
export function whyObserved(
  { inject }: Facts,
  outcome: Outcome,
  namespaceLabels: Readonly<Record<string, string>> = {},
): string | undefined {
  if (outcome.kind !== 'patched' || inject === 'true' || namespaceLabels[injectLabel] !== 'observe') return undefined;
  return `Clockout would ${describeWould(outcome.plan)}, but only observes its namespace, which has the label ${injectLabel}: observe`;
}
