/**
 * The patch of the strategy `wrap`: operations on Clockout's own paths, in the order in which a reader would make the changes.
 * They are built by hand. A diff of pods, or a pod in typed classes, would also touch what is not Clockout's.
 */
import type { Operation } from 'fast-json-patch';
import type { Facts } from '../../pod/facts.ts';
import { stateVolume, toolsVolume } from '../../pod/names.ts';
import type { Volume } from '../../pod/schema.ts';
import type { WrapPlan } from '../plan.ts';
import { addMounts } from './add-mounts.ts';
import { addGuardHooks } from './guard-hook.ts';
import { addInitContainer } from './init-container.ts';
import { append } from './operations.ts';
import { setStatus } from './status.ts';
import { wrapContainers } from './wrap-container.ts';

/** @returns nothing for a pod that is as the plan wants it */
export function createWrapPatch({ metadata, spec, own }: Facts, plan: WrapPlan): Operation[] {
  const { volumes, initContainers, containers } = spec;
  return [
    ...addVolumes(volumes),
    ...addInitContainer(initContainers, own.initContainer, plan),
    ...wrapContainers(containers, plan),
    ...addGuardHooks(containers, plan),
    ...addMounts('containers', containers, plan),
    ...addMounts('initContainers', initContainers ?? [], plan),
    ...setStatus(metadata, own.status, plan),
  ];
}

/** Two volumes, because an app can write its state, but not the tools that other containers run. */
function addVolumes(volumes: readonly Volume[] | null | undefined): Operation[] {
  const wanted = [
    { name: toolsVolume.name, emptyDir: { sizeLimit: '16Mi' } },
    { name: stateVolume.name, emptyDir: { sizeLimit: '1Mi' } },
  ];
  const missing = wanted.filter(({ name }) => !volumes?.some((volume) => volume.name === name));
  return append('/spec/volumes', volumes, missing);
}
