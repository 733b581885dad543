/** The patch that takes out of a pod what Clockout's patches have put in, worked out from the parts that are there. */
import type { Operation } from 'fast-json-patch';
import { istioNative, undoAnnotation, volumeNames, writtenAnnotations } from '../../pod/names.ts';
import { findOwnInitContainer, isGuardHook, isWrapped, splitWrapped } from '../../pod/own-parts.ts';
import type { Container, Pod, PodMetadata } from '../../pod/schema.ts';
import { readStatus } from '../../pod/status.ts';
import { readNativeNames } from '../../pod/stripped.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { pointer, removeItems } from '../patch/operations.ts';
import { type UndoNote, undoContainer } from './undo-container.ts';

export type Undo = {
  /** Empty for a pod that has nothing of Clockout. In the order from the end of each list to its start. */
  operations: Operation[];
  /** The containers that ran a wrapper. */
  unwrapped: string[];
  notes: UndoNote[];
};

/** Why nothing can be taken out. */
export type UndoProblem = { code: 'made-native'; sidecars: string[] } | { code: 'in-text'; container: string };

/** @param asked whether `inject` did nothing but ask Istio for a native sidecar, which leaves no other trace */
export function createUndo({ metadata, spec }: Pod, asked = false): Result<Undo, UndoProblem> {
  const { containers, initContainers, volumes } = spec;
  const annotations = metadata?.annotations ?? {};
  const status = readStatus(annotations);
  if (status && 'strategy' in status) return fail({ code: 'made-native', sidecars: readNativeNames(annotations) });
  const inText = containers.find((container) => splitWrapped(container)?.inText);
  if (inText) return fail({ code: 'in-text', container: inText.name });

  const init = findOwnInitContainer(initContainers ?? []);
  const wasWrapped = status !== undefined || init !== undefined || containers.some(hasOwnProcess);
  if (!wasWrapped) {
    const keys = asked ? [undoAnnotation, istioNative] : [undoAnnotation];
    return ok({ operations: removeAnnotations(metadata, keys), unwrapped: [], notes: [] });
  }
  const undone = containers.map((container, index) =>
    undoContainer(container, pointer('spec', 'containers', index), status?.containers),
  );
  const others = (initContainers ?? []).map((container, index) =>
    index === init?.index ? undefined : undoContainer(container, pointer('spec', 'initContainers', index), undefined),
  );
  const operations = [
    ...undone.flatMap((each) => each.operations),
    ...others.flatMap((each) => each?.operations ?? []),
    ...removeItems('/spec/initContainers', initContainers, (_, index) => index === init?.index),
    ...removeItems('/spec/volumes', volumes, ({ name }) => volumeNames.includes(name)),
    ...removeAnnotations(metadata, writtenAnnotations),
  ];
  return ok({
    operations,
    unwrapped: containers.filter(isWrapped).map(({ name }) => name),
    notes: undone.flatMap(({ note }) => note ?? []),
  });
}

// --- internal ---

const hasOwnProcess = (container: Container) =>
  isWrapped(container) || isGuardHook(container.lifecycle?.postStart?.exec?.command);

/** With the last one goes the object that they are in. */
function removeAnnotations(metadata: PodMetadata | null | undefined, written: readonly string[]): Operation[] {
  const keys = Object.keys(metadata?.annotations ?? {});
  const own = keys.filter((key) => written.includes(key));
  if (own.length === 0) return [];
  if (own.length < keys.length)
    return own.map((key) => ({ op: 'remove', path: pointer('metadata', 'annotations', key) }));
  const isAlone = Object.keys(metadata ?? {}).length === 1;
  return [{ op: 'remove', path: isAlone ? '/metadata' : '/metadata/annotations' }];
}
