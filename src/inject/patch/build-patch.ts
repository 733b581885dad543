/**
 * The patch: hand-built operations on Clockout's own paths, in the order in which a reader would make the changes.
 * Never a diff of pods, and never a pod that went through typed classes: both would touch what is not ours.
 */
import type { Operation } from 'fast-json-patch';
import { stateVolume, toolsVolume } from '../../pod/names.ts';
import type { Pod } from '../../pod/schema.ts';
import type { Plan } from '../plan.ts';
import { guardHooks } from './guard-hook.ts';
import { initContainer } from './init-container.ts';
import { mounts } from './mounts.ts';
import { append } from './operations.ts';
import { type Status, status } from './status.ts';
import { wrapContainer } from './wrap-container.ts';

/**
 * @param before what the pod's status annotation says
 * @returns nothing for a pod that is as the plan wants it
 */
export function createPatch(pod: Pod, plan: Plan, before: Status | undefined): Operation[] {
  return [
    ...volumes(pod),
    ...initContainer(pod, plan),
    ...plan.containers.flatMap((container) => wrapContainer(pod, plan, container)),
    ...guardHooks(pod, plan),
    ...mounts(pod, plan),
    ...status(pod, plan, before),
  ];
}

/** Two, because the app may write to its state but not to the tools that its neighbours run. */
function volumes({ spec }: Pod): Operation[] {
  const wanted = [
    { name: toolsVolume.name, emptyDir: { sizeLimit: '16Mi' } },
    { name: stateVolume.name, emptyDir: { sizeLimit: '1Mi' } },
  ];
  const missing = wanted.filter(({ name }) => !spec.volumes?.some((volume) => volume.name === name));
  return append('/spec/volumes', spec.volumes, missing);
}
