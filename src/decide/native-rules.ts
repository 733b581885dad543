/**
 * Do the sidecars of this pod become native ones? Of the reasons to skip a pod, only some hold here: nothing runs around the apps,
 * so neither their commands nor Clockout's names matter.
 *
 * | a classic sidecar that can be native, or Istio's still to come | one that cannot, or a quit URL | decision |
 * |---|---|---|
 * | yes | any | native; the others stay as they are |
 * | no  | yes | native-unsupported |
 * | no  | no  | native-sidecar or no-sidecar; native, with nothing to do, if an earlier call has made them native |
 *
 * A sidecar other than Istio's needs no label of the pod's own here: Kubernetes ends it, and only when the apps have ended.
 */
import { isOnlyWrappers } from '../pod/annotations/select-containers.ts';
import type { OptionName } from '../pod/annotations/table.ts';
import type { Facts } from '../pod/facts.ts';
import type { ContainerAt } from '../pod/schema.ts';
import { firstWithNative, firstWithSafeNative, firstWithSidecarResize } from '../pod/sidecars/native.ts';
import type { StrategySettings } from './cluster-versions.ts';
import {
  type Convertible,
  findConvertible,
  findUnconvertible,
  findUnnamed,
  findWrapperOptions,
  findWrappingHints,
} from './convertible.ts';
import { findLeftRunning, type LeftRunning } from './left-running.ts';
import { reasons, type SkipReason } from './reasons.ts';
import { sharedRules } from './shared-rules.ts';
import type { Choice, StrategyRow } from './strategy.ts';

export type NativeDecision = {
  strategy: 'native';
  /** The sidecars that become native, in the pod's order; none if an earlier call has made all of them native. */
  convert: readonly Convertible[];
  /** Whether Istio, which has yet to add its sidecar, is asked for a native one. */
  asksIstio: boolean;
  /**
   * Whether at most one sidecar may have a startup probe. Before Kubernetes 1.33, a sidecar that fails before it has started keeps
   * the app from starting if there are two. Where the nodes are not known, that an app has its mesh when it starts counts for more.
   * @see https://github.com/kubernetes/kubernetes/issues/132826
   */
  oneGate: boolean;
  /** Whether the API server allows a resizePolicy in a native sidecar. */
  allowsResizePolicy: boolean;
  /** Whether all kubelets are known to run native sidecars. With the strategy native, the pod becomes native in any case. */
  nodes: 'new' | 'old' | 'unknown';
};

export type NativeProblem =
  | { code: 'no-effect'; option: OptionName }
  | { code: 'stays-classic'; container: string }
  | { code: 'left-as-app'; containers: readonly string[] }
  | { code: 'old-node'; minor: number }
  | { code: 'old-api-server'; minor: number | undefined }
  | { code: 'old-istio-cni' | 'unreadable-status' };

type Decided = (NativeDecision | { strategy: 'none'; reason: SkipReason }) & {
  problems: readonly (NativeProblem | LeftRunning | { code: SkipReason } | Facts['optionProblems'][number])[];
};

/** @param asksIstio whether Istio has yet to add its sidecar */
export function decideNative(facts: Facts, choice: Choice, settings: StrategySettings, asksIstio: boolean): Decided {
  const work = { convert: findConvertible(facts), asksIstio, left: findLeft(facts, choice) };
  const reason = order.find((each) => rules[each]?.(facts, work, choice));
  const { oldestNode, apiServer = 0 } = settings.clusterVersions();
  if (reason !== undefined)
    return { strategy: 'none', reason, problems: findReasonProblems(reason, facts, work, choice, settings) };
  return {
    strategy: 'native',
    convert: work.convert,
    asksIstio,
    oneGate: facts.spec.restartPolicy === 'Never' && (oldestNode ?? firstWithSafeNative) < firstWithSafeNative,
    allowsResizePolicy: apiServer >= firstWithSidecarResize,
    nodes: oldestNode === undefined ? 'unknown' : oldestNode < firstWithNative ? 'old' : 'new',
    problems: [...findOldNode(oldestNode), ...work.left],
  };
}

