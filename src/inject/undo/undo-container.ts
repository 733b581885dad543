/** A container without Clockout: its own command and args, hook, probes and mounts. */
import type { Operation } from 'fast-json-patch';
import { busyboxPath } from '../../pod/names.ts';
import { mountsOwnVolume } from '../../pod/own-mounts.ts';
import { isGuardHook, splitWrapped } from '../../pod/own-parts.ts';
import type { Container } from '../../pod/schema.ts';
import type { WrapStatus } from '../../pod/status.ts';
import { removeItems, set } from '../patch/operations.ts';

/** `no-record`: the container gets the command that it ran, because it is not known which of its words were its own. */
export type UndoNote = { code: 'no-record'; container: string };

/** @param containers what the pod's status says of its containers */
export function undoContainer(
  container: Container,
  path: string,
  containers: WrapStatus['containers'] | undefined,
): { operations: Operation[]; note?: UndoNote } {
  const { name } = container;
  const recorded = containers && Object.hasOwn(containers, name) ? containers[name] : undefined;
  const command = undoCommand(container, recorded);
  const change = (field: 'command' | 'args', value: readonly string[] | undefined): Operation[] => {
    if (value !== undefined) return set(`${path}/${field}`, container[field], value);
    return container[field] === undefined ? [] : [{ op: 'remove', path: `${path}/${field}` }];
  };
  return {
    operations: [
      ...(command ? [...change('command', command.command), ...change('args', command.args)] : []),
      ...undoHook(container, path),
      ...undoProbes(container, path),
      ...removeItems(`${path}/volumeMounts`, container.volumeMounts, mountsOwnVolume),
    ],
    ...(command?.isUnsure && { note: { code: 'no-record', container: name } }),
  };
}

// --- internal ---

type Command = { command?: readonly string[]; args?: readonly string[]; isUnsure?: boolean };

/**
 * | what the status says of the wrapper's words | command | args |
 * |---|---|---|
 * | the first N are the pod's own command | the first N | the others |
 * | the first N are from the image or an annotation | none | the others |
 * | nothing, or only where they are from | all | none |
 *
 * Words that another webhook has put before the wrapper need all words after them, also those that Clockout did not write.
 * @returns nothing for a container without a wrapper
 */
function undoCommand(
  container: Container,
  recorded: WrapStatus['containers'][string] | undefined,
): Command | undefined {
  const wrapped = splitWrapped(container);
  if (!wrapped) return undefined;
  const { before, argv } = wrapped;
  if (before.length > 0) return { command: before, args: argv };
  const { entrypoint = 'pod', words } = recorded ?? {};
  if (words === undefined) return { command: argv, isUnsure: entrypoint !== 'pod' || recorded === undefined };
  const args = argv.slice(words);
  return {
    ...(entrypoint === 'pod' && { command: argv.slice(0, words) }),
    ...(args.length > 0 && { args }),
  };
}

/** A hook that was there before runs behind the guard's words. */
function undoHook({ lifecycle }: Container, path: string): Operation[] {
  const command = lifecycle?.postStart?.exec?.command;
  if (!command || !isGuardHook(command)) return [];
  const end = command.indexOf('--');
  const hook = end < 0 ? [] : command.slice(end + 1);
  const at = `${path}/lifecycle`;
  if (hook.length > 0) return [{ op: 'replace', path: `${at}/postStart/exec/command`, value: hook }];
  const isAlone = Object.keys(lifecycle ?? {}).length === 1;
  return [{ op: 'remove', path: isAlone ? at : `${at}/postStart` }];
}

const undoProbes = (container: Container, path: string): Operation[] =>
  (['readinessProbe', 'livenessProbe', 'startupProbe'] as const)
    .filter((field) => container[field]?.exec?.command?.[0] === busyboxPath)
    .map((field) => ({ op: 'remove', path: `${path}/${field}` }));
