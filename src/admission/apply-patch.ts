/** Applies a JSON patch to a pod, or to what a pod is in. */
import type { Operation } from 'fast-json-patch';
import { unescapedKey } from '../util/json-pointer.ts';

/**
 * Neither the object nor the patch changes: each object that the patch touches is copied once, so the cost grows with the patch and
 * not with the object. fast-json-patch applies in place, and a copy for it took as long as its own work.
 * @returns the object with the patch applied
 * @throws if the patch does not apply
 * @see https://www.rfc-editor.org/rfc/rfc6902#section-4
 */
export function applyPatch<T extends Record<string, unknown>>(object: T, patch: readonly Operation[]): T {
  const copy = { ...object };
  const copies = new Set<unknown>();
  // Most operations add to the same list as the operation before.
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

// --- internal ---

type Node = Record<string, unknown>;

/** @returns the copy of the object or list at the path; its parents are copied, too */
function copyDown(root: Node, path: string, copies: Set<unknown>): Node {
  let at = root;
  for (const key of path.split('/').slice(1)) {
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

/** @param key the last one of the operation's path */
function apply(parent: Node, key: string, operation: Operation): void {
  const { op, path } = operation;
  if (op === 'add' && Array.isArray(parent) && key === '-') parent.push(operation.value);
  else if (op === 'add' && Array.isArray(parent)) parent.splice(indexIn(parent, key, path), 0, operation.value);
  else if (op === 'add') parent[key] = operation.value;
  else if (!(key in parent)) throw new Error(`expected a value at ${path} to ${op}`);
  else if (op === 'replace') parent[key] = operation.value;
  else if (op === 'remove' && Array.isArray(parent)) parent.splice(indexIn(parent, key, path), 1);
  else if (op === 'remove') delete parent[key];
  else throw new Error(`expected an operation that adds, replaces or removes; found ${op} at ${path}`);
}

function indexIn(list: unknown[], key: string, path: string): number {
  const index = Number(key);
  if (!(Number.isInteger(index) && index >= 0 && index <= list.length))
    throw new Error(`expected an index in a list of ${list.length}, or -; found ${path}`);
  return index;
}
