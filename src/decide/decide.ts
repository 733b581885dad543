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
 * | belongs to a Job | pod label | namespace (only where it is seen) | decision |
 * |---|---|---|---|
 * | no  | not "true"  | any       | not-a-job |
 * | yes | "false"     | any       | opted-out |
 * | yes | unset       | disabled  | opted-out |
 * | yes | unset       | unset     | not-opted-in |
 * | yes | unset       | enabled   | go on |
 * | any | "true"      | any       | go on |
 */
import { injectLabel } from '../ours.ts';
import type { Container, Pod } from '../types.ts';
import type { Options } from './annotations.ts';
import { collides } from './collision.ts';
import { needsPid1, runsManagedCommand } from './commands.ts';
import { type SidecarFact, sidecarOf, statusPortOf } from './istio.ts';
import { isJobPod } from './job.ts';
import { type AppContainer, appContainers, readOptions } from './options.ts';
import { reasons, type SkipReason, unwrappable } from './reasons.ts';

/**
 * Who asks. The API server shows a pod as Istio left it; the CLI sees manifests before that, knows a Job's pod template
 * by where it stands, and a namespace's labels if its manifest is at hand.
 */
export type Origin = { from: 'server' } | { from: 'cli'; job: boolean; namespaceLabels?: Record<string, string> };

export type Decision =
  | { wrap: true; sidecar: 'injected' | 'expected'; port: number; containers: AppContainer[]; options: Options }
  | { wrap: false; reason: SkipReason; warnings: string[] };

type Facts = {
  pod: Pod;
  origin: Origin;
  label: string | null | undefined;
  sidecar: SidecarFact;
  containers: AppContainer[];
  problems: string[];
};

export function decide(pod: Pod, origin: Origin): Decision {
  const { options, problems } = readOptions(pod);
  const label = pod.metadata?.labels?.[injectLabel];
  const sidecar = sidecarOf(pod);
  const facts: Facts = { pod, origin, label, sidecar, containers: appContainers(pod, options), problems };
  for (const reason of order) {
    if (rules[reason](facts)) return { wrap: false, reason, warnings: warningsFor(reason, facts) };
  }
  return {
    wrap: true,
    sidecar: sidecar === 'injected' ? 'injected' : 'expected',
    port: statusPortOf(pod),
    containers: facts.containers,
    options,
  };
}

/** `no-entrypoint` is found out later, when the entrypoints are looked up. */
type Rule = Exclude<SkipReason, 'no-entrypoint'>;

const order = Object.keys(reasons).filter((reason): reason is Rule => reason !== 'no-entrypoint');

const rules: Record<Rule, (facts: Facts) => boolean> = {
  'not-a-job': ({ pod, origin, label }) => label !== 'true' && !isJobPod(pod) && !(origin.from === 'cli' && origin.job),
  'opted-out': (facts) => facts.label === 'false' || (facts.label == null && namespaceSays(facts) === 'disabled'),
  'not-opted-in': (facts) =>
    facts.label == null && namespaceSays(facts) !== 'enabled' && namespaceSays(facts) !== 'unknown',
  'native-sidecar': ({ sidecar }) => sidecar === 'native',
  'no-sidecar': ({ sidecar, origin }) => sidecar === 'declined' || (sidecar === 'none' && origin.from === 'server'),
  'host-network': ({ pod }) => pod.spec.hostNetwork === true,
  windows: ({ pod: { spec } }) => spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows',
  'mirror-pod': ({ pod }) => pod.metadata?.annotations?.['kubernetes.io/config.mirror'] != null,
  'restart-policy-always': ({ pod, containers }) =>
    containers.some(({ container }) => restartPolicyOf(pod, container) === 'Always'),
  'container-restart-rules': ({ containers }) =>
    containers.some(({ container }) => (container.restartPolicyRules ?? []).length > 0),
  'needs-pid-1': ({ containers }) => containers.some(({ container }) => needsPid1(container.command ?? [])),
  'managed-command': ({ pod, label, containers }) => label !== 'true' && runsManagedCommand(pod, containers),
  'name-collision': ({ pod, containers }) => collides(pod, containers),
  'no-app-container': ({ containers }) => containers.length === 0,
  'invalid-annotation': ({ problems }) => problems.length > 0,
};

/** A container's own policy wins over the pod's, whose default is Always. */
export const restartPolicyOf = (pod: Pod, container: Container) =>
  container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';

const namespaceSays = ({ origin }: Facts) =>
  origin.from === 'cli' && origin.namespaceLabels ? origin.namespaceLabels[injectLabel] : 'unknown';

/** Only what its owner can do something about: a pod that is none of our business gets no warning. */
const warningsFor = (reason: SkipReason, { problems }: Facts) =>
  reason === 'invalid-annotation' ? problems : unwrappable.has(reason) ? [reasons[reason]] : [];
