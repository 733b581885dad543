/**
 * The text of every warning about a pod, by the code of its problem: for kubectl, the log and the CLI's report. The sentences of
 * reasons are in decide/reasons.ts, and those about registries in oci/problem.ts.
 */
import type { DecisionProblem } from '../decide/decide.ts';
import { reasons } from '../decide/reasons.ts';
import type { EntrypointProblem } from '../entrypoint/resolve.ts';
import { describeDefault } from '../pod/annotations/read-defaults.ts';
import { type OptionName, optionNames } from '../pod/annotations/table.ts';
import { type Bound, podBounds } from '../pod/bounds.ts';
import { injectLabel, istioNative, istioStatus, prefix, proxyContainerName, strategyKey } from '../pod/names.ts';
import type { TwoPrograms } from '../pod/sidecars/find-known.ts';
import { firstWithNative } from '../pod/sidecars/native.ts';
import { listed, quote, shortened } from '../util/text.ts';
import type { Contradiction, UselessBecause } from './contradictions.ts';

/** A problem that its pod's author can act on; the names in it are text of the pod. */
export type Problem = DecisionProblem | EntrypointProblem | PlanProblem;

export type PlanProblem =
  | { code: 'proxy-missing' | 'probes-without-port' | 'shared-processes' | 'native-declined' }
  | Contradiction
  | { code: 'foreign-hook' | 'no-quit-url' | 'wrapped-in-text'; container: string }
  | { code: 'bad-stop-signal'; container: string; signal: string; from: 'pod' | 'image' }
  | { code: 'left-out' | 'several-apps' | 'several-native-apps' | 'repaired'; containers: readonly string[] }
  | TwoPrograms;

/** Starts each warning that the API server is given. */
export const signature = 'clockout: ';

/** `characters` includes the signature. docs/limits.md has both numbers. */
export const warningBounds = { count: 10, characters: 800 } as const;

/**
 * Warnings for the answer, the log and a terminal. The API server drops a warning with control characters, and cuts each to 256
 * if all together have more than 4096.
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/warning.go
 */
export const toWarnings = (problems: readonly Problem[]): string[] =>
  listed(problems.map(describeProblem), warningBounds.count).map((warning) =>
    shortened(warning, warningBounds.characters - signature.length),
  );

/** @param found a count, or N in the docs */
export const describeBound = ({ verb, of, most }: Bound, found: number | 'N'): string =>
  `the pod ${verb} ${found} ${of}, more than ${most}`;

