/**
 * How a hostile pod is made: a recorded review, and what is put where in its pod. Recipes are small JSON, whatever the size
 * of what they make, so that they can be kept, read and changed.
 */
import { readFileSync } from 'node:fs';

/** JSON in which some objects stand for what would be long: see grow below. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type Recipe = {
  /** A file of test/testdata/pods, without its extension. */
  pod: string;
  /** By path in the pod, keys separated by spaces; `+` is the end of a list. */
  set: Record<string, Value>;
};

/** The API server's own limit for an object. */
const mostBytes = 3 * 1024 * 1024;

const folder = new URL('../../testdata/pods/', import.meta.url);

type Node = Record<string, unknown>;

/** @returns the body of a review, and the bytes of the pod in it */
export function makeReview({ pod, set }: Recipe): { body: string; podBytes: number } {
  const review = JSON.parse(readFileSync(new URL(`${pod}.json`, folder), 'utf8'));
  for (const [path, value] of Object.entries(set)) put(review.request.object, path.split(' '), grow(value));
  return { body: JSON.stringify(review), podBytes: Buffer.byteLength(JSON.stringify(review.request.object)) };
}

/**
 * - `{"$text": ["before", "x", 9, "after"]}`: a text, with its middle repeated
 * - `{"$list": [9, value]}`: a list of it, each `#` in its texts and keys being the item's number
 * - `{"$keys": [9, "key-#", value]}`: an object with that many keys
 * - `{"$json": value}`: it as a text
 */
function grow(value: Value): unknown {
  if (Array.isArray(value)) return value.map(grow);
  if (typeof value !== 'object' || value === null) return value;
  const { $text, $list, $keys, $json } = value;
  if (Array.isArray($text)) {
    const [before, unit, count, after] = $text;
    return `${before}${`${unit}`.repeat(Number(count))}${after}`;
  }
  if (Array.isArray($list)) return times(Number($list[0]), (i) => numbered(grow($list[1] ?? null), i));
  if (Array.isArray($keys)) {
    return Object.fromEntries(
      times(Number($keys[0]), (i) => [`${$keys[1]}`.replaceAll('#', `${i}`), numbered(grow($keys[2] ?? null), i)]),
    );
  }
  if ($json !== undefined) return JSON.stringify(grow($json));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, grow(item)]));
}

/** The same with all counts multiplied. */
export function scaled(value: Value, factor: number): Value {
  const count = (n: Value | undefined) => Math.max(1, Math.floor(Number(n) * factor));
  if (Array.isArray(value)) return value.map((item) => scaled(item, factor));
  if (typeof value !== 'object' || value === null) return value;
  const { $text, $list, $keys } = value;
  if (Array.isArray($text)) return { $text: [$text[0] ?? '', $text[1] ?? '', count($text[2]), $text[3] ?? ''] };
  if (Array.isArray($list)) return { $list: [count($list[0]), $list[1] ?? null] };
  if (Array.isArray($keys)) return { $keys: [count($keys[0]), $keys[1] ?? '#', $keys[2] ?? null] };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scaled(item, factor)]));
}

/** With fewer of everything, if it would be too large. */
export function fitted(recipe: Recipe): Recipe {
  let fit = recipe;
  for (let i = 0; i < 30 && estimate(fit.set) > 1.2 * mostBytes; i++) fit = shrunk(fit, 0.7);
  for (let i = 0; i < 10; i++) {
    const { podBytes } = makeReview(fit);
    if (podBytes <= mostBytes) return fit;
    fit = shrunk(fit, (0.98 * mostBytes) / podBytes);
  }
  return { pod: recipe.pod, set: {} };
}

// --- internal ---

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const shrunk = ({ pod, set }: Recipe, factor: number): Recipe => ({
  pod,
  set: Object.fromEntries(Object.entries(set).map(([path, value]) => [path, scaled(value, factor)])),
});

/** Bytes, roughly: what would be made of a recipe may be larger than memory. */
function estimate(value: Value): number {
  if (typeof value === 'string') return value.length + 2;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + estimate(item) + 1, 2);
  if (typeof value !== 'object' || value === null) return 5;
  const { $text, $list, $keys } = value;
  if (Array.isArray($text)) return Number($text[2]) * Buffer.byteLength(`${$text[1]}`) + 10;
  if (Array.isArray($list)) return Number($list[0]) * (estimate($list[1] ?? null) + 1);
  if (Array.isArray($keys)) return Number($keys[0]) * (estimate($keys[2] ?? null) + `${$keys[1]}`.length + 4);
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + 4 + estimate(item), 2);
}

function numbered(value: unknown, i: number): unknown {
  if (typeof value === 'string') return value.length < 200 ? value.replaceAll('#', `${i}`) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.length > 50 ? value : value.map((item) => numbered(item, i));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, numbered(item, i)]));
}

function put(root: Node, path: string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  const parent = path.slice(0, -1).reduce<Node>((node, key) => {
    const at = key === '+' && Array.isArray(node) ? `${node.length - 1}` : key;
    if (typeof node[at] !== 'object' || node[at] === null) node[at] = {};
    return node[at] as Node;
  }, root);
  if (last === '+' && Array.isArray(parent)) parent.push(...(Array.isArray(value) ? value.slice(0, 100_000) : [value]));
  else parent[last] = value;
}
