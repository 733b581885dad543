/** Where a sidecar stands among the init containers: they start in their order, and native sidecars end in the opposite order. */
import type { Convertible } from '../../decide/convertible.ts';
import type { Container, PodSpec } from '../../pod/schema.ts';
import { findKnown } from '../../pod/sidecars/find-known.ts';
import { type NativeForm, otherForm, stages } from '../../pod/sidecars/native.ts';
import { sameEffective } from './effective.ts';

export type NativeSidecar = {
  name: string;
  /** Position in spec.containers, from which it goes. */
  index: number;
  /** As it becomes. */
  container: Container;
  /**
   * `replaces`: the position of the native sidecar of the same name that an earlier call made; an injector that was called again
   * has added another. `at`: where it is inserted, in the list as it is once the sidecars before it are there.
   */
  place: { replaces: number } | { at: number };
};

/** Those that others need come first, so that they end last. */
export const orderByStart = (sidecars: readonly Convertible[]): Convertible[] =>
  [...sidecars].sort((a, b) => stages.indexOf(a.form.stage) - stages.indexOf(b.form.stage) || a.index - b.index);

/**
 * A mesh's proxy stands right after its own init container: before that it has no network to serve, and init containers after it
 * get one. All others stand last, so that the init containers before them run as they did, but before those of earlier calls that
 * start after them. A sidecar stands last as well if the pod would otherwise request more than before: a quota or a LimitRange could
 * refuse it.
 * @param earlier the names of the native sidecars that earlier calls made
 * @param natives in the order in which they start, as they become
 */
export function placeNatives(
  spec: PodSpec,
  initContainers: readonly Container[],
  earlier: readonly string[],
  natives: readonly Convertible[],
): NativeSidecar[] {
  const moved = new Set(natives.map(({ index }) => index));
  const rest = spec.containers.filter((_, index) => !moved.has(index));
  const twins = new Map(initContainers.map(({ name }, index) => [name, index]));
  let list = [...initContainers];
  return natives.map(({ index, container, form }, i) => {
    const sidecar = { name: container.name, index, container };
    const twin = twins.get(container.name);
    if (twin !== undefined) {
      list = list.with(findName(list, container.name), container);
      return { ...sidecar, place: { replaces: twin } };
    }
    const first = i < mostForward ? findFirst(list, form, earlier) : list.length;
    const forward = list.toSpliced(first, 0, container);
    const later = natives.slice(i + 1).filter((native) => !twins.has(native.container.name));
    const all = [...forward, ...later.map((native) => native.container)];
    const isFree = first < list.length && sameEffective(spec, { ...spec, containers: rest, initContainers: all });
    const at = isFree ? first : list.length;
    list = list.toSpliced(at, 0, container);
    return { ...sidecar, place: { at } };
  });
}

// --- internal ---

/** A pod has one mesh, and its proxy starts first. A hostile pod has more, and each takes a sum over all containers. */
const mostForward = 4;

/**
 * The position after the last of its own init containers. If it has none: before the sidecars that start later, or the end. An init
 * container between those may be the sidecar's, so that it stays before the sidecar.
 */
function findFirst(list: readonly Container[], { after = [], stage }: NativeForm, earlier: readonly string[]): number {
  const last = list.findLastIndex(({ name }) => after.some((each) => matches(name, each)));
  if (last >= 0) return last + 1;
  const later = list.findIndex(
    (each) => earlier.includes(each.name) && stages.indexOf(stageOf(each)) > stages.indexOf(stage),
  );
  const isFree = later >= 0 && list.slice(later).every(({ restartPolicy }) => restartPolicy === 'Always');
  return isFree ? later : list.length;
}

const stageOf = (container: Container) => (findKnown(container)?.native ?? otherForm).stage;

const findName = (list: readonly Container[], of: string) => list.findIndex(({ name }) => name === of);

const matches = (name: string, pattern: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
