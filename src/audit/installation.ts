/** Clockout as it is installed, or would be: whose pods it sees, and which strategy it has. Pure. */

import { alwaysWrap, type ClusterVersions, type StrategySettings } from '../decide/cluster-versions.ts';
import type { OwnInstallation } from '../mesh/installations.ts';
import type { Requirement } from '../mesh/label-selector.ts';
import type { OwnSettings } from '../mesh/own-settings.ts';
import { findOwnCaller, isObserving, type Mode, readMode } from '../mesh/own-webhooks.ts';
import type { SeenPod, Webhook } from '../mesh/webhooks.ts';
import type { Strategy } from '../pod/annotations/table.ts';
import { injectLabel, prefix } from '../pod/names.ts';
import { firstWithSafeNative } from '../pod/sidecars/native.ts';

export type { Mode };

export type Installation = OwnInstallation & {
  mode: Mode;
  strategies: StrategySettings;
  /** Whether its strategy was read, and is not the default for want of it. */
  isStrategyKnown: boolean;
  /** What it sets for pods; undefined if its Deployment cannot be read. */
  settings: OwnSettings | undefined;
};

/** As a report has it. `namespace` and `name` are null if its webhooks name no Service; `strategy` is null if it could not be read. */
export type InstallationFound = {
  namespace: string | null;
  name: string | null;
  mode: Mode;
  strategy: string | null;
};

/** @param settings undefined if its Deployment cannot be read */
export const describeInstallation = (
  { server, webhooks }: OwnInstallation,
  settings: OwnSettings | undefined,
  versions: ClusterVersions,
): Installation => ({
  server,
  webhooks,
  mode: readMode(webhooks) ?? 'opt-in',
  strategies: {
    strategy: settings?.strategy ?? alwaysWrap.strategy,
    nativeFrom: settings?.nativeFrom ?? firstWithSafeNative,
    clusterVersions: () => versions,
  },
  isStrategyKnown: settings?.strategy !== undefined,
  settings,
});

export type Planned = { mode?: Mode | undefined; strategy?: Strategy | undefined };

/** What the chart would install, with the namespaces left out that the installation leaves out now. */
export function planInstallation(
  now: Installation | undefined,
  { mode = now?.mode ?? 'opt-in', strategy = now?.strategies.strategy ?? 'wrap' }: Planned,
  versions: ClusterVersions,
): Installation {
  const more = now ? findRequirements(now.webhooks) : [excludedByDefault];
  return {
    server: now?.server,
    mode,
    webhooks: [
      planWebhook('namespace.clockout.dev', [modeRequirement[mode], ...more], ownLabel('NotIn', 'true', 'false')),
      planWebhook('job.clockout.dev', more, ownLabel('In', 'true')),
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
  isSureOf(
    webhooks.filter((each) => !isObserving(each)),
    pod,
    isJob,
  );

/** Whether it only observes such pods: it decides, and changes nothing. */
export const isObserved = ({ webhooks }: Installation, pod: SeenPod, isJob: boolean): boolean =>
  isSureOf(webhooks.filter(isObserving), pod, isJob);

// --- internal ---

const isSureOf = (webhooks: readonly Webhook[], pod: SeenPod, isJob: boolean): boolean =>
  findOwnCaller(webhooks, pod, isJob)?.isSure === true;

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
