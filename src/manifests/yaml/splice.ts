/**
 * Carries a JSON patch into the source text of a manifest: what it adds or replaces changes, and every other byte stays
 * (comments, quotes, line breaks, the order of keys). The values come from the patched document, so that the operations
 * only have to say where something changes. Pure.
 */
import type { Operation } from 'fast-json-patch';
import { findValue } from '../../util/find-value.ts';
import { groupBy } from '../../util/group-by.ts';
import { parsePointer } from '../../util/json-pointer.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { addToBlock, addToFlow, type Edit, fillPair, removeParts, replaceFlow, replaceRows } from './edits.ts';
import { isPair, type Layout, listParts, readLayout } from './layout.ts';
import {
  type Conflict,
  createContext,
  locate,
  locateRemoved,
  type Path,
  type Replaced,
  type Target,
} from './locate.ts';
import { isCollection, type YamlNode } from './nodes.ts';
import { findOtherBreak } from './other-breaks.ts';

/** The document's value, and what it is with the operations applied. */
type Change = { before: unknown; after: unknown; operations: readonly Operation[] };

/**
 * @param change its operations are: `add` of a key, `add` at the end of a list, `replace`, `remove` as long as something stays in the
 *   map or list. With an `add` elsewhere in a list, all its rows are written again
 */
export function splice(text: string, root: YamlNode, change: Change): Result<Edit[], Conflict> {
  const odd = findOtherBreak(text, root);
  if (odd !== undefined) return fail(explainBreak(text, odd));
  const { after } = change;
  const found = listTargets(root, change);
  if (!found.ok) return found;
  const all = found.value;
  const layout = readLayout(text, root);
  const replaced = all.filter((target) => target.kind === 'replace' || target.kind === 'remove');
  const kept = all.filter((target) => !replaced.some((other) => other !== target && isBelow(target.path, other.path)));
  const placed = [
    ...kept
      .filter((target) => target.kind === 'replace')
      .map((target) => ({ depth: target.path.length, edits: replace(target, after, layout) })),
    ...addAll(kept, after, layout),
    ...removeAll(kept, layout),
  ];
  return ok(placed.sort((a, b) => b.depth - a.depth).flatMap(({ edits }) => edits));
}

// --- internal ---

/** `depth` is the length of the path to what changes. Of edits that start at one place, the deepest come first. */
type Placed = { depth: number; edits: Edit[] };

/** Each place that changes, once. */
function listTargets(root: YamlNode, { before, after, operations }: Change): Result<Target[], Conflict> {
  const context = createContext(before, root);
  const targets = new Map<string, Target>();
  const rewritten = listRewritten(before, after, operations);
  for (const { op, path } of operations) {
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw new Error(`expected operations that add, replace or remove; found ${op} ${path}`);
    const keys = parsePointer(path);
    const isMove = op !== 'replace' && rewritten.has(parentOf(path));
    const found =
      op === 'remove' && !isMove ? locateRemoved(context, keys) : locate(context, isMove ? keys.slice(0, -1) : keys);
    if (!found.ok) return found;
    const target = found.value;
    if (target) targets.set(JSON.stringify([target.kind, target.path]), target);
  }
  return ok([...targets.values()]);
}

function explainBreak(text: string, offset: number): Conflict {
  const code = text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  return { offset, reason: `a line ends with U+${code}`, advice: 'end lines with line feeds' };
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

/** The lists that get items elsewhere than at their end, or lose all that they have. */
function listRewritten(before: unknown, after: unknown, operations: readonly Operation[]): ReadonlySet<string> {
  const rewritten = operations.filter(({ op, path }) => {
    const list = parsePointer(parentOf(path));
    if (op === 'replace' || path.endsWith('/-') || !Array.isArray(findValue(before, ...list))) return false;
    const left = findValue(after, ...list);
    return op === 'add' || !Array.isArray(left) || left.length === 0;
  });
  return new Set(rewritten.map(({ path }) => parentOf(path)));
}

const isBelow = (path: Path, other: Path) => path.length >= other.length && other.every((key, i) => path[i] === key);

function replace({ path, parent, at }: Replaced, after: unknown, layout: Layout): Edit[] {
  const value = findValue(after, ...path);
  const old = isPair(at) ? at.value : at;
  if (isCollection(old) && !old.isFlow) return replaceRows(old, value, layout);
  const isFilled = listParts(old).length > 0;
  if (parent.kind === 'map' && !parent.isFlow && !isFilled && isPair(at)) return fillPair(parent, at, value, layout);
  return replaceFlow(at, value, layout);
}

/** All that is added to one collection goes in at once. */
function addAll(targets: readonly Target[], after: unknown, layout: Layout): Placed[] {
  const maps = groupBy(
    targets.filter((target) => target.kind === 'add'),
    ({ parent }) => parent,
  );
  const intoMaps = [...maps].map(([map, added]) => {
    const entries = added.map(({ path }): [string, unknown] => [path.at(-1) ?? '', findValue(after, ...path)]);
    const edit = map.isFlow ? addToFlow(map, entries, layout) : addToBlock(map, Object.fromEntries(entries), layout);
    return { depth: added[0]?.path.length ?? 0, edits: [edit] };
  });
  const intoSeqs = targets
    .filter((target) => target.kind === 'append')
    .map(({ parent, path }) => {
      const items = (findValue(after, ...path) as unknown[]).slice(parent.items.length);
      const edit = parent.isFlow ? addToFlow(parent, items, layout) : addToBlock(parent, items, layout);
      return { depth: path.length + 1, edits: [edit] };
    });
  return [...intoMaps, ...intoSeqs];
}

/** All that is removed from one collection goes at once. */
function removeAll(targets: readonly Target[], layout: Layout): Placed[] {
  const removed = targets.filter((target) => target.kind === 'remove');
  const depths = new Map(removed.map(({ parent, path }) => [parent, path.length]));
  const parts = new Set(removed.map(({ at }) => at));
  return [...depths].map(([parent, depth]) => ({ depth, edits: removeParts(parent, parts, layout) }));
}
