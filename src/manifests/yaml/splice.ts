/**
 * Carries a JSON patch into the source text of a manifest: what it adds or replaces changes, and every other byte stays
 * (comments, quotes, line breaks, the order of keys). The values come from the patched document, so that the operations
 * only have to say where something changes. Pure.
 */
import type { Operation } from 'fast-json-patch';
import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { fail, ok, type Result } from '../../util/result.ts';
import { findValue, parsePointer } from '../find-pods.ts';
import { addToBlock, addToFlow, type Edit, fillPair, replaceFlow, replaceRows } from './edits.ts';
import { isCollection, type Layout, readLayout } from './layout.ts';
import type { YamlDocument } from './parse.ts';

/** Why the patch cannot be spliced in, and where. */
type Conflict = { offset: number; reason: string };

/**
 * @param before the document's value
 * @param after its value with the operations applied
 * @param operations `add` of a key, `add` at the end of a list, `replace`. With any other operation on a list, all its rows are
 *   written again
 */
export function splice(
  text: string,
  document: YamlDocument,
  { before, after, operations }: { before: unknown; after: unknown; operations: readonly Operation[] },
): Result<Edit[], Conflict> {
  const context = { before, aliased: listAliases(document) };
  const targets = new Map<string, Target>();
  for (const { op, path } of operations) {
    const keys = parsePointer(path);
    const isListed = Array.isArray(findValue(before, ...keys.slice(0, -1))) && keys.at(-1) !== '-';
    const isMove = isListed && (op === 'add' || op === 'remove');
    if (!isMove && op !== 'add' && op !== 'replace')
      throw new Error(`expected operations that add, replace, or move items of a list; found ${op} ${path}`);
    const found = locate(context, { node: document.contents, done: [] }, isMove ? keys.slice(0, -1) : keys);
    if (!found.ok) return found;
    const target = found.value;
    if (target) targets.set(JSON.stringify([target.kind, target.path]), target);
  }
  const layout = readLayout(text, document);
  const all = [...targets.values()];
  const replaced = all.filter((target) => target.kind === 'replace');
  const kept = all.filter((target) => !replaced.some((other) => other !== target && isBelow(target.path, other.path)));
  const placed = [
    ...kept
      .filter((target) => target.kind === 'replace')
      .map((target) => ({ depth: target.path.length, edits: replace(target, after, layout) })),
    ...addAll(kept, after, layout),
  ];
  return ok(placed.sort((a, b) => b.depth - a.depth).flatMap(({ edits }) => edits));
}

/** The text with the edits made. Those that start at one place are made in their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
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
type Replaced = { kind: 'replace'; path: Path; parent: YAMLMap | YAMLSeq; at: Pair | Node };
type Target = Replaced | { kind: 'add'; path: Path; parent: YAMLMap } | { kind: 'append'; path: Path; parent: YAMLSeq };

/** Undefined if there is nothing to do: an earlier operation covers this one. */
type Located = Result<Target | undefined, Conflict>;

/** `depth` is the length of the path to what changes. Of edits that start at one place, the deepest come first. */
type Placed = { depth: number; edits: Edit[] };

/** What holds for the whole document: its value, and the anchors that aliases refer to. */
type Context = { before: unknown; aliased: ReadonlySet<string> };

/** How far a path was followed: the node there, and the place that would hold a new value for it. */
type Cursor = { node: Node | null; done: Path; place?: Replaced };

/** Follows a path through the source as far as it goes. */
function locate(context: Context, { node, done, place }: Cursor, [key, ...rest]: Path): Located {
  if (key === undefined) return checkReplaced(context, node, place);
  const shared = explainSharing(context, node);
  if (shared) return decline(node, shared);
  // Something else than a collection: an earlier operation has replaced it.
  if (!isCollection(node)) return ok(undefined);
  if (place && opensAsBlock(node, place)) return ok(place);
  const path = [...done, key];
  const at: Pair | Node | undefined = isMap(node) ? findPair(node, key) : findItem(node, key);
  if (at) {
    const value = (isPair(at) ? at.value : at) as Node | null;
    return locate(context, { node: value, done: path, place: { kind: 'replace', path, parent: node, at } }, rest);
  }
  if (isSeq(node)) return ok({ kind: 'append', path: done, parent: node });
  const inherited = rest.length > 0 && findValue(context.before, ...path) !== undefined;
  if (inherited) return decline(node, `${key} comes from a merge key (<<)`);
  return ok({ kind: 'add', path, parent: node });
}

