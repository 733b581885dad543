/**
 * Holds a patch against the pod before it is sent: a patch that does not apply, or a pod that the API server then refuses,
 * fails the request whatever the failurePolicy says.
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/mutating/dispatcher.go
 */
import type { Operation } from 'fast-json-patch';
import type { Plan } from '../inject/plan.ts';
import {
  initContainerName,
  isGuardHook,
  isWrapped,
  mountsOurVolume,
  ourMounts,
  sameMount,
  volumeNames,
} from '../pod/names.ts';
import type { Container, Pod } from '../pod/schema.ts';
import { unescapedKey } from '../util/json-pointer.ts';

/**
 * The pod with the patch applied. The pod and the patch stay as they are: what the patch touches is copied first, each object
 * once, and so the cost grows with the patch and not with the pod. fast-json-patch applies in place, and copying for it took
 * as long as its own work, which is most of a check.
 * @throws if the patch does not apply
 * @see https://www.rfc-editor.org/rfc/rfc6902#section-4
 */
export function applyPatch(pod: Pod, patch: readonly Operation[]): Pod {
  const copy = { ...pod };
  const copies = new Set<unknown>();
  // Most operations add to the end of the list that the one before has added to.
  let last: { path: string; parent: Node } = { path: '', parent: copy };
  for (const operation of patch) {
    const slash = operation.path.lastIndexOf('/');
    const path = operation.path.slice(0, slash);
    const parent = path === last.path ? last.parent : copyDown(copy, path, copies);
    apply(parent, unescapedKey(operation.path.slice(slash + 1)), operation);
    last = { path, parent };
  }
  return copy;
}

type Node = Record<string, unknown>;

/** @returns the copy of the object or list at the path; all on the way to it are copied, too */
function copyDown(root: Node, path: string, copies: Set<unknown>): Node {
  const [, ...keys] = path.split('/');
  let at = root;
  for (const key of keys) {
    const name = unescapedKey(key);
    let child = at[name];
    if (typeof child !== 'object' || child === null)
      throw new Error(`expected an object or a list at ${key} on the way to ${path}, found ${child}`);
    if (!copies.has(child)) {
      child = Array.isArray(child) ? [...child] : { ...child };
      at[name] = child;
      copies.add(child);
    }
    at = child as Node;
  }
  return at;
}

/** @param key the last of the operation's path */
function apply(parent: Node, key: string, operation: Operation): void {
  const { op, path } = operation;
  if (op === 'add' && Array.isArray(parent)) parent.splice(indexIn(parent, key, path), 0, operation.value);
  else if (op === 'add') parent[key] = operation.value;
  else if (!(key in parent)) throw new Error(`expected a value at ${path} to ${op}`);
  else if (op === 'replace') parent[key] = operation.value;
  else if (op === 'remove' && !Array.isArray(parent)) delete parent[key];
  else throw new Error(`expected an operation that adds, replaces, or removes a key; found ${op} at ${path}`);
}

function indexIn(list: unknown[], key: string, path: string): number {
  const index = key === '-' ? list.length : Number(key);
  if (!(Number.isInteger(index) && index >= 0 && index <= list.length))
    throw new Error(`expected a place in a list of ${list.length} at ${path}`);
  return index;
}

/**
 * What was planned is there, once each, and nobody else mounts a volume of ours. What else is wrong with a pod is for the API
 * server to say.
 * @throws if not: a bug of ours, which must not reach the API server
 */
export function checkPatched({ spec }: Pod, plan: Plan): void {
  const init = (spec.initContainers ?? []).filter(({ name }) => name === initContainerName);
  expect(init.length === 1, () => `${init.length} init containers ${initContainerName}`);
  for (const name of volumeNames) {
    const count = (spec.volumes ?? []).filter((volume) => volume.name === name).length;
    expect(count === 1, () => `${count} volumes ${name}`);
  }
  for (const { name, index } of plan.containers) {
    const container = spec.containers[index];
    expect(
      container?.name === name && isWrapped(container),
      () => `container ${name} is not wrapped, or has nothing to run`,
    );
  }
  const guarded = plan.sidecars.filter(({ guard }) => guard.runs);
  for (const { name, index } of guarded) {
    const command = spec.containers[index]?.lifecycle?.postStart?.exec?.command;
    expect(isGuardHook(command), () => `${name} does not start the guard`);
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
  const missing = wanted.find((mount) => !found.some((each) => sameMount(each, mount)));
  expect(missing === undefined, () => `no mount at ${missing?.mountPath} in container ${name}, as ours should be`);
  // No two of ours are alike, so with as many each is there once.
  expect(found.length === wanted.length, () => `${found.length} mounts of our volumes in container ${name}`);
}

function expect(holds: boolean | undefined, found: () => string): void {
  if (!holds) throw new Error(`the patch failed its own check: found ${found()}`);
}
