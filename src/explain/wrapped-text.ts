/** What a wrapped pod runs, and what happens at each end, as lines for a terminal. Pure. */
import { describeGuards, entrypointSources } from '../manifests/report.ts';
import { type Brush, line } from './brush.ts';
import { formatSeconds } from './ending-words.ts';
import { type Ending, ways } from './endings.ts';
import type { ExplainedContainer } from './explain-wrapped.ts';
import type { Explanation } from './explanation.ts';

export type Wrapped = Extract<Explanation, { wrapped: true }>;

/** Who ends the pod, and where. */
export function proxyLine({ sidecar, sidecars, port }: Wrapped): string {
  if (sidecar === 'other') return `Clockout ends ${sidecars.join(', ') || 'what clockout.dev/quit-urls names'}`;
  const proxy = sidecar === 'injected' ? 'istio-proxy is in the pod' : 'Istio will add istio-proxy';
  return `${proxy}, ${port === 0 ? 'without a status port' : `with its status port at ${port}`}`;
}

/** Where guards run, and what is missing where none does. */
export function guardLine({ guard, sidecars, guards }: Wrapped): string {
  if (guard === 'runs') return describeGuards(undefined, sidecars);
  const missing = describeGuards(guard, []);
  return guards.length > 0 ? `${describeGuards(undefined, guards)}, but ${missing}` : missing;
}

/** Containers with the same endings share a table. */
export function containerLines(group: ExplainedContainer[], pod: Wrapped, brush: Brush): string[] {
  const names = group.map(({ name }) => name).join(' or ');
  const rows = group[0]?.endings ?? [];
  const width = Math.max(...rows.map(({ when }) => ways[when].length));
  return [
    ...group.map((container) => containerLine(container, pod, brush)),
    line`    if ${names} …`,
    ...rows.map((ending) => line`      ${ways[ending.when].padEnd(width)}  ${hangMark(ending, brush)}${ending.result}`),
  ];
}

// --- internal ---

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
  probe: ', because its probe would have it restarted before wait-timeout has passed',
};

const hangMark = ({ hangs }: Ending, brush: Brush) =>
  hangs ? { painted: `${brush('yellow', 'HANGS').painted}: ` } : '';