export function describeProblem(problem: Problem): string {
  switch (problem.code) {
    // Annotations and labels
    case 'bad-value':
      return `${problem.key}: expected ${problem.expected}; found ${quote(problem.found)}`;
    case 'unknown-strategy':
      return `the namespace's label ${strategyKey}: expected ${problem.expected}; found ${problem.found === undefined ? 'another value' : quote(problem.found)}; so this pod has the strategy ${problem.holds}, ${choosers[problem.by]}; correct or remove the label`;
    case 'namespace-default':
      return `an annotation ${prefix}… of the pod's namespace has no effect: ${describeDefault(problem.problem)}`;
    case 'unknown-annotation':
      return `${JSON.stringify(problem.key)} is not an annotation of Clockout; the annotations are ${optionNames.join(', ')}`;
    case 'label-as-annotation':
      return `${problem.key} is a label, not an annotation; set it in metadata.labels`;
    case 'not-allowed':
      return `${problem.key} is not allowed in this cluster; Clockout's operator allows ${listAllowed(problem.allowed)}`;
    case 'chosen-and-excluded':
      return `container ${problem.container} is in both ${problem.options.map((option) => prefix + option).join(' and ')}; remove it from one`;
    case 'one-entrypoint-for-many':
      return `${prefix}entrypoint: expected an object from container name to array for ${problem.apps} app containers; found one array`;
    case 'without-effect':
      return `${prefix}${problem.option}: with ${quote(problem.value)}, ${prefix}${problem.useless} has no effect; remove one of them`;
    case 'useless-by-default':
      return `${prefix}${problem.useless} has no effect with ${problem.option}: ${problem.value}, a default of the namespace or of the installation; remove it, or set ${prefix}${problem.option}, too`;
    case 'useless-option':
      return `${prefix}${problem.option} has no effect, because ${uselessBecause[problem.because]}; remove it`;
    case 'never-waits':
      return `${prefix}${problem.option} has no effect on container ${problem.container}, which does not wait for the proxy, because ${waitBecause[problem.why]}; remove it, or set ${prefix}wait-for-proxy: "true" if the container can wait`;
    case 'waits-anyway':
      return `container ${problem.container} waits for the proxy, as ${prefix}${problem.option} says, although ${waitBecause[problem.why]}; change one of them`;
    case 'probe-kept':
      return `container ${problem.container} keeps its own ${problem.probe}, so ${prefix}probes adds none there; remove one of them`;
    case 'entrypoint-of-no-app':
      return `${prefix}entrypoint names container ${problem.container}, which is not wrapped, because ${noAppBecause[problem.half]}; remove it from one`;
    case 'url-twice':
      return `${prefix}quit-urls has ${quote(problem.url)}, at which Clockout asks container ${problem.container} to exit anyway, in its turn; remove it`;
    case 'native-declined':
      return `the pod has both ${strategyKey}: native and ${istioNative}: "false", and Clockout makes the sidecar native; remove one of them`;
    case 'wrap-of-native':
      return `the pod has both ${strategyKey}: wrap and ${istioNative}: "true", so Istio adds a native sidecar, and Clockout wraps nothing; remove one of them`;
    case 'over-bound':
      return describeBound(podBounds[problem.bound], problem.found);

    // Entrypoints
    case 'entrypoint-unused':
      return `container ${problem.container}: ${prefix}entrypoint has no effect, because the container has a command`;
    case 'entrypoint-unknown':
      return `container ${problem.container}: its entrypoint is unknown, because ${unknownBecause[problem.why]}; set its command in the manifest, or annotate the pod with ${prefix}entrypoint: '["/path/of/its/program"]'`;
    case 'lookup-failed':
      return `container ${problem.container}: ${problem.problem}`;
    case 'too-many-images':
      return `expected at most ${problem.most} different images to look up for one pod; found ${problem.images}; set commands in the manifest, or annotate the pod with ${prefix}entrypoint`;

    // Sidecars
    case 'sidecar-not-ended':
      return `container ${problem.container} keeps the pod running, because nothing can end it: ${problem.advice}; you can also name its URL in ${prefix}quit-urls`;
    case 'two-programs':
      return `container ${problem.container} has the name of ${problem.named} and the image of ${problem.runs}; Clockout ends it as ${problem.runs}; rename it`;
    case 'no-sidecar-by-label':
      return `${problem.of === 'pod' ? 'the pod' : "the pod's namespace"} has the label ${quote(`${problem.key}: ${problem.value}`)}, with which Istio adds no sidecar`;
    case 'proxy-missing':
      return 'the pod asks Istio for a sidecar and does not have it yet; if it does not come, each container waits for it before it starts and before it exits';
    case 'probes-without-port':
      return `${prefix}probes has no effect, because the proxy's status port is 0`;
    case 'foreign-hook':
      return `container ${problem.container} has a postStart hook without a command, so no guard can run there: if an app is killed, this sidecar keeps running`;
    case 'no-quit-url':
      return `container ${problem.container} has no guard and no port for quit requests, so nothing ends it`;

    // Apps
    case 'bad-stop-signal':
      return `container ${problem.container}: ${stopSignals[problem.from]} is ${problem.signal}, which the wrapper cannot pass on, so the app runs until its grace period ends; set lifecycle.stopSignal to SIGTERM, for example`;
    case 'shared-processes':
      return 'the pod has shareProcessNamespace: a container that looks for the processes of another by their number, id or parent also finds the wrappers; if one of the containers does, exclude it or turn Clockout off for this pod';
    case 'wrapped-in-text':
      return `container ${problem.container} starts the wrapper from a shell's script, which Clockout does not change: it is wrapped once, with the options that are there; keep the webhook that joined its command from doing so`;
    case 'left-out':
      return `Clockout neither waits for nor ends ${listNames(problem.containers)}: the pod ends only when ${problem.containers.length === 1 ? 'it exits by itself' : 'they exit by themselves'} (see ${prefix}quit-urls)`;
    case 'several-apps':
      return shortened(
        `Clockout waits for each of ${listNames(problem.containers)}; if one never ends by itself, name it in ${prefix}exclude-containers, and the URL that ends it in ${prefix}quit-urls`,
        warningBounds.characters,
      );
    case 'several-native-apps':
      return shortened(
        `Kubernetes waits for each of ${listNames(problem.containers)}; if one of them is a sidecar, name it in ${prefix}sidecars`,
        warningBounds.characters,
      );

    // Native sidecars
    case 'no-effect':
      return describeNoEffect(problem.option);
    case 'stays-classic':
      return `container ${problem.container} stays a classic sidecar and keeps the pod running, because it has restartPolicyRules, which Kubernetes does not allow in a native one; remove them`;
    case 'left-as-app':
      return `Kubernetes waits for ${each(problem.containers)} is a sidecar, name it in ${prefix}sidecars`;
    case 'old-node':
      return `the oldest node runs Kubernetes 1.${problem.minor}, and native sidecars need 1.${firstWithNative}: if the pod lands there, it fails or hangs; use a nodeSelector, or ${strategyKey}: wrap`;
    case 'old-api-server':
      return `native sidecars need an API server of Kubernetes 1.${firstWithNative} or newer; found ${problem.minor === undefined ? 'none, because it has not answered, or Clockout has no token to ask it with' : `1.${problem.minor}`}; use ${strategyKey}: wrap or auto`;
    case 'old-istio-cni':
      return `the CNI plugin of Istio before 1.19 leaves a pod with a native sidecar out of the mesh, and the tag of the image of ${proxyContainerName} shows no newer version; use ${strategyKey}: wrap or auto`;
    case 'unreadable-status':
      return `the annotation ${istioStatus} is not as Istio writes it, so Clockout does not move ${proxyContainerName}`;
    case 'wrapped-before':
      return `${strategyKey}: native has no effect, because the pod is wrapped already; remove what clockout inject has added`;
    case 'needs-own-label':
      return `${prefix}${problem.option} has no effect: the pod has no istio-proxy, so Clockout ends its other sidecars only if the pod itself has the label ${injectLabel}: "true"`;
    case 'left-running':
      return `${problem.containers.length === 1 ? 'container' : 'each of'} ${listNames(problem.containers)} keeps the pod running, and Clockout does not end it, because ${leftBecause[problem.because]}`;
    case 'repaired':
      return `Clockout restored restartPolicy: Always of ${listNames(problem.containers)}; another webhook drops it, one built with an old Kubernetes library (known: ${knownStrippers}). The audit log names it: compare the annotations patch.webhook.admission.k8s.io/round_N_index_M of the request. Update that webhook`;
    default:
      return reasons[problem.code];
  }
}

