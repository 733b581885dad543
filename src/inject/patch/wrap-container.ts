/** An app container: its command becomes the wrapper, followed by the argv that the container had. */
import type { Operation } from 'fast-json-patch';
import { escapeDollars } from '../../entrypoint/compose-argv.ts';
import { wrapperCommand } from '../../pod/names.ts';
import type { Container } from '../../pod/schema.ts';
import { renderOptions, wrapperOptions } from '../../wrapper/options.ts';
import type { WrapPlan, WrappedContainer } from '../plan.ts';
import { pointer, set } from './operations.ts';
import { addProbes } from './probes.ts';

export const wrapContainers = (containers: readonly Container[], plan: WrapPlan): Operation[] =>
  plan.containers.flatMap((wrapped) => wrapContainer(containers[wrapped.index], plan, wrapped));

// --- internal ---

function wrapContainer(container: Container | undefined, plan: WrapPlan, wrapped: WrappedContainer): Operation[] {
  if (!container) return [];
  const { index, before, inText, entrypoint, probes } = wrapped;
  const path = pointer('spec', 'containers', index);
  if (inText) return addProbes(path, container, probes, plan.port);
  const options = renderOptions(wrapperOptions, plan, wrapped).map(escapeDollars);
  const wrapper = [...wrapperCommand, ...options, '--'];
  // Words that another webhook put before the wrapper stay there.
  const [command, args] = before.length > 0 ? [before, wrapper] : [wrapper, []];
  return [
    ...set(`${path}/command`, container.command, command),
    ...set(`${path}/args`, container.args, [...args, ...entrypoint.argv]),
    ...addProbes(path, container, probes, plan.port),
  ];
}
