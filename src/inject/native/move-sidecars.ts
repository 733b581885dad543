/**
 * The patch of the strategy `native`: sidecars go from the containers to the init containers, and annotations say so. No app
 * changes.
 */
import type { Operation } from 'fast-json-patch';
import type { Facts } from '../../pod/facts.ts';
import { istioNative, istioStatus, nativeAnnotation, statusAnnotation } from '../../pod/names.ts';
import type { Container } from '../../pod/schema.ts';
import { setAnnotations } from '../patch/annotations.ts';
import { append, pointer, set } from '../patch/operations.ts';
import { isSameStatus } from '../patch/status.ts';
import { istioContainers } from '../token-mount.ts';
import type { NativePlan } from './plan.ts';

/** @returns nothing for a pod that is as the plan wants it */
export function createNativePatch({ metadata, spec, own }: Facts, plan: NativePlan): Operation[] {
  const status = { version: plan.version, strategy: plan.strategy };
  return [
    // First what does not move the others, then from the end to the start, so that each position is that in the pod.
    ...replaceFolded(plan),
    ...addTokens(spec.initContainers ?? [], plan),
    ...removeMoved(plan),
    ...insertNatives(spec.initContainers, plan),
    ...setAnnotations(metadata, {
      ...(plan.istioStatus !== undefined && { [istioStatus]: plan.istioStatus }),
      ...(plan.asksIstio && { [istioNative]: 'true' }),
      ...(plan.names.length > 0 && { [nativeAnnotation]: plan.names.join(',') }),
      ...(plan.names.length > 0 && !isSameStatus(own.status, status) && { [statusAnnotation]: JSON.stringify(status) }),
    }),
  ];
}

// --- internal ---

/** The injector's newer container wins. */
const replaceFolded = ({ sidecars }: NativePlan): Operation[] =>
  sidecars.flatMap(({ container, place }) =>
    'replaces' in place
      ? [{ op: 'replace', path: pointer('spec', 'initContainers', place.replaces), value: container }]
      : [],
  );

/** Those that Istio added before, such as istio-init. */
const addTokens = (initContainers: readonly Container[], { tokenMount, sidecars }: NativePlan): Operation[] =>
  initContainers.flatMap(({ name, volumeMounts }, index) => {
    const isMissing =
      tokenMount !== undefined &&
      istioContainers.includes(name) &&
      !sidecars.some((sidecar) => sidecar.name === name) &&
      !volumeMounts?.some(({ mountPath }) => mountPath === tokenMount.mountPath);
    return isMissing
      ? append(pointer('spec', 'initContainers', index, 'volumeMounts'), volumeMounts, [tokenMount])
      : [];
  });

const removeMoved = ({ sidecars }: NativePlan): Operation[] =>
  sidecars
    .map(({ index }) => index)
    .sort((a, b) => b - a)
    .map((index) => ({ op: 'remove', path: pointer('spec', 'containers', index) }));

function insertNatives(initContainers: readonly Container[] | null | undefined, { sidecars }: NativePlan): Operation[] {
  const inserted = sidecars.flatMap(({ container, place }) => ('at' in place ? [{ at: place.at, container }] : []));
  if (inserted.length === 0) return [];
  if (initContainers == null)
    return set(
      '/spec/initContainers',
      initContainers,
      inserted.map(({ container }) => container),
    );
  return inserted.map(({ at, container }) => ({
    op: 'add',
    path: pointer('spec', 'initContainers', at),
    value: container,
  }));
}
