/** Where a sidecar stands among the init containers: they start in their order, and native sidecars end in the opposite order. */
import type { Convertible } from '../../decide/convertible.ts';
import type { Container, PodSpec } from '../../pod/schema.ts';
import { type NativeForm, stages } from '../../pod/sidecars/native.ts';
import { sameEffective } from './effective.ts';
import type { NativeSidecar } from './plan.ts';

/** Those that others need come first, so that they end last. */
export const orderByStart = (sidecars: readonly Convertible[]): Convertible[] =>
  [...sidecars].sort((a, b) => stages.indexOf(a.form.stage) - stages.indexOf(b.form.stage) || a.index - b.index);

/**
 * A mesh's proxy stands right after its own init container: before that it has no network to serve, and init containers after it
 * get one. All others stand last, so that the init containers before them run as they did. The proxy stands there as well if the
 * pod would otherwise request more than before: a quota or a LimitRange could refuse it.
 * @param natives in the order in which they start, as they become
 */
export function placeNatives(
  spec: PodSpec,
  initContainers: readonly Container[],
  natives: readonly Convertible[],
): NativeSidecar[] {
  const rest = spec.containers.filter((_, index) => !natives.some((native) => native.index === index));
  let list = [...initContainers];
  const added: Convertible[] = [];
  return natives.map((native) => {
    const { index, container, form } = native;
    const twin = initContainers.findIndex(({ name }) => name === container.name);
    if (twin >= 0) {
      list = list.map((each) => (each.name === container.name ? container : each));
      return { name: container.name, index, container, place: { replaces: twin } };
    }
    const others = natives.filter((each) => each !== native && !added.includes(each) && !list.includes(each.container));
    const first = findOwnEnd(list, form);
    const isFree = sameEffective(spec, {
      ...spec,
      containers: rest,
      initContainers: [...list.toSpliced(first, 0, container), ...others.map((each) => each.container)],
    });
    const at = isFree ? first : list.length;
    list = list.toSpliced(at, 0, container);
    added.push(native);
    return { name: container.name, index, container, place: { at } };
  });
}

// --- internal ---

/** The position after the last of its own init containers; the end if it has none. */
function findOwnEnd(list: readonly Container[], { after = [] }: NativeForm): number {
  const last = list.findLastIndex(({ name }) => after.some((each) => matches(name, each)));
  return last < 0 ? list.length : last + 1;
}

const matches = (name: string, pattern: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
