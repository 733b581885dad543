/** How a new pod of a template gets istio-proxy, and how a pod that is there has it. Pure. */

import { type Injection, type MeshPod, revisionOf } from '../../mesh/istio-injection.ts';
import { readLabel } from '../../mesh/label-selector.ts';
import { chooseNative } from '../../mesh/native-choice.ts';
import type { Webhook } from '../../mesh/webhooks.ts';
import { istioNative, nativeAnnotation, proxyContainerName } from '../../pod/names.ts';
import { findValue } from '../../util/find-value.ts';
import { type ClusterView, istiodKey } from './cluster-view.ts';

/** How a pod has istio-proxy. */
export type SidecarForm = 'classic' | 'native' | 'none';

/** What a new pod gets, and why. */
export type Expected = { sidecar: SidecarForm | 'unknown'; because: string };

/** A pod that is there already: what it has tells more of the next one than the settings of Istio that cannot be read. */
export type Witness = { name: string; form: SidecarForm };

/** @param isAsked whether a webhook of Clockout asks Istio for a native sidecar */
export function expectSidecar(
  injection: Injection,
  pod: MeshPod,
  { view, isAsked, witness }: { view: ClusterView; isAsked: boolean; witness: Witness | undefined },
): Expected {
  const expected = chooseForm(injection, pod, view, isAsked);
  return expected.sidecar === 'unknown' && witness && witness.form !== 'none'
    ? { sidecar: witness.form, because: `as in the pod ${witness.name} (${expected.because})` }
    : expected;
}

/** @param pods those of a template, unchecked */
export function findWitness(pods: readonly unknown[]): Witness | undefined {
  const witnesses = pods.map((pod) => ({ name: String(findValue(pod, 'metadata', 'name')), form: readInjected(pod) }));
  return witnesses.find(({ form }) => form !== 'none') ?? witnesses[0];
}

export function readForm(pod: unknown): SidecarForm {
  const has = (list: string, fits: (container: unknown) => boolean) => {
    const containers = findValue(pod, 'spec', list);
    return (
      Array.isArray(containers) &&
      containers.some((each) => findValue(each, 'name') === proxyContainerName && fits(each))
    );
  };
  if (has('containers', () => true)) return 'classic';
  return has('initContainers', (each) => findValue(each, 'restartPolicy') === 'Always') ? 'native' : 'none';
}

// --- internal ---

/** As Istio has injected it: Clockout can have made it native since. */
const readInjected = (pod: unknown): SidecarForm =>
  findValue(pod, 'metadata', 'annotations', nativeAnnotation) === undefined ? readForm(pod) : 'classic';

function chooseForm(
  injection: Injection,
  pod: MeshPod,
  { istiods, oldestNode }: ClusterView,
  isAskedByClockout: boolean,
): Expected {
  if (!injection.injects) return { sidecar: 'none', because: 'Istio does not inject it' };
  const key = istiodKey(injection.webhook.server, revisionOf(injection.webhook));
  const istiod = key === undefined ? undefined : istiods.get(key);
  const isAsked = isAskedByClockout && readLabel(pod.annotations, istioNative) === undefined;
  const annotations = isAsked ? { ...pod.annotations, [istioNative]: 'true' } : pod.annotations;
  const { native, because } = chooseNative({ annotations, istiod, oldestNode });
  if (native === undefined && !istiod) return { sidecar: 'unknown', because: whyNoIstiod(injection.webhook) };
  const sidecar = native === undefined ? 'unknown' : native ? 'native' : 'classic';
  return { sidecar, because: isAsked && native ? 'Clockout asks Istio for it, if the nodes can have it' : because };
}

const whyNoIstiod = ({ server }: Webhook): string =>
  'url' in server
    ? 'istiod is called by an address, so its settings are not known'
    : `the Deployment of istiod in the namespace ${server.namespace} cannot be read`;
