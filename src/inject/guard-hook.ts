/** The postStart hook of istio-proxy that starts the guard beside it, and then runs the hook that was there before. */
import type { Operation } from 'fast-json-patch';
import { guardCommand } from '../ours.ts';
import type { Pod } from '../types.ts';
import { pointer, set } from './operations.ts';
import type { Plan } from './plan.ts';

export function guardHook(pod: Pod, plan: Plan): Operation[] {
  if (!plan.guard.runs) return [];
  const { index, hook } = plan.guard;
  const lifecycle = pod.spec.containers[index]?.lifecycle;
  const path = pointer('spec', 'containers', index, 'lifecycle');
  // The kubelet does not expand `$(NAME)` in hooks, so nothing is escaped here.
  const command = [
    ...guardCommand,
    `port=${plan.port}`,
    `delay=${plan.quitDelay}`,
    `urls=${plan.quitUrls.join(',')}`,
    '--',
    ...hook,
  ];
  if (lifecycle == null) return set(path, lifecycle, { postStart: { exec: { command } } });
  const { postStart } = lifecycle;
  if (postStart?.exec == null) return set(`${path}/postStart`, postStart, { exec: { command } });
  return set(`${path}/postStart/exec/command`, postStart.exec.command, command);
}
