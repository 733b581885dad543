/** An app container: its command becomes the wrapper around the argv it had. */
import type { Operation } from 'fast-json-patch';
import { escapeDollars } from '../../entrypoint/compose-argv.ts';
import { proxyContainerName, splitWrapped, wrapperCommand } from '../../pod/names.ts';
import type { Pod } from '../../pod/schema.ts';
import type { Plan, WrappedContainer } from '../plan.ts';
import { pointer, set } from './operations.ts';
import { missingProbes } from './probes.ts';

export function wrapContainer(pod: Pod, plan: Plan, wrapped: WrappedContainer): Operation[] {
  const container = pod.spec.containers[wrapped.index];
  if (!container) return [];
  const path = pointer('spec', 'containers', wrapped.index);
  const { before = [] } = splitWrapped(container) ?? {};
  const wrapper = wrapperArgv(plan, wrapped);
  // What another webhook has put before ours stays there.
  const [command, args] = before.length > 0 ? [before, wrapper] : [wrapper, []];
  return [
    ...set(`${path}/command`, container.command, command),
    ...set(`${path}/args`, container.args, [...args, ...wrapped.entrypoint.argv]),
    ...Object.entries(missingProbes(container, wrapped.probes, plan.port)).flatMap(([field, probe]) =>
      set(`${path}/${field}`, container[field as 'readinessProbe'], probe),
    ),
  ];
}

/** All options are always given: whoever reads the pod sees what holds, and the script needs no defaults. */
function wrapperArgv(plan: Plan, { name, wait, onWaitTimeout, stop }: WrappedContainer): string[] {
  return [
    ...wrapperCommand,
    `name=${name}`,
    `port=${plan.port}`,
    `wait=${wait}`,
    `late=${onWaitTimeout}`,
    `quit=${plan.quit}`,
    `delay=${plan.quitDelay}`,
    `urls=${escapeDollars(plan.quitUrls.join(','))}`,
    // A guard says it better: once for all, in a log that people look at when a pod hangs.
    `report=${plan.sidecars.some(({ guard }) => guard.runs) ? 0 : plan.reportAfter}`,
    `stop=${stop}`,
    // Whether a guard asks istio-proxy to exit, should it come up too late for the wrapper.
    `guard=${plan.sidecars.some(({ name, guard }) => name === proxyContainerName && guard.runs) ? 'yes' : 'no'}`,
    '--',
  ];
}
