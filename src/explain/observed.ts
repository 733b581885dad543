/** Pods that Clockout would change, if it did more than observe their namespace. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import type { Facts } from '../pod/facts.ts';
import { injectLabel } from '../pod/names.ts';
import type { MeshView } from './live/mesh-view.ts';
import { describeWould } from './missed.ts';

/** @param mesh what the webhooks of the cluster are, if they can be read; else the namespace's label decides. @returns a sentence; undefined for a pod that Clockout leaves as it is anyway, or that asks for Clockout itself */
export function whyObserved(
  { inject }: Facts,
  outcome: Outcome,
  namespaceLabels: Readonly<Record<string, string>> = {},
  { clockout }: MeshView = {},
): string | undefined {
  const hasLabel = namespaceLabels[injectLabel] === 'observe';
  const isObserved = clockout ? clockout.caller?.observes === true : hasLabel;
  if (outcome.kind !== 'patched' || inject === 'true' || !isObserved) return undefined;
  const why = hasLabel
    ? `, which has the label ${injectLabel}: observe`
    : ', as all that have not opted in (mode observe)';
  return `Clockout would ${describeWould(outcome.plan)}, but only observes its namespace${why}`;
}
