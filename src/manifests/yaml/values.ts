/**
 * What the nodes of a document say, as Kubernetes makes JSON of them: the last of several equal keys wins, merge keys are
 * merged where they stand, keys become strings, and what JSON cannot say is refused.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.4/decode.go
 * @see https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go
 */
import { fail, ok, type Result } from '../../util/result.ts';
import type { AliasNode, MapNode, ScalarNode, YamlNode } from './nodes.ts';
import { maxDepth } from './parse/parser.ts';
import { isMerge, keyText, type Resolved, resolveScalar } from './resolve.ts';
import type { Failure } from './scan/scanner.ts';
import { findUnprintable, type Suspect, suspect } from './unprintable.ts';

/**
 * A key that is more than once in a map: the offsets of the first and the last. If they differ in type, as `1` and `"1"`,
 * either may win: Go's maps have no order.
 */
export type DuplicateKey = { key: string; first: number; last: number; isOfOneType: boolean };

export type DocumentValue = { value: unknown; duplicates: DuplicateKey[] };

export function readValue(root: YamlNode): Result<DocumentValue, Failure> {
  const reader: Reader = {
    read: 0,
    copied: 0,
    copiedLength: 0,
    depth: 0,
    aliases: [],
    duplicates: [],
    suspects: [],
    failure: undefined,
  };
  const holder = { value: readNode(reader, root) };
  suspect(reader.suspects, holder, 'value', root.start);
  const failure = reader.failure ?? findUnprintable(holder, reader.suspects);
  return failure ? fail(failure) : ok({ value: holder.value, duplicates: reader.duplicates });
}

/** The text of a key in JSON; undefined if no key is like this. */
export function readKey(key: YamlNode): string | undefined {
  const scalar = key.kind === 'alias' ? key.target : key;
  if (scalar.kind !== 'scalar') return undefined;
  const resolved = resolveScalar(scalar);
  return resolved.ok ? keyText(resolved.value) : undefined;
}

export const isMergeKey = (key: YamlNode): boolean => key.kind === 'scalar' && isMerge(key);

// --- internal ---

type AnyMap = Record<string, unknown>;

type Reader = {
  /** How many nodes were read, and how many of them as copies for an alias. */
  read: number;
  copied: number;
  copiedLength: number;
  depth: number;
  /** Those that are being expanded, from the outermost. */
  aliases: AliasNode[];
  duplicates: DuplicateKey[];
  suspects: Suspect[];
  failure: Failure | undefined;
};

function refuse(reader: Reader, { start }: YamlNode, sentence: string): void {
  // In a copy, the alias is what the reader of the sentence can change.
  reader.failure ??= { offset: reader.aliases[0]?.start ?? start, sentence };
}

function readNode(reader: Reader, node: YamlNode): unknown {
  if (!count(reader, node)) return undefined;
  if (node.kind === 'scalar') return readScalar(reader, node)?.value;
  if (reader.depth >= maxDepth) refuse(reader, node, `expected at most ${maxDepth} levels, found more`);
  reader.depth++;
  const value = node.kind === 'alias' ? readAlias(reader, node) : readCollection(reader, node);
  reader.depth--;
  return value;
}

function readCollection(reader: Reader, node: Exclude<YamlNode, AliasNode | ScalarNode>): unknown {
  if (node.kind === 'map') {
    const map: AnyMap = {};
    fillMap(reader, node, map);
    return map;
  }
  const list: unknown[] = [];
  for (const item of node.items) {
    list.push(readNode(reader, item));
    suspect(reader.suspects, list, list.length - 1, item.start);
    if (reader.failure) break;
  }
  return list;
}

function readScalar(reader: Reader, node: ScalarNode): Resolved | undefined {
  if (reader.aliases.length > 0) reader.copiedLength += node.text.length;
  const resolved = resolveScalar(node);
  if (resolved.ok) return resolved.value;
  refuse(reader, node, resolved.problem);
  return undefined;
}

function readAlias(reader: Reader, alias: AliasNode): unknown {
  return expand(reader, alias, () => readNode(reader, alias.target));
}

