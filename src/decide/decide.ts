/**
 * Is this pod wrapped, or do its sidecars become native ones, or is it skipped? strategy.ts says which way it goes. There is a rule
 * for each reason to skip a pod. The rules are tried in the order of reasons.ts, and the first that holds decides. The rows of these
 * tables are the rows of the test.
 *
 * | istio-proxy in containers, with status | native (or annotated so) | pod asks Istio | seen by | decision |
 * |---|---|---|---|---|
 * | yes | –   | –   | any    | wrap, injected |
 * | no  | yes | –   | any    | native-sidecar |
 * | no  | no  | yes | any    | wrap, expected |
 * | no  | no  | declines | any | no-sidecar |
 * | no  | no  | no  | server | no-sidecar: Istio has seen the pod before, or Clockout is called again after it |
 * | no  | no  | no  | CLI    | wrap, expected: a manifest does not show what its namespace asks for |
 *
 * If the table says native-sidecar, or it says no-sidecar and the pod's own label is "true", the other sidecars count:
 * | a known sidecar that Clockout can end, or clockout.dev/quit-urls | one that it cannot end | decision |
 * |---|---|---|
 * | yes | any | wrap, other |
 * | no  | yes | unknown-end |
 * | no  | no  | as above |
 *
 * These tables are those of the strategy `wrap`. What `native` does differently is in native.ts.
 *
 * | belongs to a Job | pod label | namespace (if it is known) | decision |
 * |---|---|---|---|
 * | no  | not "true"  | any       | not-a-job |
 * | yes | "false"     | any       | opted-out |
 * | yes | unset       | disabled  | opted-out |
 * | yes | unset       | unset     | not-opted-in |
 * | yes | unset       | enabled   | continue |
 * | any | "true"      | any       | continue |
 */

import { type AnnotationProblem, type OptionName, optionTable, type Strategy } from '../pod/annotations/table.ts';
import type { BoundProblem } from '../pod/bounds.ts';
import type { Facts } from '../pod/facts.ts';
import { injectLabel, prefix, strategyKey } from '../pod/names.ts';
import type { ContainerAt } from '../pod/schema.ts';
import { canBeEnded, findEndProblem, isEndless, type SidecarProblem } from '../pod/sidecars/read.ts';
import { alwaysWrap, type StrategySettings } from './cluster.ts';
import { hasCollision } from './collision.ts';
import { hasManagedCommand, hasWatchedProcesses, needsPid1 } from './commands.ts';
import { decideNative, type NativeDecision, type NativeProblem } from './native.ts';
import { reasons, type SkipReason, unwrappable } from './reasons.ts';
import { type Choice, chooseWay } from './strategy.ts';

/**
 * Where a pod comes from. The API server shows a pod as Istio left it, and has checked its namespace's labels. The CLI sees
 * manifests before that: it knows by its place whether a pod template is a Job's, and the namespace's labels if the namespace is
 * among the manifests.
 */
export type Origin = ({ from: 'server' } | { from: 'cli'; job: boolean }) & {
  namespaceLabels?: Record<string, string>;
  /** The namespace's label clockout.dev/strategy, if it is known. */
  strategy?: string | undefined;
};

export type WrapDecision = {
  strategy: 'wrap';
  /** Istio's sidecar: in the pod, or still to come. `other`: Clockout only ends sidecars other than Istio's. */
  sidecar: 'injected' | 'expected' | 'other';
  /** Pilot-agent's status port; 0 = it has none, or Clockout does not end Istio's sidecar. */
  port: number;
};

type SkipDecision = { strategy: 'none'; reason: SkipReason };

/** `problems` of a pod that is not skipped are for its author, and do not change the decision. */
export type Decision = (WrapDecision | NativeDecision | SkipDecision) & {
  problems: readonly DecisionProblem[];
  /** Native sidecars that get their restartPolicy back, whatever else is decided. */
  repairs: readonly ContainerAt[];
  /** What happens to a pod that turns out to be impossible to wrap; undefined: it is skipped. */
  orElse?: NativeDecision & { problems: readonly DecisionProblem[] };
};

/** A code that is a reason has the reason's sentence as its text. */
export type DecisionProblem =
  | AnnotationProblem
  | BoundProblem
  | SidecarProblem
  | NativeProblem
  | { code: 'left-out'; containers: readonly string[] }
  | { code: 'wrapped-before' }
  | { code: 'needs-own-label'; option: OptionName }
  | { code: SkipReason };

