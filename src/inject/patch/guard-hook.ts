/** The postStart hook of a sidecar: it starts the guard, and then runs the hook that was there before. */
import type { Operation } from 'fast-json-patch';
import { guardCommand } from '../../pod/names.ts';
import type { Container } from '../../pod/schema.ts';
import { guardOptions, renderOptions } from '../../wrapper/options.ts';
import type { WrapPlan } from '../plan.ts';
import type { PlannedSidecar } from '../plan-sidecars.ts';
import { pointer, set } from './operations.ts';

export const addGuardHooks = (containers: readonly Container[], plan: WrapPlan): Operation[] =>
  plan.sidecars.flatMap((sidecar) => addGuardHook(containers[sidecar.index], plan, sidecar));

// --- internal ---

function addGuardHook(container: Container | undefined, plan: WrapPlan, sidecar: PlannedSidecar): Operation[] {
  if (!sidecar.guard.runs) return [];
  const lifecycle = container?.lifecycle;
  const path = pointer('spec', 'containers', sidecar.index, 'lifecycle');
  // The kubelet does not expand `$(NAME)` in hooks, so nothing is escaped.
  const command = [...guardCommand, ...renderOptions(guardOptions, plan, sidecar), '--', ...sidecar.guard.hook];
  if (lifecycle == null) return set(path, lifecycle, { postStart: { exec: { command } } });
  const { postStart } = lifecycle;
  if (postStart?.exec == null) return set(`${path}/postStart`, postStart, { exec: { command } });
  return set(`${path}/postStart/exec/command`, postStart.exec.command, command);
}
