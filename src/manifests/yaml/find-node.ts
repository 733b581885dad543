/** Finds the part of a document that keys lead to. Pure. */
import type { YamlNode } from './nodes.ts';
import { readKey } from './values.ts';

/** As far as the keys lead. */
export function findNode(node: YamlNode, [key, ...rest]: readonly string[]): YamlNode {
  if (key === undefined) return node;
  const next =
    node.kind === 'map' ? findLast(node.pairs, key) : node.kind === 'seq' ? node.items[Number(key)] : undefined;
  return next ? findNode(next, rest) : node;
}

// --- internal ---

const findLast = (pairs: readonly { key: YamlNode; value: YamlNode }[], key: string) =>
  pairs.findLast((pair) => readKey(pair.key) === key)?.value;
