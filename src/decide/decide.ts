/**
 * Is this pod wrapped? There is a rule for each reason to skip a pod. The rules are tried in the order of reasons.ts, and the
 * first that holds decides. The rows of these tables are the rows of the test.
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
 * If the table says native-sidecar or no-sidecar, and the pod's own label is "true", the other sidecars count:
 * | a known sidecar that Clockout can end, or clockout.dev/quit-urls | one that it cannot end | decision |
 * |---|---|---|
 * | yes | any | wrap, other |
 * | no  | yes | unknown-end |
 * | no  | no  | as above |
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

import type { AnnotationProblem } from '../pod/annotations/table.ts';
import type { BoundProblem } from '../pod/bounds.ts';
import type { Facts } from '../pod/facts.ts';
import { injectLabel } from '../pod/names.ts';
import { canBeEnded, findEndProblem, isEndless, type SidecarProblem } from '../pod/sidecars/read.ts';
import { hasCollision } from './collision.ts';
import { hasManagedCommand, hasWatchedProcesses, needsPid1 } from './commands.ts';
import { reasons, type SkipReason, unwrappable } from './reasons.ts';

/**
 * Where a pod comes from. The API server shows a pod as Istio left it, and has checked its namespace's labels. The CLI sees
 * manifests before that: it knows by its place whether a pod template is a Job's, and the namespace's labels if the namespace is
 * among the manifests.
 */
export type Origin = ({ from: 'server' } | { from: 'cli'; job: boolean }) & {
  namespaceLabels?: Record<string, string>;
};

export type Decision =
  | {
      wrap: true;
      /** Istio's sidecar: in the pod, or still to come. `other`: Clockout only ends sidecars other than Istio's. */
      sidecar: 'injected' | 'expected' | 'other';
      /** Pilot-agent's status port; 0 = it has none, or Clockout does not end Istio's sidecar. */
      port: number;
    }
  | { wrap: false; reason: SkipReason; problems: readonly DecisionProblem[] };

/** A code that is a reason has the reason's sentence as its text. */
export type DecisionProblem = AnnotationProblem | BoundProblem | SidecarProblem | { code: SkipReason };

export function decide(facts: Facts, origin: Origin): Decision {
  const reason = order.find((each) => rules[each](facts, origin));
  if (reason) return { wrap: false, reason, problems: findProblems(reason, facts) };
  if (!endsProxy(facts, origin)) return { wrap: true, sidecar: 'other', port: 0 };
  const sidecar = facts.proxy.state === 'injected' ? 'injected' : 'expected';
  return { wrap: true, sidecar, port: facts.statusPort };
}

// --- internal ---

/** `no-entrypoint` is found later, when the entrypoints are resolved. */
type Rule = Exclude<SkipReason, 'no-entrypoint'>;

const order = Object.keys(reasons).filter((reason): reason is Rule => reason !== 'no-entrypoint');

/** Rules that come first read little of a pod: most pods are skipped by them. */
const rules: Record<Rule, (facts: Facts, origin: Origin) => boolean> = {
  'not-a-job': (facts, origin) => !asksForClockout(facts) && !facts.isJobPod && !(origin.from === 'cli' && origin.job),
  'opted-out': ({ inject }, origin) => inject === 'false' || (inject == null && namespaceSays(origin) === 'disabled'),
  'not-opted-in': ({ inject }, origin) =>
    inject == null && namespaceSays(origin) !== 'enabled' && namespaceSays(origin) !== 'unknown',
  'too-large': (facts, origin) => (endsProxy(facts, origin) || asksForClockout(facts)) && facts.overBound !== undefined,
  'unknown-end': (facts, origin) => !hasWork(facts, origin) && asksForClockout(facts) && facts.sidecars.some(isEndless),
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

/** Is there a sidecar to end? Without Istio's, Clockout ends other sidecars only if the pod itself asks for Clockout. */
function hasWork(facts: Facts, origin: Origin): boolean {
  if (endsProxy(facts, origin)) return true;
  return asksForClockout(facts) && (endsOthers(facts) || mayEndOthers(facts));
}

const endsOthers = ({ options, sidecars }: Facts) => options['quit-urls'].length > 0 || sidecars.some(canBeEnded);

/** Options that could not be read may name sidecars: then the options are the reason, and not that there is no sidecar. */
const mayEndOthers = ({ overBound, optionProblems, sidecars }: Facts) =>
  overBound !== undefined || (optionProblems.length > 0 && !sidecars.some(isEndless));

/** The namespace's label; `unknown` if its labels are not at hand. */
const namespaceSays = ({ namespaceLabels }: Origin) => (namespaceLabels ? namespaceLabels[injectLabel] : 'unknown');

/** Only what the pod's author can act on: a pod that Clockout has nothing to do with gets no warning, and is read no further. */
function findProblems(reason: SkipReason, facts: Facts): readonly DecisionProblem[] {
  if (!unwrappable.has(reason)) return [];
  const { overBound, optionProblems, sidecars } = facts;
  if (reason === 'too-large' && overBound) return [overBound];
  if (reason === 'invalid-annotation') return optionProblems;
  if (reason === 'unknown-end') return [{ code: reason }, ...sidecars.flatMap(findEndProblem), ...optionProblems];
  return [{ code: reason }];
}
