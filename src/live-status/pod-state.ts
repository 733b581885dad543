/** What the status of a pod says about it now. Pure. */

import type { Facts } from '../pod/facts.ts';
import type { Called } from '../util/called.ts';
import { findValue } from '../util/find-value.ts';
import { listed } from '../util/text.ts';
import { type ContainerStatus, listNames, readContainers, readText, shownName } from './containers.ts';
import { nameArguments } from './object-names.ts';
import { startsAgain, type WithRules } from './restarts.ts';
import { formatAgo, readTime } from './times.ts';
import { findWays } from './ways.ts';

/** `hangs`: its apps have exited, and a sidecar still runs. */
export type Live = {
  state: 'pending' | 'runs' | 'hangs' | 'ending' | 'finished';
  sentence: string;
  /** What to do about it. */
  advice?: string;
  /** Of a pod that hangs: why nothing ends it from outside, as a sentence. */
  keeper?: string;
};

/** Of its own, or of its pod. */
type App = WithRules & { name: string; restartPolicy: string };

/** What is known of a pod from its spec. */
export type Known = {
  apps: readonly App[];
  /** Seconds that its sidecars have to exit in, once its apps have; 0 for a pod that Clockout does not end. */
  grace: number;
  /** Left out if no advice is wanted. */
  advise?: { facts: Facts; called: Called };
};

/** @returns undefined for a pod without a status, as in a manifest */
export function describeLivePod(pod: unknown, known: Known, now: number): Live | undefined {
  const phase = findValue(pod, 'status', 'phase');
  if (typeof phase !== 'string') return undefined;
  const deleted = findValue(pod, 'metadata', 'deletionTimestamp');
  if (phase === 'Succeeded' || phase === 'Failed') return describeFinished(pod, phase, now);
  if (deleted != null) return { state: 'ending', sentence: 'it is being deleted' };
  const containers = readContainers(pod, 'containerStatuses');
  const apps = known.apps.map((app) => ({ ...app, status: containers.find(({ name }) => name === app.name) }));
  if (phase === 'Pending' || containers.length === 0)
    return { state: 'pending', sentence: `it has not started${because(findDelay(pod))}` };
  const ended = apps.filter(hasEnded);
  return apps.length > 0 && ended.length === apps.length
    ? describeEnd(pod, ended, containers, known, now)
    : describeRunning(apps, now);
}

/** Seconds for which the sidecars of a wrapped pod can run after its apps. @param delay before they are asked to exit */
export const graceOf = (quit: number | 'never', delay: number): number =>
  quit === 'never' ? 0 : quit + delay + longestDrain;

// --- internal ---

type AppStatus = App & { status: ContainerStatus | undefined };

/** Does the kubelet not start it again? */
const hasEnded = ({ status, restartPolicy, ...app }: AppStatus): boolean => {
  if (status?.state !== 'terminated') return false;
  const code = findValue(status.details, 'exitCode');
  return !startsAgain(app, restartPolicy, typeof code === 'number' ? code : Number.NaN);
};

function describeEnd(
  pod: unknown,
  ended: readonly AppStatus[],
  containers: readonly ContainerStatus[],
  { apps, grace, advise }: Known,
  now: number,
): Live {
  const names = new Set(apps.map(({ name }) => name));
  const running = containers.filter(({ name, state }) => state === 'running' && !names.has(name));
  const left = listNames(running);
  const exits = ended.map((app) => describeExit(app, now)).join(', and ');
  if (left.length === 0) {
    const restarted = listNames(containers.filter(({ name, state }) => state === 'waiting' && !names.has(name)));
    const waits = `${restarted.join(' and ')} ${restarted.length === 1 ? 'waits' : 'wait'} for the kubelet to start it again`;
    return { state: 'ending', sentence: restarted.length > 0 ? `${exits}; ${waits}` : exits };
  }
  const still = `${left.join(' and ')} still ${left.length === 1 ? 'runs' : 'run'}`;
  const last = Math.max(...ended.map(({ status }) => readTime(findValue(status?.details, 'finishedAt')) ?? 0));
  if (grace > 0 && now - last <= grace * 1000)
    return { state: 'ending', sentence: `${exits}; ${still}, and is asked to exit` };
  const advice = advise && adviseEnd(pod, running, advise);
  return { state: 'hangs', sentence: `${exits}, and ${still}`, ...advice };
}

