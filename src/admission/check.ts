/**
 * Holds a patch against the pod before it is sent: a patch that does not apply, or a pod that the API server then refuses,
 * fails the request whatever the failurePolicy says.
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/mutating/dispatcher.go
 */
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { Plan } from '../inject/plan.ts';
import {
  initContainerName,
  isGuardHook,
  isWrapped,
  mountsOurVolume,
  ourMounts,
  sameMount,
  volumeNames,
} from '../ours.ts';
import type { Container, Pod } from '../types.ts';

/**
 * The pod with the patch applied; the pod itself stays as it is, and what the patch does not touch is shared with it.
 * @throws if the patch does not apply
 */
export function applyPatch(pod: Pod, patch: Operation[]): Pod {
  const copy = { ...pod };
  const copies = new Map<string, Node>([['', copy]]);
  for (const { op, path } of patch) {
    const parent = copyAt(copies, parentOf(path));
    // The one rule that applying does not check by itself; the library's validation would look through all values again.
    if (op === 'replace' && !(parent && keyOf(path) in parent))
      throw new Error(`expected a value to replace at ${path}`);
  }
  return jsonPatch.applyPatch(copy, patch).newDocument;
}

type Node = Record<string, unknown>;

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
const keyOf = (path: string) => jsonPatch.unescapePathComponent(path.slice(path.lastIndexOf('/') + 1));

/**
 * The copy of the object or list at `path`, and of all on the way to it, each made once: the cost grows with what is
 * touched, not with the pod. Undefined where the patch has yet to put something.
 */
function copyAt(copies: Map<string, Node>, path: string): Node | undefined {
  const made = copies.get(path);
  if (made) return made;
  const parent = copyAt(copies, parentOf(path));
  const key = keyOf(path);
  const child = parent?.[key];
  if (!parent || typeof child !== 'object' || child === null) return undefined;
  const copy = (Array.isArray(child) ? [...child] : { ...child }) as Node;
  parent[key] = copy;
  copies.set(path, copy);
  return copy;
}

/**
 * What was planned is there, once each, and nobody else mounts a volume of ours. What else is wrong with a pod is for the API
 * server to say.
 * @throws if not: a bug of ours, which must not reach the API server
 */
export function checkPatched({ spec }: Pod, plan: Plan): void {
  const init = (spec.initContainers ?? []).filter(({ name }) => name === initContainerName);
  expect(init.length === 1, `${init.length} init containers ${initContainerName}`);
  for (const name of volumeNames) {
    const count = (spec.volumes ?? []).filter((volume) => volume.name === name).length;
    expect(count === 1, `${count} volumes ${name}`);
  }
  for (const { name, index } of plan.containers) {
    const container = spec.containers[index];
    expect(container?.name === name && isWrapped(container), `container ${name} is not wrapped, or has nothing to run`);
  }
  const guarded = plan.sidecars.filter(({ guard }) => guard.runs);
  for (const { name, index } of guarded) {
    const command = spec.containers[index]?.lifecycle?.postStart?.exec?.command;
    expect(isGuardHook(command), `${name} does not start the guard`);
  }
  checkAllMounts(spec, new Set(plan.containers.map(({ index }) => index)), new Set(guarded.map(({ index }) => index)));
}

function checkAllMounts(spec: Pod['spec'], wrappers: ReadonlySet<number>, guards: ReadonlySet<number>): void {
  for (const [index, container] of spec.containers.entries())
    checkMounts(container, wrappers.has(index) ? 'wrapper' : guards.has(index) ? 'guard' : undefined);
  for (const container of spec.initContainers ?? [])
    if (container.name !== initContainerName) checkMounts(container, undefined);
}

/** Read-only, subPath and all: what a container could write besides its own steps, others would trust. */
function checkMounts({ name, volumeMounts }: Container, role: 'wrapper' | 'guard' | undefined): void {
  const found = (volumeMounts ?? []).filter(mountsOurVolume);
  const wanted = role ? ourMounts(name, role) : [];
  for (const mount of wanted) {
    const count = found.filter((each) => sameMount(each, mount)).length;
    expect(count === 1, `${count} mounts at ${mount.mountPath} in container ${name}, as ours should be`);
  }
  const surplus = found.find((each) => !wanted.some((mount) => sameMount(each, mount)));
  expect(surplus === undefined, `a mount of ${surplus?.name} at ${surplus?.mountPath} in container ${name}`);
}

function expect(holds: boolean | undefined, found: string): void {
  if (!holds) throw new Error(`the patch failed its own check: found ${found}`);
}