function checkReplaced({ aliased }: Context, node: Node | null, place: Replaced | undefined): Located {
  const anchor = listAnchors(node).find((name) => aliased.has(name));
  return anchor ? decline(node, `the alias *${anchor} elsewhere refers to what would be replaced`) : ok(place);
}

/** An empty [] or {} in block style becomes a block, as if it were not there yet. */
const opensAsBlock = (node: YAMLMap | YAMLSeq, { parent }: Replaced) =>
  node.flow && node.items.length === 0 && isMap(parent) && !parent.flow;

const decline = (node: Node | null, reason: string) => fail({ offset: node?.range?.[0] ?? 0, reason });

const findPair = (map: YAMLMap, key: string) =>
  map.items.find(({ key: own }) => isScalar(own) && typeof own.value !== 'symbol' && String(own.value) === key);

const findItem = (seq: YAMLSeq, key: string) =>
  key === '-' ? undefined : (seq.items[Number(key)] as Node | undefined);

/** A change to a node that stands for several places would change them all. */
function explainSharing({ aliased }: Context, node: Node | null): string | undefined {
  if (isAlias(node)) return `the path crosses the alias *${node.source}`;
  const anchor = isCollection(node) ? node.anchor : undefined;
  return anchor && aliased.has(anchor) ? `the alias *${anchor} elsewhere stands for the same lines` : undefined;
}

function listAnchors(node: Node | null): string[] {
  const anchors: string[] = [];
  // An alias is visited through its source only, never through what it stands for.
  visit(node, { Node: (_, { anchor }) => void (anchor && anchors.push(anchor)) });
  return anchors;
}

function listAliases(document: YamlDocument): ReadonlySet<string> {
  const sources = new Set<string>();
  visit(document, { Alias: (_, { source }) => void sources.add(source) });
  return sources;
}

const isBelow = (path: Path, other: Path) => path.length >= other.length && other.every((key, i) => path[i] === key);

function replace({ path, parent, at }: Replaced, after: unknown, layout: Layout): Edit[] {
  const value = findValue(after, ...path);
  const old = (isPair(at) ? at.value : at) as Node | null;
  if (isCollection(old) && !old.flow) return replaceRows(old, value, layout);
  const isFilled = isCollection(old) && old.items.length > 0;
  if (isMap(parent) && !parent.flow && !isFilled) return fillPair(parent, at as Pair, value, layout);
  return replaceFlow(at, value, layout);
}

/** All that is added to one collection goes in at once. */
function addAll(targets: readonly Target[], after: unknown, layout: Layout): Placed[] {
  const maps = Map.groupBy(
    targets.filter((target) => target.kind === 'add'),
    ({ parent }) => parent,
  );
  const intoMaps = [...maps].map(([map, added]) => {
    const entries = added.map(({ path }): [string, unknown] => [path.at(-1) ?? '', findValue(after, ...path)]);
    const edit = map.flow ? addToFlow(map, entries, layout) : addToBlock(map, Object.fromEntries(entries), layout);
    return { depth: added[0]?.path.length ?? 0, edits: [edit] };
  });
  const intoSeqs = targets
    .filter((target) => target.kind === 'append')
    .map(({ parent, path }) => {
      const items = (findValue(after, ...path) as unknown[]).slice(parent.items.length);
      const edit = parent.flow ? addToFlow(parent, items, layout) : addToBlock(parent, items, layout);
      return { depth: path.length + 1, edits: [edit] };
    });
  return [...intoMaps, ...intoSeqs];
}
