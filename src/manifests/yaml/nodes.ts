/** What a document consists of, with the place of each part in the text. */
import type { ScalarStyle } from './scan/scanner.ts';

/** Offsets in the text: of the content, without its anchor and tag, and without comments around it. */
type Place = { start: number; end: number; anchor?: string };

export type ScalarNode = Place & {
  kind: 'scalar';
  text: string;
  style: ScalarStyle;
  tag: string;
  /** Its type follows from its text: it is plain, and has no tag. */
  isImplicit: boolean;
};
/** `column` is that of the first key or dash, from 0. */
export type MapNode = Place & { kind: 'map'; isFlow: boolean; column: number; pairs: Pair[] };
export type SeqNode = Place & { kind: 'seq'; isFlow: boolean; column: number; items: YamlNode[] };
export type AliasNode = Place & { kind: 'alias'; name: string; target: YamlNode };

export type Collection = MapNode | SeqNode;
export type YamlNode = ScalarNode | Collection | AliasNode;

export type Pair = { key: YamlNode; value: YamlNode; hasColon: boolean };

export const isCollection = (node: YamlNode): node is Collection => node.kind === 'map' || node.kind === 'seq';

/** A scalar without a text. */
export const emptyNode = (at: number): ScalarNode => ({
  kind: 'scalar',
  start: at,
  end: at,
  text: '',
  style: 'plain',
  tag: '',
  isImplicit: true,
});

/** Every node below one, and itself, in the order of the text. Aliases are not followed. */
export function* walk(root: YamlNode): Generator<YamlNode> {
  const pending = [root];
  for (let node = pending.pop(); node; node = pending.pop()) {
    yield node;
    if (node.kind === 'seq') for (const item of node.items.toReversed()) pending.push(item);
    else if (node.kind === 'map') for (const { key, value } of node.pairs.toReversed()) pending.push(value, key);
  }
}
