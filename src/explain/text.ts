/** An explanation as text for a terminal. Pure. */

import type { Live } from '../live-status/pod-state.ts';
import { formatTitle } from '../manifests/find-pods.ts';
import { describeNative } from '../manifests/report.ts';
import { groupBy } from '../util/group-by.ts';
import { type Brush, brushWith, line, type Paint, type Painted } from './brush.ts';
import type { Explanation } from './explanation.ts';
import { clockoutLines, istioLines, presentLines, webhookLines } from './live/mesh-text.ts';
import type { MeshView } from './live/mesh-view.ts';
import { describeNotKnown } from './live/not-known.ts';
import { containerLines, guardLine, proxyLine, type Wrapped } from './wrapped-text.ts';

type Native = Extract<Explanation, { strategy: 'native' }>;
type Skipped = Extract<Explanation, { reason: unknown }>;

export const explanationText = (explanation: Explanation, paint: Paint): string =>
  `${explanationLines(explanation, paint).join('\n')}\n`;

export function explanationLines(explanation: Explanation, paint: Paint): string[] {
  const brush = brushWith(paint);
  return 'context' in explanation ? clusterLines(explanation, brush) : manifestLines(explanation, brush);
}

// --- internal ---

type InCluster = Extract<Explanation, { context: string }>;
type InFile = Extract<Explanation, { file: string }>;

function clusterLines(explanation: InCluster, brush: Brush): string[] {
  const { live, mesh, notKnown } = explanation;
  const title = titleOf(explanation, brush);
  if (live?.state === 'finished' && isOwned(explanation))
    return [line`${title}: ${stateWords.finished}: ${live.sentence}`];
  return [
    live?.state === 'hangs' ? line`${title}: ${brush('red', 'HANGS')}` : line`${title}`,
    ...(mesh ? meshLines(explanation, mesh, brush) : []),
    ...bodyLines(explanation, brush),
    ...defaultLines(explanation, brush),
    ...(notKnown ? [line`  ${brush('yellow', 'not known')}: ${describeNotKnown(notKnown)}`] : []),
    ...warningLines(explanation, brush),
    ...(live ? liveLines(live, brush) : []),
  ];
}

function manifestLines(explanation: InFile, brush: Brush): string[] {
  const { live, inject } = explanation;
  return [
    line`${brush('dim', `${explanation.file}:`)} ${brush('bold', formatTitle(explanation))}`,
    ...(live ? liveLines(live, brush) : []),
    ...bodyLines(explanation, brush),
    ...defaultLines(explanation, brush),
    ...(inject === undefined ? [] : [line`  ${brush('dim', 'clockout inject')}: ${inject}`]),
    ...warningLines(explanation, brush),
  ];
}

const defaultLines = ({ defaults = [] }: Explanation, brush: Brush): string[] =>
  defaults.map(
    ({ name, value, from }) => line`  ${brush('dim', 'by default')}: ${name}: ${value}, as the ${from} says`,
  );

const warningLines = ({ warnings }: Explanation, brush: Brush): string[] =>
  warnings.map((warning) => line`  ${brush('yellow', 'warning')}: ${warning}`);

const stateWords: Record<Live['state'], string> = {
  pending: 'now',
  runs: 'runs now',
  hangs: 'HANGS now',
  ending: 'is ending now',
  finished: 'has finished',
};

const liveLines = ({ state, sentence, advice }: Live, brush: Brush): string[] => [
  line`  ${brush(state === 'hangs' ? 'red' : 'bold', stateWords[state])}: ${sentence}`,
  ...(advice === undefined ? [] : [line`  ${advice}`]),
];

function titleOf(explanation: Explanation, brush: Brush): Painted {
  const owner = 'owner' in explanation ? ` (${explanation.owner})` : '';
  return { painted: line`${brush('bold', formatTitle(explanation))}${owner}` };
}

/** Of a pod whose Job is explained, only what is its own. */
function meshLines(explanation: Explanation, mesh: MeshView, brush: Brush): string[] {
  const { namespace = 'default' } = explanation;
  if (isOwned(explanation) && explanation.kind === 'Pod') return presentLines(mesh, brush);
  return [
    ...istioLines(mesh, namespace, brush),
    ...webhookLines(mesh, brush),
    ...clockoutLines(mesh, namespace, brush),
  ];
}

