/**
 * The options of the wrapper and the guard: each word `NAME=VALUE` that the patch puts between a script and its `--`, in this
 * order. The scripts read `$NAME`. Every option is always given: a reader of the pod sees all values, and the scripts need no
 * defaults. An annotation that a script obeys takes an entry in pod/annotations/table.ts, one here, and a line in the script.
 */
import type { Options as Annotations } from '../pod/annotations/table.ts';
import { proxyContainerName } from '../pod/names.ts';

/** What both take from the plan of a pod: see inject/plan.ts, which has all of these fields. */
type PodPlan = {
  annotations: Annotations;
  port: number;
  quit: number | 'never';
  quitDelay: number;
  reportAfter: number;
  quitUrls: readonly string[];
  sharedProcesses: boolean;
  sidecars: readonly { name: string; guard: { runs: boolean } }[];
};
type AppPlan = { name: string; wait: number; onWaitTimeout: 'start' | 'fail'; stop: string };
type SidecarPlan = { name: string; quitUrl?: string; termAfter?: number };

type Value = string | number;

/** The names of the sidecars with a guard. */
export const listGuards = ({ sidecars }: Pick<PodPlan, 'sidecars'>): string[] =>
  sidecars.flatMap(({ name, guard }) => (guard.runs ? [name] : []));

/** Of run.sh, in the container of an app. */
export const wrapperOptions: Readonly<Record<string, (plan: PodPlan, app: AppPlan) => Value>> = {
  name: (_, { name }) => name,
  port: ({ port }) => port,
  wait: (_, { wait }) => wait,
  late: (_, { onWaitTimeout }) => onWaitTimeout,
  quit: ({ quit }) => quit,
  delay: ({ quitDelay }) => quitDelay,
  urls: ({ quitUrls }) => quitUrls.join(','),
  // A guard reports once for all apps, in a log that people read if a pod hangs.
  report: (plan) => (listGuards(plan).length > 0 ? 0 : plan.reportAfter),
  stop: (_, { stop }) => stop,
  // Whether a guard asks istio-proxy to exit if it starts too late for the wrapper.
  guard: (plan) => (listGuards(plan).includes(proxyContainerName) ? 'yes' : 'no'),
};

/** Of guard.sh, in the container of a sidecar. */
export const guardOptions: Readonly<Record<string, (plan: PodPlan, sidecar: SidecarPlan) => Value>> = {
  me: (_, { name }) => name,
  tell: (_, { quitUrl = '' }) => quitUrl,
  // The script's clock has whole seconds, so 0 would wait for up to one second.
  term: (_, { termAfter }) => (termAfter === 0 ? -1 : (termAfter ?? '')),
  // SIGTERM goes to all processes and to process 1, which kill(2) leaves out of all: a shell as process 1 passes no signal on.
  to: ({ sharedProcesses }) => (sharedProcesses ? '' : '-1,1'),
  quit: ({ quit }) => quit,
  delay: ({ quitDelay }) => quitDelay,
  // The first guard asks the sidecars that have no guard, and reports.
  urls: (plan, { name }) => (listGuards(plan)[0] === name ? plan.quitUrls.join(',') : ''),
  report: (plan, { name }) => (listGuards(plan)[0] === name ? plan.reportAfter : 0),
};

/** @returns the words for a command */
export const renderOptions = <Of>(
  options: Readonly<Record<string, (plan: PodPlan, of: Of) => Value>>,
  plan: PodPlan,
  of: Of,
): string[] => Object.keys(options).map((name) => `${name}=${options[name]?.(plan, of)}`);