// --- internal ---

const unknownBecause = {
  'no-command': 'it has no command',
  'lookup-failed': 'the lookup in its registry failed',
  'image-without-command': 'its image has no ENTRYPOINT and no CMD',
};

/**
 * Webhooks that dropped it in a version of theirs.
 * @see https://github.com/istio/istio/issues/49054, DataDog/datadog-operator#1116, aws/amazon-eks-pod-identity-webhook#208,
 *   Azure/azure-workload-identity#1312, aws/aws-app-mesh-controller-for-k8s#774, enix/kube-image-keeper#457,
 *   GoogleCloudPlatform/berglas#264, doitintl/kube-secrets-init#53, k8ssandra/cass-operator#629,
 *   GoogleCloudPlatform/gcs-fuse-csi-driver#322 (knative)
 */
const knownStrippers =
  'Datadog, EKS Pod Identity, Azure Workload Identity, App Mesh, kube-image-keeper, berglas, kube-secrets-init, cass-operator, knative';

const choosers = { pod: 'which its own annotation names', installation: 'that of the installation' };

const kubernetesWaits = 'Kubernetes starts the sidecars before the apps';
const kubernetesEnds = 'Kubernetes ends the sidecars when all other containers have exited';

/** Of what only a wrapper obeys. */
const noEffectBecause: Partial<Record<OptionName, string>> = {
  'wait-for-proxy': kubernetesWaits,
  'wait-timeout': kubernetesWaits,
  'on-wait-timeout': kubernetesWaits,
  quit: kubernetesEnds,
  'quit-timeout': kubernetesEnds,
  'quit-urls': kubernetesEnds,
  'start-timeout': kubernetesEnds,
  guard: kubernetesEnds,
};

const describeNoEffect = (option: OptionName) =>
  `${prefix}${option} has no effect with the strategy native, because ${noEffectBecause[option] ?? 'the pod has no wrapper'}; ${
    option === 'quit-urls' ? `name the sidecars without their URLs, in ${prefix}sidecars` : 'remove it'
  }`;

const leftBecause = {
  'no-sidecar': `the pod has no istio-proxy; set the label ${injectLabel}: "true" or the annotation ${strategyKey}: native of the pod`,
  'host-network': "the pod uses the node's network; have its injector add a native sidecar, or its app end it",
  windows: 'the pod runs on Windows; have its injector add a native sidecar, or its app end it',
};

const each = (names: readonly string[]) =>
  names.length === 1 ? `container ${names[0]}; if it` : `each of ${listNames(names)}; if one of them`;

const uselessBecause: Record<UselessBecause, string> = {
  restarts: 'the pod has restartPolicy OnFailure, under which the kubelet tries a failed start again',
  'one-app': 'the pod has only one app container',
  'no-proxy': 'the pod has no classic istio-proxy to wait for',
};

const waitBecause = {
  hook: 'a postStart hook, of its own or of a container before it, holds the proxy back',
  probe: `its startup or liveness probe can fail within ${prefix}wait-timeout`,
};

const noAppBecause = {
  known: 'it is a sidecar that Clockout knows',
  'exclude-containers': `${prefix}exclude-containers names it, too`,
  sidecars: `${prefix}sidecars names it, too`,
  containers: `${prefix}containers does not name it`,
};

const stopSignals = { pod: 'its lifecycle.stopSignal', image: 'the STOPSIGNAL of its image' };

const listAllowed = (names: readonly string[]) => (names.length > 0 ? `only ${names.join(', ')}` : 'no annotations');

const listNames = (names: readonly string[]) => listed(names, 10).join(', ');
