/**
 * Is this pod wrapped? There is a rule for each reason to skip a pod. The rules are tried in the order of reasons.ts, and the first
 * that holds decides. The rows of these tables are the rows of the test.
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
 */

import type { AnnotationProblem } from '../pod/annotations/parse.ts';
import type { OptionName } from '../pod/annotations/table.ts';
import type { Facts } from '../pod/facts.ts';
import { istioNative, prefix, strategyKey } from '../pod/names.ts';
import { canBeEnded, findEndProblem, isEndless, type SidecarProblem } from '../pod/sidecars/read.ts';
import { hasCollision } from './collision.ts';
import { hasWatchedProcesses, podNeedsPid1 } from './commands.ts';
import { findLeftRunning, type LeftRunning } from './left-running.ts';
import type { Gate } from './opt-in.ts';
import { asksForClockout, endsProxy, type Origin } from './origin.ts';
import { reasons, type SkipReason, unwrappable } from './reasons.ts';
import { sharedRules } from './shared-rules.ts';
import type { Choice } from './strategy.ts';

export type WrapDecision = {
  strategy: 'wrap';
  /** Istio's sidecar: in the pod, or still to come. `other`: Clockout only ends sidecars other than Istio's. */
  sidecar: 'injected' | 'expected' | 'other';
  /** Pilot-agent's status port; 0 = it has none, or Clockout does not end Istio's sidecar. */
  port: number;
};

export type WrapProblem =
  | AnnotationProblem
  | SidecarProblem
  | { code: 'left-out'; containers: readonly string[] }
  | { code: 'wrapped-before' | 'wrap-of-native' }
  | { code: 'needs-own-label'; option: OptionName }
  | LeftRunning
  | { code: SkipReason };

export function decideWrap(
  facts: Facts,
  origin: Origin,
  { row }: Choice,
): (WrapDecision | { strategy: 'none'; reason: SkipReason }) & { problems: readonly WrapProblem[] } {
  const reason = order.find((each) => rules[each](facts, origin));
  if (reason) return { strategy: 'none', reason, problems: findProblems(reason, facts) };
  const problems: WrapProblem[] =
    row === 'wrapped-before' && facts.options.strategy === 'native' ? [{ code: row }] : [];
  if (!endsProxy(facts, origin)) return { strategy: 'wrap', sidecar: 'other', port: 0, problems };
  const sidecar = facts.proxy.state === 'injected' ? 'injected' : 'expected';
  return { strategy: 'wrap', sidecar, port: facts.statusPort, problems };
}

/** Native sidecars may be possible in a pod that is not wrapped for this reason. */
export const isOnlyWraps = (reason: SkipReason) => onlyWraps.has(reason);

// --- internal ---

const onlyWraps: ReadonlySet<SkipReason> = new Set([
  'unknown-end',
  // Without a label of the pod's own: native sidecars need none.
  'no-sidecar',
  'container-restart-rules',
  'needs-pid-1',
  'watched-processes',
  'name-collision',
]);

/** `no-entrypoint` is found later, when the entrypoints are resolved, and `native-unsupported` in native-rules.ts. */
type Rule = Exclude<SkipReason, Gate | 'no-entrypoint' | 'native-unsupported'>;

/** The rows of reasons.ts give the order. */
const rules: Record<Rule, (facts: Facts, origin: Origin) => boolean> = {
  'unknown-end': (facts, origin) => !hasWork(facts, origin) && endsAlone(facts) && facts.sidecars.some(isEndless),
  'native-sidecar': (facts, origin) => facts.proxy.state === 'native' && !hasWork(facts, origin),
  'no-sidecar': (facts, origin) => facts.proxy.state !== 'native' && !hasWork(facts, origin),
  'restart-policy-always': ({ apps }) => apps.some(({ restartPolicy }) => restartPolicy === 'Always'),
  'container-restart-rules': ({ apps }) =>
    apps.some(({ container }) => (container.restartPolicyRules ?? []).length > 0),
  'needs-pid-1': (facts) =>
    podNeedsPid1(
      facts,
      facts.apps.map(({ container }) => container.command ?? []),
    ),
  'watched-processes': hasWatchedProcesses,
  'name-collision': hasCollision,
  'no-app-container': ({ apps }) => apps.length === 0,
  ...sharedRules,
};

const order = Object.keys(reasons).filter((reason): reason is Rule => Object.hasOwn(rules, reason));

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

/** Only what the pod's author can act on: a pod that Clockout has nothing to do with gets no warning, and is read no further. */
function findProblems(reason: SkipReason, facts: Facts): readonly WrapProblem[] {
  if (reason === 'native-sidecar' || reason === 'no-sidecar')
    return [...findNativeAsked(facts), ...findLeftRunning(reason, facts), ...findIgnored(facts)];
  if (!unwrappable.has(reason)) return findLeftRunning(reason, facts);
  const { optionProblems, sidecars } = facts;
  if (reason === 'invalid-annotation') return optionProblems;
  if (reason === 'unknown-end') return [{ code: reason }, ...sidecars.flatMap(findEndProblem), ...optionProblems];
  return [{ code: reason }];
}

/** The pod's annotations ask for a wrapper, and for a native sidecar. */
const findNativeAsked = ({ annotations }: Facts): WrapProblem[] =>
  annotations[strategyKey] === 'wrap' && annotations[istioNative] === 'true' ? [{ code: 'wrap-of-native' }] : [];

/** Options by which a pod without work asks for something. */
function findIgnored(facts: Facts): WrapProblem[] {
  if (!askingOptions.some((name) => facts.annotations[prefix + name] != null)) return [];
  const { 'exclude-containers': excluded, 'quit-urls': urls } = facts.options;
  return [
    ...(excluded.length > 0 ? [{ code: 'left-out', containers: excluded } as const] : []),
    ...(urls.length > 0 ? [{ code: 'needs-own-label', option: 'quit-urls' } as const] : []),
  ];
}

const askingOptions: readonly OptionName[] = ['exclude-containers', 'quit-urls'];
