/** Clockout as it is installed, or would be: whose pods it sees, and which strategy it has. Pure. */

import { alwaysWrap, type ClusterVersions, type StrategySettings } from '../decide/cluster-versions.ts';
import type { Requirement } from '../mesh/label-selector.ts';
import type { OwnSettings } from '../mesh/own-settings.ts';
import { findOwnCaller, isObserving, isOwn, type Mode, readMode } from '../mesh/own-webhooks.ts';
import type { SeenPod, Webhook } from '../mesh/webhooks.ts';
import type { Strategy } from '../pod/annotations/table.ts';
import { injectLabel, prefix } from '../pod/names.ts';
import { firstWithSafeNative } from '../pod/sidecars/native.ts';

export type { Mode };

export type Installation = {
  mode: Mode;
  /** Those that are called after Istio's, and change pods. */
  webhooks: readonly Webhook[];
  /** Those that only observe. */
  observing: readonly Webhook[];
  strategies: StrategySettings;
  /** Whether its strategy was read, and is not the default for want of it. */
  isStrategyKnown: boolean;
  /** What it sets for pods; undefined if its Deployment cannot be read. */
  settings: OwnSettings | undefined;
};

/** @returns undefined if it is not installed */
export function findInstallation(
  webhooks: readonly Webhook[],
  server: OwnSettings | undefined,
  versions: ClusterVersions,
): Installation | undefined {
  const [own, observing] = [webhooks.filter((each) => isOwn(each) && !isObserving(each)), webhooks.filter(isObserving)];
  if (own.length + observing.length === 0) return undefined;
  const strategies = {
    strategy: server?.strategy ?? alwaysWrap.strategy,
    nativeFrom: server?.nativeFrom ?? firstWithSafeNative,
    clusterVersions: () => versions,
  };
  return {
    mode: readMode([...own, ...observing]) ?? 'opt-in',
    webhooks: own,
    observing,
    strategies,
    isStrategyKnown: server?.strategy !== undefined,
    settings: server,
  };
}

export type Planned = { mode?: Mode | undefined; strategy?: Strategy | undefined };

/** What the chart would install, with the namespaces left out that the installation leaves out now. */
export function planInstallation(
  now: Installation | undefined,
  { mode = now?.mode ?? 'opt-in', strategy = now?.strategies.strategy ?? 'wrap' }: Planned,
  versions: ClusterVersions,
): Installation {
  const more = now ? findRequirements(now.webhooks) : [excludedByDefault];
  return {
    mode,
    webhooks: [
      planWebhook('namespace.clockout.dev', [modeRequirement[mode], ...more], ownLabel('NotIn', 'true', 'false')),
      planWebhook('job.clockout.dev', more, ownLabel('In', 'true')),
    ],
    observing: [
      planWebhook('observe.clockout.dev', [observedRequirement(mode), ...more], ownLabel('NotIn', 'true', 'false')),
    ],
    strategies: {
      strategy,
      nativeFrom: now?.strategies.nativeFrom ?? firstWithSafeNative,
      clusterVersions: () => versions,
    },
    isStrategyKnown: true,
    settings: now?.settings,
  };
}

/** Whether it is called for a new pod. */
export const isCalled = ({ webhooks }: Installation, pod: SeenPod, isJob: boolean): boolean =>
  findOwnCaller(webhooks, pod, isJob)?.isSure === true;

/** Whether it only observes such pods: it decides, and changes nothing. */
export const isObserved = ({ observing }: Installation, pod: SeenPod, isJob: boolean): boolean =>
  findOwnCaller(observing, pod, isJob)?.isSure === true;

// --- internal ---

const ownLabel = (operator: Requirement['operator'], ...values: readonly string[]): Requirement => ({
  key: injectLabel,
  operator,
  values,
});

const modeRequirement: Record<Mode, Requirement> = {
  'opt-in': ownLabel('In', 'enabled'),
  cluster: ownLabel('NotIn', 'disabled', 'observe'),
  observe: ownLabel('In', 'enabled'),
};

const observedRequirement = (mode: Mode): Requirement =>
  mode === 'observe' ? ownLabel('NotIn', 'enabled', 'disabled') : ownLabel('In', 'observe');

/** The chart's own default of webhook.excludedNamespaces, and the namespace that its docs install it in. */
const excludedByDefault: Requirement = {
  key: 'kubernetes.io/metadata.name',
  operator: 'NotIn',
  values: ['kube-system', 'kube-public', 'kube-node-lease', 'clockout'],
};

const planWebhook = (name: string, namespaces: readonly Requirement[], objects: Requirement): Webhook => ({
  configuration: 'zz-clockout',
  labels: {},
  name,
  namespaces,
  objects: [objects],
  conditions: name.startsWith('pod') ? [] : ['belongs-to-a-job'],
  failurePolicy: 'Ignore',
  isReinvoked: true,
  timeout: 10,
  server: {
    namespace: 'clockout',
    service: 'clockout',
    path: name.startsWith('observe') ? '/mutate/observe' : '/mutate',
  },
});

/** Without those that have to do with the mode or the strategy. */
function findRequirements(webhooks: readonly Webhook[]): Requirement[] {
  const first = webhooks.find(({ name }) => name.startsWith('namespace'));
  return first?.namespaces.filter(({ key }) => !key.startsWith(prefix)) ?? [excludedByDefault];
}