// --- internal ---

type Work = { convert: readonly Convertible[]; asksIstio: boolean; left: readonly NativeProblem[] };

const order = Object.keys(reasons) as SkipReason[];

const rules: Partial<Record<SkipReason, (facts: Facts, work: Work, choice: Choice) => boolean>> = {
  ...sharedRules,
  'invalid-annotation': ({ optionProblems }) => optionProblems.some((problem) => !isOnlyWrappers(problem)),
  'native-sidecar': (facts, work) => facts.proxy.state === 'native' && isIdle(facts, work),
  'no-sidecar': (facts, work) => facts.proxy.state !== 'native' && isIdle(facts, work),
  'restart-policy-always': ({ spec }, { convert }) =>
    findRest(spec.containers, convert).some(
      ({ restartPolicy }) => (restartPolicy ?? spec.restartPolicy ?? 'Always') === 'Always',
    ),
  'no-app-container': ({ spec }, { convert }) => findRest(spec.containers, convert).length === 0,
  'native-unsupported': (facts, work, { way }) =>
    way === 'unsupported' || (work.convert.length === 0 && !work.asksIstio && !wasConverted(facts)),
};

const isIdle = (facts: Facts, { convert, asksIstio, left }: Work) =>
  convert.length === 0 && facts.proxy.state !== 'injected' && !asksIstio && !wasConverted(facts) && !left.some(isUnmet);

/** It names a sidecar that keeps running. */
const isUnmet = (problem: NativeProblem) =>
  problem.code === 'stays-classic' || (problem.code === 'no-effect' && problem.option === 'quit-urls');

/** An earlier call has made sidecars native. */
const wasConverted = ({ own }: Facts) => own.native.length > 0;

function findRest(containers: readonly ContainerAt['container'][], convert: readonly Convertible[]) {
  const gone = new Set(convert.map(({ index }) => index));
  return containers.filter((_, index) => !gone.has(index));
}

/** What the pod asks for and does not get. */
function findLeft(facts: Facts, { asked }: Choice): NativeProblem[] {
  const apps = [...facts.options['exclude-containers'], ...findUnnamed(facts)];
  const hints = asked === 'native' ? findWrappingHints(facts) : [];
  return [
    ...[...hints, ...findWrapperOptions(facts)].map((option) => ({ code: 'no-effect', option }) as const),
    ...findUnconvertible(facts).map((container) => ({ code: 'stays-classic', container }) as const),
    ...(apps.length > 0 ? [{ code: 'left-as-app', containers: apps } as const] : []),
  ];
}

function findReasonProblems(
  reason: SkipReason,
  facts: Facts,
  { left }: Work,
  { row }: Choice,
  { clusterVersions }: StrategySettings,
): Decided['problems'] {
  if (reason === 'native-sidecar' || reason === 'no-sidecar') return left.filter(({ code }) => code === 'left-as-app');
  if (reason === 'invalid-annotation') return facts.optionProblems;
  if (reason === 'no-app-container') return [{ code: reason }];
  if (reason !== 'native-unsupported') return findLeftRunning(reason, facts);
  return [{ code: reason }, ...describeRow(row, clusterVersions().apiServer), ...left];
}

const findOldNode = (minor: number | undefined): NativeProblem[] =>
  minor !== undefined && minor < firstWithNative ? [{ code: 'old-node', minor }] : [];

function describeRow(row: StrategyRow, minor: number | undefined): NativeProblem[] {
  if (row === 'api-server-too-old') return [{ code: 'old-api-server', minor }];
  if (row === 'istio-cni-too-old') return [{ code: 'old-istio-cni' }];
  return row === 'status-unreadable' ? [{ code: 'unreadable-status' }] : [];
}
