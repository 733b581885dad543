/** The postStart hook of a sidecar that starts the guard beside it, and then runs the hook that was there before. */
import type { Operation } from 'fast-json-patch';
import { guardCommand } from '../../pod/names.ts';
import type { Pod } from '../../pod/schema.ts';
import type { Plan } from '../plan.ts';
import type { PlannedSidecar } from '../plan-sidecars.ts';
import { pointer, set } from './operations.ts';

export function guardHooks(pod: Pod, plan: Plan): Operation[] {
  return plan.sidecars.flatMap((sidecar) => guardHook(pod, plan, sidecar));
}

function guardHook(pod: Pod, plan: Plan, sidecar: PlannedSidecar): Operation[] {
  if (!sidecar.guard.runs) return [];
  const lifecycle = pod.spec.containers[sidecar.index]?.lifecycle;
  const path = pointer('spec', 'containers', sidecar.index, 'lifecycle');
  // The kubelet does not expand `$(NAME)` in hooks, so nothing is escaped here.
  const command = [...guardCommand, ...guardOptions(plan, sidecar), '--', ...sidecar.guard.hook];
  if (lifecycle == null) return set(path, lifecycle, { postStart: { exec: { command } } });
  const { postStart } = lifecycle;
  if (postStart?.exec == null) return set(`${path}/postStart`, postStart, { exec: { command } });
  return set(`${path}/postStart/exec/command`, postStart.exec.command, command);
}

function guardOptions(
  { quit, quitDelay, quitUrls, reportAfter, sidecars, sharedProcesses }: Plan,
  sidecar: PlannedSidecar,
): string[] {
  const { quitUrl = '', termAfter } = sidecar;
  // What has no guard of its own is told by one of the others.
  const isFirst = sidecar === sidecars.find(({ guard }) => guard.runs);
  return [
    `me=${sidecar.name}`,
    `tell=${quitUrl}`,
    // The script's clock has whole seconds, and 0 would be one more.
    `term=${termAfter === 0 ? -1 : (termAfter ?? '')}`,
    // A shell that is process 1 passes none on: TERM goes to all, and to process 1, which kill(2) leaves out of all.
    `to=${sharedProcesses ? '' : '-1,1'}`,
    `quit=${quit}`,
    `delay=${quitDelay}`,
    `urls=${isFirst ? quitUrls.join(',') : ''}`,
    `report=${isFirst ? reportAfter : 0}`,
  ];
}
