/** Says of a Job or CronJob whose pods hang that it hangs. Pure. */

import { nameArguments } from '../../live-status/object-names.ts';
import type { Called } from '../../util/called.ts';
import type { Explanation } from '../explanation.ts';

/** @param explanations of an object, and of what is below it */
export function markHanging(explanations: readonly Explanation[], called: Called): Explanation[] {
  const hanging = explanations.filter(({ kind, live }) => kind === 'Pod' && live?.state === 'hangs');
  if (hanging.length === 0) return [...explanations];
  return explanations.map((each) => {
    if (each.kind === 'Pod' || each.live === undefined) return each;
    const own = each.kind === 'Job' ? hanging.filter((pod) => ownerOf(pod) === `Job ${each.name}`) : hanging;
    if (own.length === 0) return each;
    const sentence = `${each.live.sentence}; in ${own.length === 1 ? 'one pod' : `${own.length} pods`}, the apps have exited and a sidecar still runs`;
    const keeper = own.find(({ live }) => live?.keeper === undefined) ? undefined : own[0]?.live?.keeper;
    const named = each.kind === 'Job' && keeper === undefined && nameArguments({ metadata: each });
    const advice = named ? { advice: `to end it and keep its result: ${called('end')} job/${named}` } : {};
    return { ...each, verdict: 'hangs', live: { state: 'hangs', sentence, ...advice, ...(keeper && { keeper }) } };
  });
}

// --- internal ---

const ownerOf = (explanation: Explanation) => ('owner' in explanation ? explanation.owner : undefined);
