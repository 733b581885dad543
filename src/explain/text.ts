/** An explanation as text for a terminal. Pure. */
import { formatTitle } from '../manifests/find-pods.ts';
import { describeGuards, describeNative, entrypointSources } from '../manifests/report.ts';
import { groupBy } from '../util/group-by.ts';
import { type Ending, formatSeconds, ways } from './endings.ts';
import type { ExplainedContainer, Explanation } from './explanation.ts';

export type Paint = (format: 'bold' | 'green' | 'yellow' | 'dim', text: string) => string;

type Wrapped = Extract<Explanation, { wrapped: true }>;
type Native = Extract<Explanation, { strategy: 'native' }>;
type Skipped = Extract<Explanation, { reason: unknown }>;

export function explanationText(explanation: Explanation, paint: Paint): string {
  const lines = [
    `${paint('dim', `${explanation.file}:`)} ${paint('bold', formatTitle(explanation))}`,
    ...bodyLines(explanation, paint),
    ...explanation.warnings.map((warning) => `  ${paint('yellow', 'warning')}: ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

// --- internal ---

function bodyLines(explanation: Explanation, paint: Paint): string[] {
  if (explanation.wrapped) return wrappedLines(explanation, paint);
  return 'reason' in explanation ? skippedLines(explanation, paint) : nativeLines(explanation, paint);
}

const skippedLines = ({ reason, sentence, repaired = [] }: Skipped, paint: Paint) => [
  ...(repaired.length > 0 ? [`  ${paint('green', 'repaired')}: ${repaired.join(', ')}`] : []),
  `  ${paint('yellow', 'not wrapped')} (${reason}): ${sentence}`,
];

function nativeLines({ complete, sidecars, asksIstio, containers, endings, note }: Native, paint: Paint): string[] {
  const width = Math.max(...endings.map(({ when }) => when.length));
  return [
    `  ${paint('green', complete ? 'native already' : 'made native')}: ${describeNative({ names: sidecars, asksIstio })}`,
    `    if ${containers.join(' or ')} …`,
    ...endings.map(({ when, result }) => `      ${when.padEnd(width)}  ${result}`),
    ...(note === undefined ? [] : [`  ${note}`]),
  ];
}

function wrappedLines(explanation: Wrapped, paint: Paint): string[] {
  const { complete, guard, sidecars, containers, note } = explanation;
  const groups = groupBy(containers, ({ endings }) => JSON.stringify(endings));
  return [
    `  ${paint('green', complete ? 'wrapped already' : 'wrapped')}: ${proxyLine(explanation)}`,
    `  ${describeGuards(guard === 'runs' ? undefined : guard, sidecars)}`,
    ...[...groups.values()].flatMap((group) => containerLines(group, paint)),
    ...(note === undefined ? [] : [`  ${note}`]),
  ];
}

function proxyLine({ sidecar, sidecars, port }: Wrapped): string {
  if (sidecar === 'other') return `Clockout ends ${sidecars.join(', ') || 'what clockout.dev/quit-urls names'}`;
  const proxy = sidecar === 'injected' ? 'istio-proxy is in the pod' : 'Istio will add istio-proxy';
  return `${proxy}, ${port === 0 ? 'without a status port' : `with its status port at ${port}`}`;
}

/** Containers with the same endings share a table. */
function containerLines(group: ExplainedContainer[], paint: Paint): string[] {
  const names = group.map(({ name }) => name).join(' or ');
  const rows = group[0]?.endings ?? [];
  const width = Math.max(...rows.map(({ when }) => ways[when].length));
  return [
    ...group.map((container) => containerLine(container, paint)),
    `    if ${names} …`,
    ...rows.map((ending) => `      ${ways[ending.when].padEnd(width)}  ${endingText(ending, paint)}`),
  ];
}

function containerLine({ name, entrypoint, wait }: ExplainedContainer, paint: Paint): string {
  const { argv, source, image } = entrypoint;
  const from = [entrypointSources[source], image].filter(Boolean).join(' ');
  const first = wait === 0 ? 'at once' : `when the proxy is ready, or after ${formatSeconds(wait)}`;
  return `  container ${paint('bold', name)}: runs ${JSON.stringify(argv)} (${from}), ${first}`;
}

const endingText = ({ result, hangs }: Ending, paint: Paint) =>
  hangs ? `${paint('yellow', 'HANGS')}: ${result}` : result;
