/** Where the path of a JSON patch leads in the source text of a manifest, or why nothing can change there. Pure. */
import { findValue } from '../../util/find-value.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { isPair, listParts, type Part } from './layout.ts';
import { type Collection, isCollection, type MapNode, type Pair, type SeqNode, walk, type YamlNode } from './nodes.ts';
import { isMergeKey, readKey } from './values.ts';

/** Why the patch cannot be spliced in, where, and what to do. */
export type Conflict = { offset: number; reason: string; advice: string };

export type Path = readonly string[];
export type Replaced = { kind: 'replace'; path: Path; parent: Collection; at: Part };
type Removed = { kind: 'remove'; path: Path; parent: Collection; at: Part };
type Added = { kind: 'add'; path: Path; parent: MapNode } | { kind: 'append'; path: Path; parent: SeqNode };
export type Target = Replaced | Removed | Added;

/** Undefined if there is nothing to do: an earlier operation covers this one. */
type Located = Result<Target | undefined, Conflict>;

/** What holds for the whole document: its value, its nodes, and the anchors that aliases refer to. */
export type Context = { before: unknown; root: YamlNode; aliased: ReadonlySet<string> };

export const createContext = (before: unknown, root: YamlNode): Context => ({
  before,
  root,
  aliased: listAliases(root),
});

/** What a path to a new value leads to. */
export const locate = (context: Context, keys: Path): Located =>
  follow(context, { node: context.root, done: [] }, keys);

/** What a path to something that goes away leads to. */
export function locateRemoved(context: Context, keys: Path): Located {
  const found = locate(context, keys);
  if (!found.ok) return found;
  const target = found.value;
  const key = keys.at(-1) ?? '';
  if (target?.kind !== 'replace' || target.path.length < keys.length)
    return decline(context.root, `${key} has no lines of its own`);
  const { parent, at, path } = target;
  if (parent.kind === 'map' && parent.pairs.some((pair) => isPair(at) && pair !== at && mayGive(pair, key)))
    return decline(parent, `without its own lines, ${key} would come from elsewhere in the same map`);
  return ok({ kind: 'remove', path, parent, at });
}

// --- internal ---

/** How far a path was followed: the node there, and the place that would hold a new value for it. */
type Cursor = { node: YamlNode; done: Path; place?: Replaced };

/** Whether a pair, or what it merges, has a key. */
const mayGive = ({ key, value }: Pair, wanted: string) =>
  isMergeKey(key) ? hasKey(value, wanted) : readKey(key) === wanted;

/** Follows a path through the source as far as it goes. */
function follow(context: Context, { node, done, place }: Cursor, [key, ...rest]: Path): Located {
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
    return follow(context, { node: value, done: path, place: { kind: 'replace', path, parent: node, at } }, rest);
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

const decline = ({ start }: YamlNode, reason: string, advice = writeOut) => fail({ offset: start, reason, advice });

const writeOut = 'write the lines out in place of the alias or merge key';

function findPart(node: Collection, key: string): Result<Part | undefined, Conflict> {
  if (node.kind === 'seq') return ok(key === '-' ? undefined : node.items[Number(key)]);
  // The last of equal keys counts, unless a merge key below it has the same.
  const index = node.pairs.findLastIndex((pair) => !isMergeKey(pair.key) && readKey(pair.key) === key);
  const pair = node.pairs[index];
  if (!pair) return ok(undefined);
  const isMergedOver = node.pairs.slice(index + 1).some((below) => isMergeKey(below.key) && hasKey(below.value, key));
  if (isMergedOver) return decline(pair.key, `a merge key (<<) below ${key} takes its place`);
  return pair.hasColon || node.isFlow ? ok(pair) : decline(pair.key, `the key ${key} has no colon`, 'add it');
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

function listAliases(root: YamlNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of walk(root)) if (node.kind === 'alias') names.add(node.name);
  return names;
}
