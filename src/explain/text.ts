/** An explanation as text for a terminal. Pure. */
import { formatTitle } from '../manifests/find-pods.ts';
import { describeGuards, describeNative, entrypointSources } from '../manifests/report.ts';
import { groupBy } from '../util/group-by.ts';
import { printable } from '../util/text.ts';
import { type Ending, formatSeconds, ways } from './endings.ts';
import type { ExplainedContainer, Explanation } from './explanation.ts';
import type { Live } from './live-pod.ts';

export type Paint = (format: 'bold' | 'green' | 'yellow' | 'red' | 'dim', text: string) => string;

type Wrapped = Extract<Explanation, { wrapped: true }>;
type Native = Extract<Explanation, { strategy: 'native' }>;
type Skipped = Extract<Explanation, { reason: unknown }>;

export const explanationText = (explanation: Explanation, paint: Paint): string =>
  `${explanationLines(explanation, paint).join('\n')}\n`;

export function explanationLines(explanation: Explanation, paint: Paint): string[] {
  const brush = brushWith(paint);
  const { live, inject, warnings } = explanation;
  return [
    line`${brush('dim', `${explanation.file}:`)} ${brush('bold', formatTitle(explanation))}`,
    ...(live ? liveLines(live, brush) : []),
    ...bodyLines(explanation, brush),
    ...(explanation.defaults ?? []).map(
      ({ name, value, from }) => line`  ${brush('dim', 'by default')}: ${name}: ${value}, as the ${from} says`,
    ),
    ...(inject === undefined ? [] : [line`  ${brush('dim', 'clockout inject')}: ${inject}`]),
    ...warnings.map((warning) => line`  ${brush('yellow', 'warning')}: ${warning}`),
  ];
}

// --- internal ---

/** Text that has its color. In all other text of a line, nothing is left that a terminal obeys: much of it others have written. */
type Painted = { readonly painted: string };
type Brush = (...of: Parameters<Paint>) => Painted;

const brushWith =
  (paint: Paint): Brush =>
  (format, text) => ({ painted: paint(format, printable(text)) });

const line = (texts: TemplateStringsArray, ...values: readonly (string | number | Painted)[]): string =>
  String.raw(
    { raw: texts },
    ...values.map((value) => (typeof value === 'object' ? value.painted : printable(`${value}`))),
  );

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

/** What happens at its end is of no use for a pod that has ended. */
const isOver = ({ live }: Explanation) => live !== undefined && (live.state === 'finished' || live.state === 'hangs');

function bodyLines(explanation: Explanation, brush: Brush): string[] {
  if (explanation.wrapped) return wrappedLines(explanation, brush);
  return 'reason' in explanation ? skippedLines(explanation, brush) : nativeLines(explanation, brush);
}

function skippedLines(explanation: Skipped, brush: Brush): string[] {
  const { reason, sentence, verdict, hangs, repaired = [] } = explanation;
  const isUnknown = verdict === 'unknown';
  return [
    ...(repaired.length > 0 ? [line`  ${brush('green', 'repaired')}: ${repaired.join(', ')}`] : []),
    line`  ${brush('yellow', isUnknown ? 'not known' : 'not wrapped')} (${reason}): ${sentence}`,
    ...(hangs && !isUnknown && !isOver(explanation)
      ? [line`  ${brush('yellow', 'HANGS')}: ${hangs.sentence}; ${hangs.advice}`]
      : []),
  ];
}

function nativeLines(explanation: Native, brush: Brush): string[] {
  const { complete, sidecars, asksIstio, containers, endings, note } = explanation;
  const width = Math.max(...endings.map(({ when }) => when.length));
  const head = line`  ${brush('green', complete ? 'native already' : 'made native')}${conditionOf(explanation)}: ${describeNative({ names: sidecars, asksIstio })}`;
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
    line`  ${brush('green', complete ? 'wrapped already' : 'wrapped')}${conditionOf(explanation)}: ${proxyLine(explanation)}`,
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

function proxyLine({ sidecar, sidecars, port }: Wrapped): string {
  if (sidecar === 'other') return `Clockout ends ${sidecars.join(', ') || 'what clockout.dev/quit-urls names'}`;
  const proxy = sidecar === 'injected' ? 'istio-proxy is in the pod' : 'Istio will add istio-proxy';
  return `${proxy}, ${port === 0 ? 'without a status port' : `with its status port at ${port}`}`;
}

/** Where guards run, and what is missing where none does. */
function guardLine({ guard, sidecars, guards }: Wrapped): string {
  if (guard === 'runs') return describeGuards(undefined, sidecars);
  const missing = describeGuards(guard, []);
  return guards.length > 0 ? `${describeGuards(undefined, guards)}, but ${missing}` : missing;
}

/** Containers with the same endings share a table. */
function containerLines(group: ExplainedContainer[], pod: Wrapped, brush: Brush): string[] {
  const names = group.map(({ name }) => name).join(' or ');
  const rows = group[0]?.endings ?? [];
  const width = Math.max(...rows.map(({ when }) => ways[when].length));
  return [
    ...group.map((container) => containerLine(container, pod, brush)),
    line`    if ${names} …`,
    ...rows.map((ending) => line`      ${ways[ending.when].padEnd(width)}  ${hangMark(ending, brush)}${ending.result}`),
  ];
}

function containerLine(container: ExplainedContainer, pod: Wrapped, brush: Brush): string {
  const { argv, source, image } = container.entrypoint;
  const from = [entrypointSources[source], image].filter(Boolean).join(' ');
  return line`  container ${brush('bold', container.name)}: runs ${JSON.stringify(argv)} (${from}), ${startOf(container, pod)}`;
}

/** When the app starts, and why, if that is at once. */
function startOf({ wait, atOnce }: ExplainedContainer, { port }: Wrapped): string {
  if (atOnce !== undefined) return `at once${whyAtOnce[atOnce]}`;
  return port === 0
    ? 'at once, because the proxy has no status port to ask'
    : `when the proxy is ready, or after ${formatSeconds(wait)}`;
}

const whyAtOnce: Record<NonNullable<ExplainedContainer['atOnce']>, string> = {
  'no-proxy': '',
  asked: ', as its annotations say',
  hook: ', because a postStart hook of the pod keeps the proxy from starting until it has ended',
  probe: ', because its probe would have it restarted before wait-timeout is over',
};

const hangMark = ({ hangs }: Ending, brush: Brush) =>
  hangs ? { painted: `${brush('yellow', 'HANGS').painted}: ` } : '';
