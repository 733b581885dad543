/** What Istio adds to a new pod: by its webhooks, its control planes, and the nodes. Pure. */

import { firstWithSafeNative } from '../decide/cluster.ts';
import type { Facts } from '../pod/facts.ts';
import { findSidecarBar } from '../pod/istio.ts';
import { readIstioMinor } from '../pod/istio-version.ts';
import { istioNative } from '../pod/names.ts';
import { shortened } from '../util/text.ts';
import { readList, readText, readTexts } from './read-labels.ts';
import type { Labels } from './selector.ts';
import { sees, type Webhook } from './webhooks.ts';

/** An istiod. */
export type ControlPlane = {
  namespace: string;
  name: string;
  revision: string;
  /** The tag of its image. */
  version: string;
  /** As in 26 of 1.26; undefined if the tag does not show it. */
  minor: number | undefined;
  /** Its ENABLE_NATIVE_SIDECARS; undefined if it is not set. */
  setting: string | undefined;
};

/** What is known of the mesh. Undefined: not known. */
export type Mesh = {
  webhooks: readonly Webhook[] | undefined;
  controlPlanes: readonly ControlPlane[] | undefined;
  /** Minor version of the oldest kubelet on a Linux node. */
  oldestNode: number | undefined;
};

/** `assumed`: by labels alone, or without the setting of Istio. */
export type Expected = { form: 'classic' | 'native' | 'none' | 'ambient'; assumed: boolean };

/** @param deployment of Istio, with the label app=istiod */
export function readControlPlane(deployment: unknown): ControlPlane {
  const containers = readList(deployment, 'spec', 'template', 'spec', 'containers');
  const discovery = containers.find((each) => readText(each, 'name') === 'discovery') ?? containers[0];
  const image = readText(discovery, 'image') ?? '';
  const setting = readList(discovery, 'env').find((each) => readText(each, 'name') === 'ENABLE_NATIVE_SIDECARS');
  return {
    namespace: readText(deployment, 'metadata', 'namespace') ?? '',
    name: readText(deployment, 'metadata', 'name') ?? '',
    revision: readTexts(deployment, 'metadata', 'labels')['istio.io/rev'] ?? 'default',
    version: shortened(/:([^:@/]+)(?:@|$)/.exec(image.slice(-300))?.[1] ?? '', 60),
    minor: readIstioMinor(image),
    setting: setting === undefined ? undefined : shortened(readText(setting, 'value') ?? 'not known', 60),
  };
}

/** The first version of Istio that makes sidecars native by itself, if all nodes are new enough. */
export const firstNativeByDefault = 27;

/**
 * Whether a control plane makes sidecars native, for pods that do not say themselves.
 * @see https://github.com/istio/istio/blob/1.27.0/pkg/kube/inject/webhook.go (DetectNativeSidecar)
 */
export function makesNative({ setting, minor }: ControlPlane, oldestNode: number | undefined): boolean {
  if (setting === 'true' || setting === 'false') return setting === 'true';
  const isAuto = setting === 'auto' || (setting === undefined && (minor ?? 0) >= firstNativeByDefault);
  return isAuto && (oldestNode ?? 0) >= firstWithSafeNative;
}

/** @param namespace its labels, with its name among them; undefined if they are not known */
export function expectSidecar(mesh: Mesh, facts: Facts, namespace: Labels | undefined): Expected {
  const ambient = isAmbient(facts, namespace) ? 'ambient' : 'none';
  if (facts.spec.hostNetwork) return { form: 'none', assumed: false };
  if (facts.proxy.state === 'declined') return { form: ambient, assumed: false };
  if (!mesh.webhooks || !namespace) {
    const form = asksByLabels(facts, namespace ?? {}) ? formByPod(facts) : ambient;
    return { form, assumed: true };
  }
  const webhook = mesh.webhooks.find((each) => each.of === 'istio' && sees(each, namespace, textsOf(facts.labels)));
  if (!webhook) return { form: ambient, assumed: false };
  const asked = facts.annotations[istioNative];
  if (asked === 'true' || asked === 'false') return { form: asked === 'true' ? 'native' : 'classic', assumed: false };
  const plane = mesh.controlPlanes?.find(({ revision }) => revision === webhook.revision);
  if (!plane) return { form: 'classic', assumed: true };
  return { form: makesNative(plane, mesh.oldestNode) ? 'native' : 'classic', assumed: false };
}

/** Of a pod without a sidecar. */
export function isAmbient({ labels, annotations }: Facts, namespace: Labels | undefined): boolean {
  if (annotations['ambient.istio.io/redirection'] === 'enabled') return true;
  const mode = labels['istio.io/dataplane-mode'] ?? namespace?.['istio.io/dataplane-mode'];
  return mode === 'ambient';
}

// --- internal ---

/** As far as labels show. */
function asksByLabels({ proxy, labels }: Facts, namespace: Labels): boolean {
  const { state } = proxy;
  if (findSidecarBar(state, labels, namespace)) return false;
  return state === 'requested' || namespace['istio-injection'] === 'enabled' || namespace['istio.io/rev'] !== undefined;
}

const formByPod = ({ annotations }: Facts) => (annotations[istioNative] === 'true' ? 'native' : 'classic');

const textsOf = (labels: Facts['labels']): Labels =>
  Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] != null));
