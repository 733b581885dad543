/** Clockout's own webhooks among those of a cluster, and which of them is for a pod. Pure. */
import { injectLabel } from '../pod/names.ts';
import { type Caller, findCallers, type SeenPod, type Webhook } from './webhooks.ts';

/** Of the chart or the plain manifests, whatever their configuration is called. */
export const isOwn = ({ name }: Webhook): boolean => name.endsWith('.clockout.dev') && !name.endsWith(askingEnd);

/** Those that only ask Istio for a native sidecar, before Istio is called. */
export const isAsking = ({ name }: Webhook): boolean => name.endsWith(askingEnd);

/**
 * The one that is called for a pod: its label, its namespace and whether it belongs to a Job decide. Of several, as with two
 * installations, one that changes the pod comes before one that only observes it.
 */
export function findOwnCaller(webhooks: readonly Webhook[], pod: SeenPod, isJob: boolean): Caller | undefined {
  const callers = findCallers(webhooks.filter(isOwn), pod).filter(({ webhook }) => isFor(webhook, isJob));
  return callers.find(({ webhook }) => !isObserving(webhook)) ?? callers[0];
}

/** Whether it only observes pods: by its path, as the chart has it. */
export const isObserving = ({ name, server }: Webhook): boolean =>
  name.endsWith('.clockout.dev') && 'path' in server && server.path.startsWith('/mutate/observe');

/**
 * - `opt-in`: only namespaces with the label
 * - `cluster`: all but those that have opted out
 * - `observe`: as `opt-in`; all others are observed
 */
export type Mode = 'opt-in' | 'cluster' | 'observe';

/** The chart's value `mode`: what becomes of a namespace without a label. Undefined if the webhooks do not show it. */
export function readMode(webhooks: readonly Webhook[]): Mode | undefined {
  const observer = webhooks.find(isObserving);
  if (observer?.namespaces.some(({ key, operator }) => key === injectLabel && operator === 'NotIn')) return 'observe';
  const forJobs = webhooks.find(({ name }) => name === 'namespace.clockout.dev');
  if (!forJobs) return undefined;
  return forJobs.namespaces.some(({ key, operator }) => key === injectLabel && operator === 'In')
    ? 'opt-in'
    : 'cluster';
}

/**
 * Whether the matchConditions about Jobs hold, which are the chart's own and are known by their names. The others are about mirror
 * pods and Windows.
 */
export const isFor = ({ conditions }: Webhook, isJob: boolean): boolean =>
  !conditions.includes(isJob ? 'belongs-to-no-job' : 'belongs-to-a-job');

// --- internal ---

const askingEnd = '.ask-istio.clockout.dev';