export function decide(facts: Facts, origin: Origin, settings: StrategySettings = alwaysWrap): Decision {
  const outside = gates.find((reason) => rules[reason](facts, origin));
  if (outside) return { strategy: 'none', reason: outside, problems: findProblems(outside, facts), repairs: [] };
  const choice = chooseWay(askedStrategy(facts, origin, settings), facts, settings);
  const repairs = facts.stripped;
  if (choice.way !== 'wrap') {
    const native = decideNative(facts, choice, settings, expectsProxy(facts, origin));
    return { ...native, problems: [...findLabelProblems(origin), ...native.problems], repairs };
  }
  const wrap = decideWrap(facts, origin, choice);
  if (!choice.orHang || (wrap.strategy === 'none' && !isOnlyWraps(wrap.reason))) return { ...wrap, repairs };
  const native = decideNative(facts, { ...choice, way: 'native' }, settings, expectsProxy(facts, origin));
  if (native.strategy === 'none') return { ...wrap, repairs };
  return wrap.strategy === 'none' ? { ...native, repairs } : { ...wrap, repairs, orElse: native };
}

// --- internal ---

const { parse: parseStrategy, expected: strategyForm } = optionTable.strategy;

/** The pod's strategy beats its namespace's, and that beats the installation's. */
function askedStrategy({ annotations }: Facts, origin: Origin, { strategy }: StrategySettings): Strategy {
  // Not by the options: most pods are skipped before anything reads those.
  const [own, namespace] = [annotations[strategyKey], origin.strategy].map((text) => parseStrategy(text ?? ''));
  return own ?? namespace ?? strategy;
}

function findLabelProblems({ strategy: found }: Origin): DecisionProblem[] {
  if (found === undefined || parseStrategy(found) !== undefined) return [];
  return [{ code: 'bad-value', key: `the namespace's label ${strategyKey}`, expected: strategyForm, found }];
}

function decideWrap(
  facts: Facts,
  origin: Origin,
  { row }: Choice,
): (WrapDecision | SkipDecision) & { problems: readonly DecisionProblem[] } {
  const reason = order.find((each) => rules[each](facts, origin));
  if (reason) return { strategy: 'none', reason, problems: findProblems(reason, facts) };
  const problems: DecisionProblem[] = [
    ...findLabelProblems(origin),
    ...(row === 'wrapped-before' && facts.options.strategy === 'native' ? [{ code: row }] : []),
  ];
  if (!endsProxy(facts, origin)) return { strategy: 'wrap', sidecar: 'other', port: 0, problems };
  const sidecar = facts.proxy.state === 'injected' ? 'injected' : 'expected';
  return { strategy: 'wrap', sidecar, port: facts.statusPort, problems };
}

/** `no-entrypoint` is found later, when the entrypoints are resolved, and `native-unsupported` in native.ts. */
type Rule = Exclude<SkipReason, 'no-entrypoint' | 'native-unsupported'>;

/** Whether Clockout may change the pod at all. */
const gates = ['not-a-job', 'opted-out', 'not-opted-in', 'too-large'] as const satisfies Rule[];

const order = Object.keys(reasons).filter(
  (reason): reason is Rule => reason !== 'no-entrypoint' && reason !== 'native-unsupported',
);

/** Rules that come first read little of a pod: most pods are skipped by them. */
const rules: Record<Rule, (facts: Facts, origin: Origin) => boolean> = {
  'not-a-job': (facts, origin) => !asksForClockout(facts) && !facts.isJobPod && !(origin.from === 'cli' && origin.job),
  'opted-out': ({ inject }, origin) => inject === 'false' || (inject == null && namespaceSays(origin) === 'disabled'),
  'not-opted-in': ({ inject }, origin) =>
    inject == null && namespaceSays(origin) !== 'enabled' && namespaceSays(origin) !== 'unknown',
  'too-large': (facts, origin) => (endsProxy(facts, origin) || asksForClockout(facts)) && facts.overBound !== undefined,
  'unknown-end': (facts, origin) => !hasWork(facts, origin) && endsAlone(facts) && facts.sidecars.some(isEndless),
  'native-sidecar': (facts, origin) => facts.proxy.state === 'native' && !hasWork(facts, origin),
  'no-sidecar': (facts, origin) => facts.proxy.state !== 'native' && !hasWork(facts, origin),
  'host-network': ({ spec }) => spec.hostNetwork === true,
  windows: ({ spec }) => spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows',
  'mirror-pod': ({ annotations }) => annotations['kubernetes.io/config.mirror'] != null,
  'restart-policy-always': ({ apps }) => apps.some(({ restartPolicy }) => restartPolicy === 'Always'),
  'container-restart-rules': ({ apps }) =>
    apps.some(({ container }) => (container.restartPolicyRules ?? []).length > 0),
  'needs-pid-1': ({ apps }) => apps.some(({ container }) => needsPid1(container.command ?? [])),
  'managed-command': (facts) => !asksForClockout(facts) && hasManagedCommand(facts),
  'watched-processes': hasWatchedProcesses,
  'name-collision': hasCollision,
  'no-app-container': ({ apps }) => apps.length === 0,
  'invalid-annotation': ({ optionProblems }) => optionProblems.length > 0,
};

