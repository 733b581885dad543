/**
 * Carries a JSON patch into the source text of a manifest: what it adds or replaces changes, and every other byte stays
 * (comments, quotes, line breaks, the order of keys). The values come from the patched document, so that the operations
 * only have to say where something changes. Pure.
 */
import type { Operation } from 'fast-json-patch';
import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { escapedKey } from '../../util/json-pointer.ts';
import { pointerKeys, valueAt } from '../find-pods.ts';
import { addToBlockMap, addToBlockSeq, addToFlow, type Edit, fillPair, replaceFlow, replaceRows } from './edits.ts';
import { isCollection, type Layout, layoutOf } from './layout.ts';
import type { YamlDocument } from './parse.ts';

export type Spliced = { ok: true; edits: Edit[] } | { ok: false; offset: number; reason: string };

/**
 * @param before the document's value
 * @param after its value with the operations applied
 * @param operations `add` of a key, `add` at the end of a list, `replace`. With any other operation on a list, all its rows are
 *   written anew
 */
export function splice(
  text: string,
  document: YamlDocument,
  { before, after, operations }: { before: unknown; after: unknown; operations: readonly Operation[] },
): Spliced {
  const context = { before, aliased: aliasesIn(document) };
  const targets = new Map<string, Target>();
  for (const { op, path } of operations) {
    const keys = pointerKeys(path);
    const isMove =
      (op === 'add' || op === 'remove') && Array.isArray(valueAt(before, parentOf(path))) && keys.at(-1) !== '-';
    if (!isMove && op !== 'add' && op !== 'replace') 
      throw new Error(`expected operations that add, replace, or move items of a list; found ${op} ${path}`);
    const found = locate(context, { node: document.contents, done: [] }, isMove ? keys.slice(0, -1) : keys);
    if (!found.ok) return found;
    if (found.target) targets.set(JSON.stringify([found.target.kind, found.target.path]), found.target);
  }
  const layout = layoutOf(text, document);
  const all = [...targets.values()];
  const replaced = all.filter((target) => target.kind === 'replace');
  const kept = all.filter((target) => !replaced.some((other) => other !== target && isBelow(target.path, other.path)));
  const edits = [
    ...kept.flatMap((target) => (target.kind === 'replace' ? replace(target, after, layout) : [])),
    ...additions(kept, after, layout),
  ];
  return { ok: true, edits };
}

/** The text with the edits made. Where several start at one place, the most deeply nested comes first. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => a.start - b.start || b.depth - a.depth);
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

type Located = { ok: true; target?: Target } | { ok: false; offset: number; reason: string };

/** What holds for the whole document: its value, and the anchors that aliases refer to. */
type Context = { before: unknown; aliased: ReadonlySet<string> };

/** How far a path was followed: the node there, and the place that would hold a new value for it. */
type Cursor = { node: Node | null; done: Path; place?: Replaced };

/** Follows a path through the source as far as it goes. */
function locate(context: Context, { node, done, place }: Cursor, [key, ...rest]: Path): Located {
  if (key === undefined) return locatedAt(context, node, place);
  const shared = whyShared(context, node);
  if (shared) return declined(node, shared);
  // Something else than a collection: an earlier operation has replaced it, and covers this one.
  if (!isCollection(node)) return { ok: true };
  if (place && opensAsBlock(node, place)) return { ok: true, target: place };
  const path = [...done, key];
  const at: Pair | Node | undefined = isMap(node) ? pairOf(node, key) : itemOf(node, key);
  if (at) {
    const value = (isPair(at) ? at.value : at) as Node | null;
    return locate(context, { node: value, done: path, place: { kind: 'replace', path, parent: node, at } }, rest);
  }
  if (isSeq(node)) return { ok: true, target: { kind: 'append', path: done, parent: node } };
  const inherited = rest.length > 0 && valueAt(context.before, pointerTo(path)) !== undefined;
  if (inherited) return declined(node, `${key} comes from a merge key (<<)`);
  return { ok: true, target: { kind: 'add', path, parent: node } };
}

