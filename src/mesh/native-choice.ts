/**
 * Whether Istio's sidecar is native in a new pod, and why, by the rules of istiod. Pure.
 *
 * | the pod | istiod's ENABLE_NATIVE_SIDECARS | all kubelets are 1.33 or newer | native |
 * |---|---|---|---|
 * | inject.istio.io/templates has grpc-agent | any | any | no |
 * | sidecar.istio.io/nativeSidecar: "false", from Istio 1.24 on | any | any | no |
 * | any other value of it, from Istio 1.24 on | any | any | yes |
 * | else | true | any | yes |
 * | else | auto, or unset from Istio 1.27 on | yes | yes |
 * | else | auto, or unset from Istio 1.27 on | no | no |
 * | else | any other value, or unset before Istio 1.27 | any | no |
 * @see https://github.com/istio/istio/blob/1.29.0/pkg/kube/inject/webhook.go (DetectNativeSidecar)
 */
import { istioNative } from '../pod/names.ts';
import { firstWithNative } from '../pod/sidecars/native.ts';
import type { Istiod } from './istiod.ts';
import { type Labels, readLabel } from './label-selector.ts';

/** The oldest kubelet. `minor` is undefined if its version cannot be read, which Istio takes for old. */
export type OldestNode = { name: string; version: string; minor: number | undefined };

/** `native` is undefined if what decides is not known; `because` is half a sentence either way. */
export type NativeChoice = { native: boolean | undefined; because: string };

type Known = {
  annotations: Labels;
  /** Undefined if it cannot be read. */
  istiod: Istiod | undefined;
  /** Undefined if the nodes cannot be read; null if there are none. */
  oldestNode: OldestNode | null | undefined;
};

export function chooseNative(known: Known): NativeChoice {
  const choice = choose(known);
  const { oldestNode } = known;
  if (!choice.native || oldestNode?.minor === undefined || oldestNode.minor >= firstWithNative) return choice;
  return { ...choice, because: `${choice.because}; ${describeNode(oldestNode)} is too old for native sidecars` };
}

// --- internal ---

/** @see https://istio.io/latest/news/releases/1.27.x/announcing-1.27/change-notes/ */
const firstWithAuto = 27;
const firstWithAnnotation = 24;

/** Istio's own bound for `auto`. */
const firstForAuto = 33;

function choose({ annotations, istiod, oldestNode }: Known): NativeChoice {
  const templates = readLabel(annotations, 'inject.istio.io/templates') ?? '';
  if (templates.split(',').some((each) => each.trim() === 'grpc-agent'))
    return { native: false, because: 'the template grpc-agent has no native form' };
  const asked = readLabel(annotations, istioNative);
  if (asked !== undefined && (istiod?.minor ?? firstWithAnnotation) >= firstWithAnnotation)
    return { native: asked !== 'false', because: `the pod has the annotation ${istioNative}: "${asked}"` };
  if (!istiod) return { native: undefined, because: "istiod's Deployment is not known" };
  const { native, minor } = istiod;
  if (native === null) return { native: undefined, because: `istiod has ${variable} from a place that is not read` };
  if (native === 'auto') return chooseByNodes(`istiod has ${variable}=auto`, oldestNode);
  if (native !== undefined) return { native: native === 'true', because: `istiod has ${variable}=${native}` };
  if (minor === undefined)
    return { native: undefined, because: `istiod does not set ${variable}, and its version is not known` };
  return minor < firstWithAuto
    ? { native: false, because: `Istio 1.${minor} has native sidecars only with ${variable}=true` }
    : chooseByNodes(`Istio 1.${minor} decides by the nodes`, oldestNode);
}

function chooseByNodes(setting: string, oldest: OldestNode | null | undefined): NativeChoice {
  if (oldest === undefined) return { native: undefined, because: `${setting}, and the nodes are not known` };
  if (oldest === null || (oldest.minor ?? 0) >= firstForAuto)
    return { native: true, because: `${setting}, and each kubelet is 1.${firstForAuto} or newer` };
  return { native: false, because: `${setting}, and ${describeNode(oldest)} is older than 1.${firstForAuto}` };
}

const variable = 'ENABLE_NATIVE_SIDECARS';

const describeNode = ({ name, version }: OldestNode) => `the kubelet of ${name} (${version})`;
