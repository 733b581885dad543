/** Clockout as it is installed, or would be: whose pods it sees, and which strategy it has. Pure. */
import { alwaysWrap, type ClusterVersions, firstWithSafeNative, type StrategySettings } from '../decide/cluster.ts';
import type { Strategy } from '../pod/annotations/table.ts';
import { optionTable } from '../pod/annotations/table.ts';
import { injectLabel } from '../pod/names.ts';
import { readList, readText } from './read-labels.ts';
import type { Labels } from './selector.ts';
import { sees, type Webhook } from './webhooks.ts';

/** `opt-in`: only namespaces with the label; `cluster`: all but those that have opted out. */
export type Mode = 'opt-in' | 'cluster';

export type Installation = {
  mode: Mode;
  /** Those that are called after Istio's. */
  webhooks: readonly Webhook[];
  strategies: StrategySettings;
  /** Whether its strategy was read, and is not the default for want of it. */
  isStrategyKnown: boolean;
};

/** What its Deployment says. Undefined: not known. */
export type ServerSettings = { strategy: Strategy | undefined; nativeFrom: number | undefined };

/** @param deployment of Clockout, unchecked */
export function readServerSettings(deployment: unknown): ServerSettings {
  const containers = readList(deployment, 'spec', 'template', 'spec', 'containers');
  const env = containers.flatMap((each) => readList(each, 'env'));
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
  const own = webhooks.filter(({ of, path }) => of === 'clockout' && !path.startsWith('/mutate/ask-istio'));
  if (own.length === 0) return undefined;
  const strategies = {
    strategy: server?.strategy ?? alwaysWrap.strategy,
    nativeFrom: server?.nativeFrom ?? firstWithSafeNative,
    clusterVersions: () => versions,
  };
  return { mode: findMode(own), webhooks: own, strategies, isStrategyKnown: server?.strategy !== undefined };
}

export type Planned = { mode?: Mode | undefined; strategy?: Strategy | undefined };

/** What the chart would install, with the namespaces left out that the installation leaves out now. */
export function planInstallation(
  now: Installation | undefined,
  { mode = now?.mode ?? 'opt-in', strategy = now?.strategies.strategy ?? 'wrap' }: Planned,
  versions: ClusterVersions,
): Installation {
  const more = now ? findRequirements(now.webhooks) : [excludedByDefault];
  const ownLabel = { key: injectLabel, operator: 'NotIn', values: ['true', 'false'] };
  const webhook = (name: string, expressions: object[], objectSelector: object): Webhook => ({
    configuration: 'zz-clockout',
    name,
    of: 'clockout',
    path: '/mutate',
    namespaceSelector: { matchExpressions: [...expressions, ...more] },
    objectSelector,
  });
  return {
    mode,
    webhooks: [
      webhook('namespace.clockout.dev', [modeRequirement[mode]], { matchExpressions: [ownLabel] }),
      webhook('job.clockout.dev', [], { matchLabels: { [injectLabel]: 'true' } }),
    ],
    strategies: {
      strategy,
      nativeFrom: now?.strategies.nativeFrom ?? firstWithSafeNative,
      clusterVersions: () => versions,
    },
    isStrategyKnown: true,
  };
}

/** Whether it is called for a new pod of a Job. @param namespace its labels, with its name among them */
export const isCalled = ({ webhooks }: Installation, namespace: Labels, pod: Labels): boolean =>
  webhooks.some((each) => sees(each, namespace, pod));

// --- internal ---

const modeRequirement: Record<Mode, object> = {
  'opt-in': { key: injectLabel, operator: 'In', values: ['enabled'] },
  cluster: { key: injectLabel, operator: 'NotIn', values: ['disabled'] },
};

/** The chart's own default of webhook.excludedNamespaces. */
const excludedByDefault = {
  key: 'kubernetes.io/metadata.name',
  operator: 'NotIn',
  values: ['kube-system', 'kube-public', 'kube-node-lease', 'clockout'],
};

const expressionsOf = ({ namespaceSelector }: Webhook) => readList(namespaceSelector, 'matchExpressions');

const findMode = (webhooks: readonly Webhook[]): Mode =>
  webhooks
    .flatMap(expressionsOf)
    .some((each) => readText(each, 'key') === injectLabel && readText(each, 'operator') === 'In')
    ? 'opt-in'
    : 'cluster';

/** Without those that have to do with the mode or the strategy. */
function findRequirements(webhooks: readonly Webhook[]): object[] {
  const [first] = webhooks.filter(({ name }) => name.startsWith('namespace'));
  if (!first) return [excludedByDefault];
  return expressionsOf(first).filter(
    (each): each is object => !(readText(each, 'key') ?? '').startsWith('clockout.dev/'),
  );
}
