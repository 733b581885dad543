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
  if (inText) return [...dropWords(path, container, entrypoint.argv), ...addProbes(path, container, probes, plan.port)];
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

/** Leaves a container whose script starts the wrapper as it is, except for the words of further wrappers. */
function dropWords(path: string, { command, args }: Container, argv: readonly string[]): Operation[] {
  if (argv.length === (command?.length ?? 0) + (args?.length ?? 0)) return [];
  // Without a command of its own, the args follow the image's entrypoint.
  if (!command?.length) return set(`${path}/args`, args, argv);
  return [...set(`${path}/command`, command, argv.slice(0, 1)), ...set(`${path}/args`, args, argv.slice(1))];
}