/** Who has done it, if the pod says so. */
const byWhom = ({ done }: Explanation) => (done ? ` by Clockout ${done.version}` : ' already');

const isLiveTemplate = ({ mesh, kind }: Explanation) => mesh !== undefined && kind !== 'Pod';

const isOwned = (explanation: Explanation) => 'owner' in explanation;

/** What happens at its end is of no use for a pod that has ended, and is said of its Job, if that is explained, too. */
const isOver = (explanation: Explanation) =>
  explanation.live?.state === 'finished' ||
  (explanation.kind === 'Pod' && (explanation.live?.state === 'hangs' || isOwned(explanation)));

function bodyLines(explanation: Explanation, brush: Brush): string[] {
  if (explanation.wrapped) return wrappedLines(explanation, brush);
  return 'reason' in explanation ? skippedLines(explanation, brush) : nativeLines(explanation, brush);
}

function skippedLines(explanation: Skipped, brush: Brush): string[] {
  const { reason, hangs, repaired = [], mesh } = explanation;
  // In a cluster, the line about Clockout says that already.
  const isSaid = reason === 'not-opted-in' && mesh?.clockout !== undefined && !isOwned(explanation);
  return [
    ...(repaired.length > 0 ? [line`  ${brush('green', 'repaired')}: ${repaired.join(', ')}`] : []),
    ...(isSaid ? [] : [whyLine(explanation, brush)]),
    ...(isSaid && !hangs
      ? [line`  ${brush('green', 'ends')}: no sidecar keeps its pods running when their apps have exited`]
      : []),
    ...hangLines(explanation, brush),
  ];
}

/** The registry of an image decides. */
const isUndecided = ({ verdict, notKnown }: Skipped) => verdict === 'unknown' && !notKnown;

function whyLine(explanation: Skipped, brush: Brush): string {
  const { reason, sentence, if: condition } = explanation;
  const isOpen = isUndecided(explanation);
  const only = isOpen && condition ? `; the webhook does so only if ${condition}` : '';
  return line`  ${brush('yellow', isOpen ? 'not known' : 'not wrapped')} (${reason}): ${sentence}${only}`;
}

function hangLines(explanation: Skipped, brush: Brush): string[] {
  const { hangs, notKnown } = explanation;
  if (!hangs || isUndecided(explanation) || isOver(explanation)) return [];
  const word = isLiveTemplate(explanation) ? `its new pods ${notKnown ? 'may ' : ''}HANG` : 'HANGS';
  return [line`  ${brush('yellow', word)}: ${hangs.sentence}; ${hangs.advice}`];
}

function nativeLines(explanation: Native, brush: Brush): string[] {
  const { complete, sidecars, asksIstio, containers, endings, note } = explanation;
  const width = Math.max(...endings.map(({ when }) => when.length));
  const head = line`  ${brush('green', complete ? `native${byWhom(explanation)}` : 'made native')}${conditionOf(explanation)}: ${describeNative({ names: sidecars, asksIstio })}`;
  if (isOver(explanation)) return [head];
  return [
    head,
    line`    if ${containers.join(' or ')} …`,
    ...endings.map(({ when, result }) => line`      ${when.padEnd(width)}  ${result}`),
    ...(note === undefined ? [] : [line`  ${note}`]),
  ];
}

function wrappedLines(explanation: Wrapped, brush: Brush): string[] {
  const { complete, containers, note } = explanation;
  const groups = groupBy(containers, ({ endings }) => JSON.stringify(endings));
  const head = [
    line`  ${brush('green', complete ? `wrapped${byWhom(explanation)}` : 'wrapped')}${conditionOf(explanation)}: ${proxyLine(explanation)}`,
    line`  ${guardLine(explanation)}`,
  ];
  if (isOver(explanation)) return head;
  return [
    ...head,
    ...[...groups.values()].flatMap((group) => containerLines(group, explanation, brush)),
    ...(note === undefined ? [] : [line`  ${note}`]),
  ];
}

const conditionOf = ({ if: condition }: Explanation) => (condition ? `, if ${condition}` : '');
