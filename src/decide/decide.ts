/**
 * Is this pod wrapped, or do its sidecars become native ones, or is it skipped? opt-in.ts says whether Clockout may change it at all,
 * strategy.ts which way it goes, and wrap-rules.ts and native-rules.ts what is decided there. shared-rules.ts has the reasons that
 * hold for both.
 */

import type { DefaultProblem } from '../pod/annotations/read-defaults.ts';
import { optionTable, type Strategy } from '../pod/annotations/table.ts';
import type { BoundProblem } from '../pod/bounds.ts';
import type { Facts } from '../pod/facts.ts';
import type { SidecarBar } from '../pod/istio.ts';
import { strategyKey } from '../pod/names.ts';
import type { ContainerAt } from '../pod/schema.ts';
import { isEndless } from '../pod/sidecars/read.ts';
import { alwaysWrap, type StrategySettings } from './cluster-versions.ts';
import { findUnconvertible } from './convertible.ts';
import { decideNative, type NativeDecision, type NativeProblem } from './native-rules.ts';
import { findGate } from './opt-in.ts';
import { expectsProxy, type Origin, whyNoSidecar } from './origin.ts';
import { type SkipReason, unwrappable } from './reasons.ts';
import { chooseWay } from './strategy.ts';
import { decideWrap, isOnlyWraps, type WrapDecision, type WrapProblem } from './wrap-rules.ts';

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
  | BoundProblem
  | WrapProblem
  | NativeProblem
  | LabelProblem
  | { code: 'namespace-default'; problem: DefaultProblem }
  | ({ code: 'no-sidecar-by-label' } & SidecarBar);

type LabelProblem = {
  code: 'unknown-strategy';
  expected: string;
  /** The label's value; undefined: the API server does not tell it. */
  found: string | undefined;
  /** What holds instead, and who chose it. */
  holds: Strategy;
  by: 'pod' | 'installation';
};

export function decide(facts: Facts, origin: Origin, settings: StrategySettings = alwaysWrap): Decision {
  const decision = chooseDecision(facts, origin, settings);
  if (decision.strategy !== 'none' || decision.reason !== 'no-sidecar') return decision;
  const bar = whyNoSidecar(facts, origin);
  return bar ? { ...decision, problems: [{ code: 'no-sidecar-by-label', ...bar }, ...decision.problems] } : decision;
}

// --- internal ---

function chooseDecision(facts: Facts, origin: Origin, settings: StrategySettings): Decision {
  const gate = findGate(facts, origin);
  if (gate) return { strategy: 'none', reason: gate, problems: findGateProblems(gate, facts), repairs: [] };
  const asked = askedStrategy(facts, origin, settings);
  const choice = chooseWay(asked, facts, settings);
  const labelProblems = [...findLabelProblems(facts, origin, asked), ...findDefaultProblems(origin)];
  const repairs = facts.stripped;
  if (choice.way !== 'wrap') {
    const native = decideNative(facts, choice, settings, expectsProxy(facts, origin));
    return { ...withProblems(native, labelProblems), repairs };
  }
  const wrap = withProblems(decideWrap(facts, origin, choice), labelProblems);
  if (!choice.orHang || (wrap.strategy === 'none' && !isOnlyWraps(wrap.reason))) return { ...wrap, repairs };
  const decided = decideNative(facts, { ...choice, way: 'native' }, settings, expectsProxy(facts, origin));
  if (decided.strategy === 'none') return { ...wrap, repairs };
  const native = withProblems(decided, labelProblems);
  if (wrap.strategy === 'none' || onlyNativeEnds(facts)) return { ...native, repairs };
  return { ...wrap, repairs, orElse: native };
}

/** Would a wrapped pod hang with a sidecar that nothing in it can end, while Kubernetes can end all that are native? */
const onlyNativeEnds = (facts: Facts): boolean =>
  facts.sidecars.some(isEndless) &&
  findUnconvertible(facts).length === 0 &&
  facts.options['quit-urls'].length === 0 &&
  facts.options.quit !== 'never';

/** The facts are read lazily: a pod that is skipped early is not to be measured. */
const findGateProblems = (gate: SkipReason, facts: Facts): DecisionProblem[] =>
  gate === 'too-large' && facts.overBound ? [facts.overBound] : [];

const { parse: parseStrategy, expected: strategyForm } = optionTable.strategy;

type Decided = (WrapDecision | NativeDecision | SkipDecision) & Pick<Decision, 'problems'>;

/** A pod that Clockout has nothing to do with gets no more warnings. */
const withProblems = <D extends Decided>(decided: D, more: readonly DecisionProblem[]) =>
  decided.strategy === 'none' && !unwrappable.has(decided.reason)
    ? decided
    : { ...decided, problems: [...more, ...decided.problems] };

/** The pod's strategy beats its namespace's, and that beats the installation's. */
function askedStrategy({ annotations }: Facts, origin: Origin, { strategy }: StrategySettings): Strategy {
  // Not by the options: most pods are skipped before anything reads those.
  const [own, namespace] = [annotations[strategyKey], origin.strategy].map((text) => parseStrategy(text ?? ''));
  return own ?? namespace ?? strategy;
}

const findDefaultProblems = ({ namespaceDefaults }: Origin): DecisionProblem[] =>
  (namespaceDefaults?.problems ?? []).map((problem) => ({ code: 'namespace-default', problem }));

function findLabelProblems({ annotations }: Facts, { strategy }: Origin, holds: Strategy): LabelProblem[] {
  if (strategy === undefined || parseStrategy(strategy ?? '') !== undefined) return [];
  const by = parseStrategy(annotations[strategyKey] ?? '') === undefined ? 'installation' : 'pod';
  return [{ code: 'unknown-strategy', expected: strategyForm, found: strategy ?? undefined, holds, by }];
}
