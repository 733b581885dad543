/** Clockout as it is installed, or would be: whose pods it sees, and which strategy it has. Pure. */

import { alwaysWrap, type ClusterVersions, firstWithSafeNative, type StrategySettings } from '../decide/cluster.ts';
import type { Requirement } from '../mesh/label-selector.ts';
import { findOwnCaller, isOwn, readMode } from '../mesh/own-webhooks.ts';
import type { SeenPod, Webhook } from '../mesh/webhooks.ts';
import type { Strategy } from '../pod/annotations/table.ts';
import { optionTable } from '../pod/annotations/table.ts';
import { injectLabel, prefix } from '../pod/names.ts';
import { listAt } from '../util/find-value.ts';
import { readText } from './read-labels.ts';

/** `opt-in`: only namespaces with the label; `cluster`: all but those that have opted out. */
export type Mode = 'opt-in' | 'cluster';

export type Installation = {
  mode: Mode;
  /** Those that are called after Istio's, and change pods. */
  webhooks: readonly Webhook[];
  /** Those that only observe. */
  observing: readonly Webhook[];
  strategies: StrategySettings;
  /** Whether its strategy was read, and is not the default for want of it. */
  isStrategyKnown: boolean;
};

/** What its Deployment says. Undefined: not known. */
export type ServerSettings = { strategy: Strategy | undefined; nativeFrom: number | undefined };

/** @param deployment of Clockout, unchecked */
export function readServerSettings(deployment: unknown): ServerSettings {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  const env = containers.flatMap((each) => listAt(each, 'env'));
  const read = (name: string) =>
    readText(
      env.find((each) => readText(each, 'name') === name),
      'value',
    );
  const from = Number(read('CLOCKOUT_NATIVE_FROM') ?? Number.NaN);
  return {
    strategy: optionTable.strategy.parse(read('CLOCKOUT_STRATEGY') ?? 'wrap'),
    nativeFrom: Number.isInteger(from) ? from : undefined,
  };
}

/** @returns undefined if it is not installed */
export function findInstallation(
  webhooks: readonly Webhook[],
  server: ServerSettings | undefined,
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
    mode: readMode(own) ?? 'opt-in',
    webhooks: own,
    observing,
    strategies,
    isStrategyKnown: server?.strategy !== undefined,
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
    observing: [],
    strategies: {
      strategy,
      nativeFrom: now?.strategies.nativeFrom ?? firstWithSafeNative,
      clusterVersions: () => versions,
    },
    isStrategyKnown: true,
  };
}

/** Whether it is called for a new pod. */
export const isCalled = ({ webhooks }: Installation, pod: SeenPod, isJob: boolean): boolean =>
  findOwnCaller(webhooks, pod, isJob)?.isSure === true;

/** Whether it only observes such pods: it decides, and changes nothing. */
export const isObserved = ({ observing }: Installation, pod: SeenPod, isJob: boolean): boolean =>
  findOwnCaller(observing, pod, isJob)?.isSure === true;

// --- internal ---

/** By its path, as the chart has it for the label clockout.dev/inject: observe. */
const isObserving = (webhook: Webhook): boolean =>
  isOwn(webhook) && 'path' in webhook.server && webhook.server.path.startsWith('/mutate/observe');

const ownLabel = (operator: Requirement['operator'], ...values: readonly string[]): Requirement => ({
  key: injectLabel,
  operator,
  values,
});

const modeRequirement: Record<Mode, Requirement> = {
  'opt-in': ownLabel('In', 'enabled'),
  cluster: ownLabel('NotIn', 'disabled', 'observe'),
};

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
  server: { namespace: 'clockout', service: 'clockout', path: '/mutate' },
});

/** Without those that have to do with the mode or the strategy. */
function findRequirements(webhooks: readonly Webhook[]): Requirement[] {
  const first = webhooks.find(({ name }) => name.startsWith('namespace'));
  return first?.namespaces.filter(({ key }) => !key.startsWith(prefix)) ?? [excludedByDefault];
}
