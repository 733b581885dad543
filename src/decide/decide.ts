/**
 * Should this pod be wrapped? A rule for each reason not to, asked in the order of the map of reasons: the first that
 * holds is the answer. The rows below are the rows of the test.
 *
 * | istio-proxy in containers, with status | native (or annotated so) | pod asks Istio | seen by | decision |
 * |---|---|---|---|---|
 * | yes | –   | –   | any    | wrap, injected |
 * | no  | yes | –   | any    | native-sidecar |
 * | no  | no  | yes | any    | wrap, expected |
 * | no  | no  | declines | any | no-sidecar |
 * | no  | no  | no  | server | no-sidecar: Istio had its turn, or we are called again after it |
 * | no  | no  | no  | CLI    | wrap, expected: a manifest shows nothing of its namespace |
 *
 * Where the table says native-sidecar or no-sidecar, and the pod's own label is "true", the other sidecars count:
 * | a known sidecar that Clockout can end, or clockout.dev/quit-urls | one that it cannot | decision |
 * |---|---|---|
 * | yes | any | wrap, other |
 * | no  | yes | unknown-end |
 * | no  | no  | as above |
 *
 * | belongs to a Job | pod label | namespace (only where it is seen) | decision |
 * |---|---|---|---|
 * | no  | not "true"  | any       | not-a-job |
 * | yes | "false"     | any       | opted-out |
 * | yes | unset       | disabled  | opted-out |
 * | yes | unset       | unset     | not-opted-in |
 * | yes | unset       | enabled   | go on |
 * | any | "true"      | any       | go on |
 */

import { type AppContainer, appContainers, readOptions } from '../pod/annotations/select-containers.ts';
import { type AllowedAnnotations, defaultOptions, type Options } from '../pod/annotations/table.ts';
import { findOverBound } from '../pod/bounds.ts';
import { type SidecarFact, sidecarOf, statusPortOf } from '../pod/istio.ts';
import { injectLabel } from '../pod/names.ts';
import { isJobPod } from '../pod/owner.ts';
import type { Container, Pod } from '../pod/schema.ts';
import { adviceOn, canBeEnded, type Sidecar, sidecarsOf } from '../pod/sidecars/read.ts';
import { collides } from './collision.ts';
import { hasWatchedProcesses, needsPid1, runsManagedCommand } from './commands.ts';
import { reasons, type SkipReason, unwrappable } from './reasons.ts';

/**
 * Who asks. The API server shows a pod as Istio left it; the CLI sees manifests before that, knows a Job's pod template
 * by where it stands, and a namespace's labels if its manifest is at hand. What reached the server was selected by them.
 */
export type Origin = ({ from: 'server' } | { from: 'cli'; job: boolean }) & {
  namespaceLabels?: Record<string, string>;
};

export type Decision =
  | {
      wrap: true;
      /** Of Istio's: in view, to come, or none that Clockout has to end, but `other` sidecars. */
      sidecar: 'injected' | 'expected' | 'other';
      /** Pilot-agent's status port; 0 = it has none, or is not there. */
      port: number;
      containers: AppContainer[];
      /** The known ones besides Istio's. */
      sidecars: Sidecar[];
      options: Options;
    }
  | { wrap: false; reason: SkipReason; warnings: string[] };

type Facts = {
  pod: Pod;
  origin: Origin;
  label: string | null | undefined;
  sidecar: SidecarFact;
  containers: AppContainer[];
  sidecars: Sidecar[];
  /** What the pod needs Clockout for: to end Istio's sidecar, or others. */
  need: 'istio' | 'others' | 'unknown-end' | 'nothing';
  /** The bound that the pod is over, as a sentence: then nothing else of its containers and annotations is read. */
  over: string | undefined;
  problems: string[];
};

export function decide(pod: Pod, origin: Origin, allowed?: AllowedAnnotations): Decision {
  const label = pod.metadata?.labels?.[injectLabel];
  const sidecar = sidecarOf(pod);
  const { over, options, problems, containers, sidecars } = readPod(pod, allowed);
  const need = needOf({ origin, label, sidecar, sidecars, over, problems }, options);
  const facts: Facts = { pod, origin, label, sidecar, containers, sidecars, need, over, problems };
  for (const reason of order) {
    if (rules[reason](facts)) return { wrap: false, reason, warnings: warningsFor(reason, facts) };
  }
  const others = { wrap: true, containers, sidecars, options } as const;
  if (need === 'others') return { ...others, sidecar: 'other', port: 0 };
  return { ...others, sidecar: sidecar === 'injected' ? 'injected' : 'expected', port: statusPortOf(pod) };
}