function locatedAt({ aliased }: Context, node: Node | null, place: Replaced | undefined): Located {
  const anchor = anchorsIn(node).find((name) => aliased.has(name));
  if (anchor) return declined(node, `the alias *${anchor} elsewhere refers to what would be replaced`);
  return place ? { ok: true, target: place } : { ok: true };
}

/** An empty [] or {} in block style becomes a block, as if it were not there yet. */
const opensAsBlock = (node: YAMLMap | YAMLSeq, { parent }: Replaced) =>
  node.flow && node.items.length === 0 && isMap(parent) && !parent.flow;

const declined = (node: Node | null, reason: string): Located => ({ ok: false, offset: node?.range?.[0] ?? 0, reason });

const pairOf = (map: YAMLMap, key: string) =>
  map.items.find(({ key: own }) => isScalar(own) && typeof own.value !== 'symbol' && String(own.value) === key);

const itemOf = (seq: YAMLSeq, key: string) => (key === '-' ? undefined : (seq.items[Number(key)] as Node | undefined));

/** A change to a node that stands for several places would change them all. */
function whyShared({ aliased }: Context, node: Node | null): string | undefined {
  if (isAlias(node)) return `the path crosses the alias *${node.source}`;
  const anchor = isCollection(node) ? node.anchor : undefined;
  return anchor && aliased.has(anchor) ? `the alias *${anchor} elsewhere stands for the same lines` : undefined;
}

function anchorsIn(node: Node | null): string[] {
  const anchors: string[] = [];
  // An alias is visited through its source only, never through what it stands for.
  visit(node, { Node: (_, { anchor }) => void (anchor && anchors.push(anchor)) });
  return anchors;
}

function aliasesIn(document: YamlDocument): ReadonlySet<string> {
  const sources = new Set<string>();
  visit(document, { Alias: (_, { source }) => void sources.add(source) });
  return sources;
}

const isBelow = (path: Path, other: Path) => path.length >= other.length && other.every((key, i) => path[i] === key);

const parentOf = (pointer: string) => pointer.slice(0, pointer.lastIndexOf('/'));

const pointerTo = (path: Path) => path.map((key) => `/${escapedKey(key)}`).join('');

function replace({ path, parent, at }: Replaced, after: unknown, layout: Layout): Edit[] {
  const value = valueAt(after, pointerTo(path));
  const old = (isPair(at) ? at.value : at) as Node | null;
  const depth = path.length;
  if (isCollection(old) && !old.flow) return replaceRows(old, value, depth, layout);
  const isFilled = isCollection(old) && old.items.length > 0;
  if (isMap(parent) && !parent.flow && !isFilled) return fillPair(parent, at as Pair, value, depth, layout);
  return replaceFlow(at, value, depth, layout);
}

/** All that is added to one collection goes in at once. */
function additions(targets: readonly Target[], after: unknown, layout: Layout): Edit[] {
  const maps = Map.groupBy(
    targets.filter((target) => target.kind === 'add'),
    ({ parent }) => parent,
  );
  const intoMaps = [...maps].map(([map, added]) => {
    const entries = added.map(({ path }): [string, unknown] => [path.at(-1) ?? '', valueAt(after, pointerTo(path))]);
    const depth = added[0]?.path.length ?? 0;
    return map.flow ? addToFlow(map, entries, depth, layout) : addToBlockMap(map, entries, depth, layout);
  });
  const intoSeqs = targets
    .filter((target) => target.kind === 'append')
    .map(({ parent, path }) => {
      const items = (valueAt(after, pointerTo(path)) as unknown[]).slice(parent.items.length);
      const depth = path.length + 1;
      return parent.flow ? addToFlow(parent, items, depth, layout) : addToBlockSeq(parent, items, depth, layout);
    });
  return [...intoMaps, ...intoSeqs];
}
