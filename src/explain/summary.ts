/** What a report for CI says of a pod in short. Pure. */
import { formatTitle } from '../manifests/find-pods.ts';
import { printable } from '../util/text.ts';
import type { Explanation } from './explanation.ts';
import { describeNotKnown } from './live/not-known.ts';
import { explanationLines } from './text.ts';

/** An object of another kind: the webhook would decide on its pods, and the user has not said where their templates are. */
export type NotLookedAt = { file: string; title: string; says: string };

/** `Job jobs/report` */
export const titleOf = (explanation: Explanation): string => printable(formatTitle(explanation));

/** The name of its file, or of the context of its cluster. */
export const sourceOf = (explanation: Explanation): string =>
  'file' in explanation ? explanation.file : explanation.context;

/** Everything that the text form says of it, without color, a line for each. */
export const detailsOf = (explanation: Explanation): string[] =>
  explanationLines(explanation, (_, text) => text).slice(1);

/** What is wrong with it, in one line for each fault; none for a pod that ends. */
export function faultsOf(explanation: Explanation): string[] {
  if (explanation.verdict === 'ends') return [];
  const { live, notKnown } = explanation;
  if (live?.state === 'hangs') return [[live.sentence, live.advice].filter(Boolean).join('; ')];
  if (notKnown && explanation.verdict === 'unknown') return [`not known: ${describeNotKnown(notKnown)}`];
  if (!('reason' in explanation)) return 'guard' in explanation ? endFaults(explanation) : [];
  const { reason, sentence, hangs } = explanation;
  const keeps = hangs && explanation.verdict !== 'unknown' ? `; ${hangs.sentence}; ${hangs.advice}` : '';
  return [`${reason}: ${sentence}${keeps}`];
}

/** How many pods there are, and how many of them would hang, without a word that others have written. */
export function countVerdicts(explanations: readonly Explanation[], open: readonly NotLookedAt[]): string {
  const isOff = (each: Explanation) => 'reason' in each && each.reason === 'opted-out';
  const count = (verdict: Explanation['verdict']) =>
    explanations.filter((each) => each.verdict === verdict && !isOff(each)).length;
  const off = explanations.filter(isOff).length;
  const counts = [
    `ends: ${count('ends')}, hangs: ${count('hangs')}, cannot be wrapped: ${count('unwrappable')}, not known: ${count('unknown')}`,
    ...(off > 0 ? [`turned off: ${off}`] : []),
  ];
  return [
    `pods: ${explanations.length}`,
    counts.join(', '),
    ...(open.length > 0 ? [`objects not looked at: ${open.length}`] : []),
  ].join('; ');
}

// --- internal ---

const endFaults = ({ containers }: Extract<Explanation, { wrapped: true }>): string[] =>
  containers.flatMap(({ name, endings }) => {
    const ending = endings.find(({ hangs }) => hangs);
    return ending ? [`container ${printable(name)}: ${printable(ending.result)}`] : [];
  });
