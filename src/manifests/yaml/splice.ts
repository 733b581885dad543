/**
 * Carries a JSON patch into the source text of a manifest: what it adds or replaces changes, and every other byte stays
 * (comments, quotes, line breaks, the order of keys). The values come from the patched document, so that the operations
 * only have to say where something changes. Pure.
 */
import type { Operation } from 'fast-json-patch';
import { findValue } from '../../util/find-value.ts';
import { groupBy } from '../../util/group-by.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { parsePointer } from '../find-pods.ts';
import { addToBlock, addToFlow, type Edit, fillPair, removeParts, replaceFlow, replaceRows } from './edits.ts';
import { isPair, type Layout, listParts, type Part, readLayout } from './layout.ts';
import { type Collection, isCollection, type MapNode, type Pair, type SeqNode, walk, type YamlNode } from './nodes.ts';
import { isMergeKey, readKey } from './values.ts';

/** Why the patch cannot be spliced in, and where. */
type Conflict = { offset: number; reason: string };

/**
 * @param before the document's value
 * @param after its value with the operations applied
 * @param operations `add` of a key, `add` at the end of a list, `replace`, `remove` as long as something stays in the map or list. With
 *   an `add` elsewhere in a list, all its rows are written again
 */
export function splice(
  text: string,
  root: YamlNode,
  { before, after, operations }: { before: unknown; after: unknown; operations: readonly Operation[] },
): Result<Edit[], Conflict> {
  const context = { before, aliased: listAliases(root) };
  const targets = new Map<string, Target>();
  const rewritten = listRewritten(before, after, operations);
  for (const { op, path } of operations) {
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw new Error(`expected operations that add, replace or remove; found ${op} ${path}`);
    const keys = parsePointer(path);
    const isMove = op !== 'replace' && rewritten.has(parentOf(path));
    const found =
      op === 'remove' && !isMove
        ? locateRemoved(context, root, keys)
        : locate(context, { node: root, done: [] }, isMove ? keys.slice(0, -1) : keys);
    if (!found.ok) return found;
    const target = found.value;
    if (target) targets.set(JSON.stringify([target.kind, target.path]), target);
  }
  const layout = readLayout(text, root);
  const all = [...targets.values()];
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

/** In the order of the text. Those that start at one place keep their order, but what is taken away there comes last. */
export const sortEdits = (edits: readonly Edit[]): Edit[] =>
  [...edits].sort((a, b) => a.start - b.start || Math.sign(a.end - a.start) - Math.sign(b.end - b.start));

/** The text with the edits made. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = sortEdits(edits);
  let done = 0;
  const parts = sorted.map(({ start, end, text: added }) => {
    if (start < done) throw new Error(`expected edits that do not overlap, found one at ${start} before ${done}`);
    const kept = text.slice(done, start);
    done = end;
    return kept + added;
  });
  return parts.join('') + text.slice(done);
}

// --- internal ---

type Path = readonly string[];
type Replaced = { kind: 'replace'; path: Path; parent: Collection; at: Part };
type Removed = { kind: 'remove'; path: Path; parent: Collection; at: Part };
type Added = { kind: 'add'; path: Path; parent: MapNode } | { kind: 'append'; path: Path; parent: SeqNode };
type Target = Replaced | Removed | Added;

/** Undefined if there is nothing to do: an earlier operation covers this one. */
type Located = Result<Target | undefined, Conflict>;

/** `depth` is the length of the path to what changes. Of edits that start at one place, the deepest come first. */
type Placed = { depth: number; edits: Edit[] };

/** What holds for the whole document: its value, and the anchors that aliases refer to. */
type Context = { before: unknown; aliased: ReadonlySet<string> };

/** How far a path was followed: the node there, and the place that would hold a new value for it. */
type Cursor = { node: YamlNode; done: Path; place?: Replaced };

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

function locateRemoved(context: Context, root: YamlNode, keys: Path): Located {
  const found = locate(context, { node: root, done: [] }, keys);
  if (!found.ok) return found;
  const target = found.value;
  const key = keys.at(-1) ?? '';
  if (target?.kind !== 'replace' || target.path.length < keys.length)
    return decline(root, `${key} has no lines of its own`);
  const { parent, at, path } = target;
  if (parent.kind === 'map' && parent.pairs.some((pair) => isPair(at) && pair !== at && mayGive(pair, key)))
    return decline(parent, `without its own lines, ${key} would come from elsewhere in the same map`);
  return ok({ kind: 'remove', path, parent, at });
}

/** Whether a pair, or what it merges, has a key. */
const mayGive = ({ key, value }: Pair, wanted: string) =>
  isMergeKey(key) ? hasKey(value, wanted) : readKey(key) === wanted;

/** Follows a path through the source as far as it goes. */
function locate(context: Context, { node, done, place }: Cursor, [key, ...rest]: Path): Located {
  if (key === undefined) return checkReplaced(context, node, place);
  const shared = explainSharing(context, node);
  if (shared) return decline(node, shared);
  // Something else than a collection: an earlier operation has replaced it.
  if (!isCollection(node)) return ok(undefined);
  if (place && opensAsBlock(node, place)) return ok(place);
  const path = [...done, key];
  const found = findPart(node, key);
  if (!found.ok) return found;
  const at = found.value;
  if (at) {
    const value = isPair(at) ? at.value : at;
    return locate(context, { node: value, done: path, place: { kind: 'replace', path, parent: node, at } }, rest);
  }
  if (node.kind === 'seq') return ok({ kind: 'append', path: done, parent: node });
  const inherited = rest.length > 0 && findValue(context.before, ...path) !== undefined;
  if (inherited) return decline(node, `${key} comes from a merge key (<<)`);
  return ok({ kind: 'add', path, parent: node });
}

function checkReplaced({ aliased }: Context, node: YamlNode, place: Replaced | undefined): Located {
  const anchor = listAnchors(node).find((name) => aliased.has(name));
  return anchor ? decline(node, `the alias *${anchor} elsewhere refers to what would be replaced`) : ok(place);
}

/** An empty [] or {} in block style becomes a block, as if it were not there yet. */
const opensAsBlock = (node: Collection, { parent }: Replaced) =>
  node.isFlow && listParts(node).length === 0 && parent.kind === 'map' && !parent.isFlow;

const decline = ({ start }: YamlNode, reason: string) => fail({ offset: start, reason });

function findPart(node: Collection, key: string): Result<Part | undefined, Conflict> {
  if (node.kind === 'seq') return ok(key === '-' ? undefined : node.items[Number(key)]);
  // The last of equal keys counts, unless a merge key below it has the same.
  const index = node.pairs.findLastIndex((pair) => !isMergeKey(pair.key) && readKey(pair.key) === key);
  const pair = node.pairs[index];
  if (!pair) return ok(undefined);
  const isMergedOver = node.pairs.slice(index + 1).some((below) => isMergeKey(below.key) && hasKey(below.value, key));
  if (isMergedOver) return decline(pair.key, `a merge key (<<) below ${key} takes its place`);
  return pair.hasColon || node.isFlow ? ok(pair) : decline(pair.key, `the key ${key} has no colon`);
}

/** Whether what is merged has a key. */
function hasKey(source: YamlNode, key: string): boolean {
  if (source.kind === 'alias') return hasKey(source.target, key);
  if (source.kind === 'seq') return source.items.some((item) => hasKey(item, key));
  const isIt = (own: YamlNode, value: YamlNode) => (isMergeKey(own) ? hasKey(value, key) : readKey(own) === key);
  return source.kind === 'map' && source.pairs.some((pair) => isIt(pair.key, pair.value));
}

/** A change to a node that stands for several places would change them all. */
function explainSharing({ aliased }: Context, node: YamlNode): string | undefined {
  if (node.kind === 'alias') return `the path crosses the alias *${node.name}`;
  const anchor = isCollection(node) ? node.anchor : undefined;
  return anchor !== undefined && aliased.has(anchor)
    ? `the alias *${anchor} elsewhere stands for the same lines`
    : undefined;
}

/** In the node itself: not in what an alias stands for. */
const listAnchors = (node: YamlNode): string[] => [...walk(node)].flatMap(({ anchor }) => anchor ?? []);

const listAliases = (root: YamlNode): ReadonlySet<string> =>
  new Set([...walk(root)].flatMap((node) => (node.kind === 'alias' ? node.name : [])));

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
