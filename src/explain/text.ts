/** An explanation as text for a terminal. Pure. */
import { formatTitle } from '../manifests/find-pods.ts';
import { describeGuards, entrypointSources } from '../manifests/report.ts';
import { type Ending, formatSeconds, ways } from './endings.ts';
import type { ExplainedContainer, Explanation } from './explanation.ts';

export type Paint = (format: 'bold' | 'green' | 'yellow' | 'dim', text: string) => string;

type Wrapped = Extract<Explanation, { wrapped: true }>;

export function explanationText(explanation: Explanation, paint: Paint): string {
  const lines = [
    `${paint('dim', `${explanation.file}:`)} ${paint('bold', formatTitle(explanation))}`,
    ...(explanation.wrapped ? wrappedLines(explanation, paint) : skippedLines(explanation, paint)),
    ...explanation.warnings.map((warning) => `  ${paint('yellow', 'warning')}: ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

// --- internal ---

const skippedLines = ({ reason, sentence }: Extract<Explanation, { wrapped: false }>, paint: Paint) => [
  `  ${paint('yellow', 'not wrapped')} (${reason}): ${sentence}`,
];

function wrappedLines(explanation: Wrapped, paint: Paint): string[] {
  const { complete, guard, sidecars, containers, note } = explanation;
  const groups = Map.groupBy(containers, ({ endings }) => JSON.stringify(endings));
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