const unread = { options: defaultOptions, problems: [], containers: [], sidecars: [] };

function readPod(pod: Pod, allowed: AllowedAnnotations | undefined) {
  const over = findOverBound(pod);
  if (over !== undefined) return { over, ...unread };
  const { options, problems } = readOptions(pod, allowed);
  return { over, options, problems, containers: appContainers(pod, options), sidecars: sidecarsOf(pod, options) };
}

/** `no-entrypoint` is found out later, when the entrypoints are looked up. */
type Rule = Exclude<SkipReason, 'no-entrypoint'>;

const order = Object.keys(reasons).filter((reason): reason is Rule => reason !== 'no-entrypoint');

const rules: Record<Rule, (facts: Facts) => boolean> = {
  'not-a-job': ({ pod, origin, label }) => label !== 'true' && !isJobPod(pod) && !(origin.from === 'cli' && origin.job),
  'opted-out': (facts) => facts.label === 'false' || (facts.label == null && namespaceSays(facts) === 'disabled'),
  'not-opted-in': (facts) =>
    facts.label == null && namespaceSays(facts) !== 'enabled' && namespaceSays(facts) !== 'unknown',
  'too-large': ({ over, need }) => over !== undefined && need !== 'nothing',
  'unknown-end': ({ need }) => need === 'unknown-end',
  'native-sidecar': ({ need, sidecar }) => need === 'nothing' && sidecar === 'native',
  'no-sidecar': ({ need, sidecar }) => need === 'nothing' && sidecar !== 'native',
  'host-network': ({ pod }) => pod.spec.hostNetwork === true,
  windows: ({ pod: { spec } }) => spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows',
  'mirror-pod': ({ pod }) => pod.metadata?.annotations?.['kubernetes.io/config.mirror'] != null,
  'restart-policy-always': ({ pod, containers }) =>
    containers.some(({ container }) => restartPolicyOf(pod, container) === 'Always'),
  'container-restart-rules': ({ containers }) =>
    containers.some(({ container }) => (container.restartPolicyRules ?? []).length > 0),
  'needs-pid-1': ({ containers }) => containers.some(({ container }) => needsPid1(container.command ?? [])),
  'managed-command': ({ pod, label, containers }) => label !== 'true' && runsManagedCommand(pod, containers),
  'watched-processes': ({ pod }) => hasWatchedProcesses(pod),
  'name-collision': ({ pod, containers }) => collides(pod, containers),
  'no-app-container': ({ containers }) => containers.length === 0,
  'invalid-annotation': ({ problems }) => problems.length > 0,
};

/** A container's own policy wins over the pod's, whose default is Always. */
export const restartPolicyOf = (pod: Pod, container: Container) =>
  container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';

function needOf(facts: Omit<Facts, 'pod' | 'containers' | 'need'>, options: Options): Facts['need'] {
  const { sidecar, origin, label, sidecars, over, problems } = facts;
  if (sidecar === 'injected' || sidecar === 'requested') return 'istio';
  if (sidecar === 'none' && origin.from === 'cli') return 'istio';
  // Ending others alone is new: only where the pod itself asks, until it has proven itself.
  if (label !== 'true') return 'nothing';
  if (options['quit-urls'].length > 0 || sidecars.some(canBeEnded)) return 'others';
  if (sidecars.some(({ end }) => end.by === 'nobody')) return 'unknown-end';
  // It may have meant others: what is wrong with its options is a reason of its own.
  return over !== undefined || problems.length > 0 ? 'others' : 'nothing';
}

const namespaceSays = ({ origin }: Facts) => (origin.namespaceLabels ? origin.namespaceLabels[injectLabel] : 'unknown');

/** Only what its owner can do something about: a pod that is none of our business gets no warning. */
function warningsFor(reason: SkipReason, { over, problems, sidecars }: Facts): string[] {
  if (reason === 'too-large' && over !== undefined) return [over];
  if (reason === 'invalid-annotation') return problems;
  if (reason === 'unknown-end') return [reasons[reason], ...adviceOn(sidecars), ...problems];
  return unwrappable.has(reason) ? [reasons[reason]] : [];
}