const asksForClockout = ({ inject }: Facts) => inject === 'true';

/** Does Clockout end Istio's sidecar in this pod? */
const endsProxy = ({ proxy: { state } }: Facts, { from }: Origin) =>
  state === 'injected' || state === 'requested' || (state === 'undecided' && from === 'cli');

/** Will Istio add its sidecar after this review? */
const expectsProxy = (facts: Facts, origin: Origin) => facts.proxy.state !== 'injected' && endsProxy(facts, origin);

/** Without a classic sidecar of Istio's, are others to be ended? In a mesh they are, and elsewhere if the pod itself asks. */
const endsAlone = (facts: Facts) => asksForClockout(facts) || facts.proxy.state === 'native';

/** Is there a sidecar to end? */
function hasWork(facts: Facts, origin: Origin): boolean {
  if (endsProxy(facts, origin)) return true;
  return endsAlone(facts) && (endsOthers(facts) || mayEndOthers(facts));
}

const endsOthers = ({ options, sidecars }: Facts) => options['quit-urls'].length > 0 || sidecars.some(canBeEnded);

/**
 * Options that could not be read may name sidecars: then the options are the reason, and not that there is no sidecar. A pod with a
 * native sidecar that does not ask by itself needs nothing, whatever its other options are.
 */
function mayEndOthers(facts: Facts): boolean {
  const { annotations, overBound, optionProblems, sidecars } = facts;
  if (!asksForClockout(facts) && annotations[`${prefix}quit-urls`] == null) return false;
  return overBound !== undefined || (optionProblems.length > 0 && !sidecars.some(isEndless));
}

/** Only a wrapped pod can be skipped for this reason. */
const isOnlyWraps = (reason: SkipReason) => onlyWraps.has(reason);

const onlyWraps: ReadonlySet<SkipReason> = new Set([
  'unknown-end',
  'container-restart-rules',
  'needs-pid-1',
  'watched-processes',
  'name-collision',
]);

/** The namespace's label; `unknown` if its labels are not at hand. */
const namespaceSays = ({ namespaceLabels }: Origin) => (namespaceLabels ? namespaceLabels[injectLabel] : 'unknown');

/** Only what the pod's author can act on: a pod that Clockout has nothing to do with gets no warning, and is read no further. */
function findProblems(reason: SkipReason, facts: Facts): readonly DecisionProblem[] {
  if (reason === 'native-sidecar' || reason === 'no-sidecar') return findIgnored(facts);
  if (!unwrappable.has(reason)) return [];
  const { overBound, optionProblems, sidecars } = facts;
  if (reason === 'too-large' && overBound) return [overBound];
  if (reason === 'invalid-annotation') return optionProblems;
  if (reason === 'unknown-end') return [{ code: reason }, ...sidecars.flatMap(findEndProblem), ...optionProblems];
  return [{ code: reason }];
}

/** Options by which a pod without work asks for something. */
function findIgnored(facts: Facts): DecisionProblem[] {
  if (!askingOptions.some((name) => facts.annotations[prefix + name] != null)) return [];
  const { 'exclude-containers': excluded, 'quit-urls': urls } = facts.options;
  return [
    ...(excluded.length > 0 ? [{ code: 'left-out', containers: excluded } as const] : []),
    ...(urls.length > 0 ? [{ code: 'needs-own-label', option: 'quit-urls' } as const] : []),
  ];
}

const askingOptions: readonly OptionName[] = ['exclude-containers', 'quit-urls'];