function describeRunning(apps: readonly AppStatus[], now: number): Live {
  const running = apps.filter((app) => !hasEnded(app));
  const parts = [
    ...apps.filter(hasEnded).map((app) => describeExit(app, now)),
    ...running.map((app) => describeApp(app, now)),
  ];
  return { state: 'runs', sentence: parts.length > 0 ? listed(parts, 10).join(', ') : 'it runs' };
}

function describeApp(app: AppStatus, now: number): string {
  const name = shownName(app.name);
  const { state, details } = app.status ?? { state: 'unknown', details: undefined };
  const reason = readText(details, 'reason');
  if (state === 'terminated') return `${describeExit(app, now)} and is started again`;
  if (state === 'waiting') return `container ${name} does not run${because(reason)}`;
  if (state === 'unknown') return `nothing is known of container ${name}`;
  const started = formatAgo(findValue(details, 'startedAt'), now);
  if (started === undefined) return `container ${name} runs`;
  const time = started.replace(/ ago$/, '');
  return `container ${name} has ${time === started ? 'just started' : `been running for ${time}`}`;
}

/** `container app exited 12 minutes ago with code 0` */
function describeExit({ name, status }: AppStatus, now: number): string {
  const ago = formatAgo(findValue(status?.details, 'finishedAt'), now);
  const code = findValue(status?.details, 'exitCode');
  const reason = readText(status?.details, 'reason');
  const why = reason && !ordinary.has(reason) ? ` (${reason})` : '';
  return `container ${shownName(name)} exited${ago ? ` ${ago}` : ''}${typeof code === 'number' ? ` with code ${code}` : ''}${why}`;
}

/** Reasons that say no more than the exit code. */
const ordinary: ReadonlySet<string> = new Set(['Completed', 'Error']);

function describeFinished(pod: unknown, phase: string, now: number): Live {
  const ends = readContainers(pod, 'containerStatuses').map(({ details }) => findValue(details, 'finishedAt'));
  const last = ends.toSorted((a, b) => (readTime(b) ?? 0) - (readTime(a) ?? 0))[0];
  const ago = formatAgo(last, now);
  return {
    state: 'finished',
    sentence: `${phase}${ago ? `, ${ago}` : ''}${because(readText(findValue(pod, 'status'), 'reason'))}`,
  };
}

/** Why a pod has not started: the first thing that it waits for. */
function findDelay(pod: unknown): string | undefined {
  const conditions = findValue(pod, 'status', 'conditions');
  const unscheduled = (Array.isArray(conditions) ? conditions : []).find(
    (each) => findValue(each, 'type') === 'PodScheduled' && findValue(each, 'status') === 'False',
  );
  if (unscheduled) return readText(unscheduled, 'message') ?? readText(unscheduled, 'reason') ?? 'it is not scheduled';
  const inits = readContainers(pod, 'initContainerStatuses').filter(({ state }) => state !== 'terminated');
  const waiting = [...inits, ...readContainers(pod, 'containerStatuses')].find(
    ({ state, details }) => state === 'waiting' && readText(details, 'reason') !== 'PodInitializing',
  );
  const found = waiting ?? inits[0];
  if (!found) return undefined;
  const reason = readText(found.details, 'reason');
  return `container ${shownName(found.name)} ${found.state === 'running' ? 'still runs' : 'waits'}${reason ? ` (${reason})` : ''}`;
}

/** As `clockout end` would do it. */
function adviseEnd(
  pod: unknown,
  running: readonly ContainerStatus[],
  { facts, called }: NonNullable<Known['advise']>,
): Pick<Live, 'advice' | 'keeper'> {
  const named = nameArguments(pod);
  const names = running.map(({ name }) => name);
  const { keeper } = findWays(facts, names);
  if (named && keeper === undefined) return { advice: `to end it and keep its result: ${called('end')} pod/${named}` };
  const advice = 'to end it, delete the pod; if it has a Job, that creates it again';
  return keeper === undefined ? { advice } : { keeper, advice: `${keeper}; ${advice}` };
}

const because = (reason: string | undefined) => (reason ? `: ${reason}` : '');

/** In seconds. A proxy drains for less by default. */
const longestDrain = 60;