function expand<T>(reader: Reader, alias: AliasNode, read: () => T): T | undefined {
  if (reader.aliases.includes(alias)) {
    refuse(reader, alias, `expected an alias of something else, found *${alias.name} inside of &${alias.name}`);
    return undefined;
  }
  reader.aliases.push(alias);
  const value = read();
  reader.aliases.pop();
  return value;
}

type Seen = Map<string, { type: Resolved['type']; start: number; duplicate?: DuplicateKey }>;

function fillMap(reader: Reader, { pairs }: MapNode, map: AnyMap): void {
  const seen: Seen = new Map();
  for (const { key, value } of pairs) {
    if (reader.failure) return;
    if (isMergeKey(key)) merge(reader, value, map);
    else {
      const text = readMapKey(reader, key, map, seen);
      if (text === undefined) readNode(reader, value);
      else {
        setKey(map, text, readNode(reader, value));
        suspect(reader.suspects, map, text, value.start);
      }
    }
  }
}

/** @returns undefined for one that JSON does not have */
function readMapKey(reader: Reader, key: YamlNode, map: AnyMap, seen: Seen): string | undefined {
  count(reader, key);
  const scalar = key.kind === 'alias' ? expand(reader, key, () => key.target) : key;
  if (!scalar || reader.failure) return undefined;
  if (key.kind === 'alias') count(reader, scalar);
  if (scalar.kind !== 'scalar') {
    const found = scalar.kind === 'map' ? 'a map' : 'a list';
    refuse(reader, key, `expected a text as key, found ${found}; put it in quotes`);
    return undefined;
  }
  const resolved = readScalar(reader, scalar);
  if (!resolved) return undefined;
  const text = keyText(resolved);
  if (text === undefined) {
    const found = resolved.type === 'null' ? 'null' : 'a number that is too large';
    const failure = { offset: key.start, sentence: `expected a text as key, found ${found}; put the key in quotes` };
    reader.suspects.push({ holder: map, key: undefined, failure });
    return undefined;
  }
  if (reader.aliases.length === 0) noteDuplicate(reader, text, key.start, seen, resolved.type);
  return text;
}

function noteDuplicate(reader: Reader, key: string, start: number, seen: Seen, type: Resolved['type']): void {
  const before = seen.get(key);
  if (!before) seen.set(key, { type, start });
  else {
    if (!before.duplicate) {
      before.duplicate = { key, first: before.start, last: start, isOfOneType: true };
      reader.duplicates.push(before.duplicate);
    }
    before.duplicate.last = start;
    before.duplicate.isOfOneType &&= before.type === type && key !== '.nan';
  }
}

/** Into the map at hand, over what it has. Of a list, the first map that has a key counts. */
function merge(reader: Reader, source: YamlNode, map: AnyMap): void {
  const sources = source.kind === 'seq' ? source.items.toReversed() : [source];
  for (const one of sources) {
    const target = one.kind === 'alias' ? one.target : one;
    if (target.kind !== 'map') {
      const advice = 'write a map, an alias of one, or a list of these';
      refuse(reader, one, `expected a map after the merge key <<, found something else; ${advice}`);
      return;
    }
    count(reader, one);
    if (one.kind === 'alias') {
      expand(reader, one, () => {
        count(reader, target);
        fillMap(reader, target, map);
      });
    } else fillMap(reader, target, map);
  }
}

/** Also the key `__proto__` is only a key. */
function setKey(map: AnyMap, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else map[key] = value;
}

/** What aliases stand for in all. @see https://github.com/yaml/go-yaml/blob/v2.4.4/decode.go for `allowedAliasRatio` */
function count(reader: Reader, node: YamlNode): boolean {
  reader.read++;
  if (reader.aliases.length > 0) reader.copied++;
  const { read, copied, copiedLength } = reader;
  const share = 0.99 - 0.89 * Math.min(Math.max((read - 400_000) / 3_600_000, 0), 1);
  const isTooMuch = (copied > 100 && read > 1000 && copied / read > share) || copiedLength > maxCopiedLength;
  if (isTooMuch)
    refuse(reader, node, 'expected aliases that stand for less, found too many copies; write less of them');
  return reader.failure === undefined;
}

/** Kubernetes has no such bound, but takes no object of more than a few MiB. */
const maxCopiedLength = 16 * 1024 * 1024;
