/** The plan for a pod whose sidecars become native ones: every value is settled, and the builders read no defaults after this. */
import type { Decision } from '../../decide/decide.ts';
import type { NativeDecision } from '../../decide/native-rules.ts';
import type { Facts } from '../../pod/facts.ts';
import { namesIn, readIstioStatus } from '../../pod/istio-status.ts';
import { istioStatus, proxyContainerName } from '../../pod/names.ts';
import type { ContainerAt, VolumeMount } from '../../pod/schema.ts';
import { findTokenMount } from '../token-mount.ts';
import { toNative } from './native-container.ts';
import { type NativeSidecar, orderByStart, placeNatives } from './position.ts';

export type NativePlan = {
  strategy: 'native';
  /** Native sidecars that get their restartPolicy back, or are replaced because their injector was called again. */
  repairs: readonly ContainerAt[];
  /** Those that become native, in the order in which they start; none if an earlier call has done it. */
  sidecars: readonly NativeSidecar[];
  /** The names of all sidecars that this call and earlier ones have made native. */
  names: readonly string[];
  /** Istio's status, which then says where its proxy is; undefined if the proxy does not move. */
  istioStatus: string | undefined;
  /** Whether Istio is to make its sidecar a native one whenever it sees the pod. */
  asksIstio: boolean;
  /** The service account token's mount, if Istio's containers are to get it. */
  tokenMount: VolumeMount | undefined;
  /** Whether all kubelets are known to run native sidecars. */
  nodes: NativeDecision['nodes'];
  /** The names of the containers that Kubernetes waits for. */
  apps: readonly string[];
  version: string;
};

type Native = NativeDecision & Pick<Decision, 'repairs'>;

export function createNativePlan(facts: Facts, decision: Native, version: string): NativePlan {
  const { spec, initContainers, own, annotations } = facts;
  const tokenMount = findTokenMount(spec);
  const ordered = orderByStart(decision.convert);
  const gates = chooseGates(facts, decision, ordered);
  const natives = ordered.map((sidecar) => ({
    ...sidecar,
    container: toNative(sidecar, {
      gate: gates.has(sidecar.index),
      drain: facts.options['quit-delay'],
      tokenMount,
      allowsResizePolicy: decision.allowsResizePolicy,
    }),
  }));
  const sidecars = placeNatives(spec, initContainers, own.native, natives);
  const moved = sidecars.map(({ name }) => name);
  const left = own.native.filter(
    (name) => !moved.includes(name) && !spec.containers.some((each) => each.name === name),
  );
  const gone = new Set(decision.convert.map(({ index }) => index));
  return {
    strategy: 'native',
    repairs: decision.repairs,
    sidecars,
    names: [...left, ...moved],
    istioStatus: moved.includes(proxyContainerName) ? moveInStatus(annotations[istioStatus]) : undefined,
    asksIstio: decision.asksIstio || moved.includes(proxyContainerName),
    nodes: decision.nodes,
    tokenMount: sidecars.length > 0 ? tokenMount : undefined,
    apps: spec.containers.flatMap(({ name }, index) => (gone.has(index) ? [] : [name])),
    version,
  };
}

// --- internal ---

/**
 * The sidecars whose readiness probe becomes a startup probe as well, by position. Without one, the app starts before its mesh.
 */
function chooseGates({ initContainers }: Facts, { oneGate }: Native, ordered: Native['convert']): ReadonlySet<number> {
  const natives = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const hasOne = [...natives, ...ordered.map(({ container }) => container)].some(({ startupProbe }) => startupProbe);
  const without = ordered.filter(({ form, container }) => form.gate && container.startupProbe == null);
  const chosen = oneGate ? without.slice(0, hasOne ? 0 : 1) : without;
  return new Set(chosen.map(({ index }) => index));
}

/** As Istio itself writes it for a native sidecar; `istioctl` and the CNI plugin read other fields. */
function moveInStatus(text: string | null | undefined): string {
  const status = readIstioStatus(text);
  const without = (list: 'containers' | 'initContainers') =>
    namesIn(status, list).filter((name) => name !== proxyContainerName);
  return JSON.stringify({
    ...status,
    containers: without('containers'),
    initContainers: [...without('initContainers'), proxyContainerName],
  });
}
