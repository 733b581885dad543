/** Shows what a JSON value looks like, without most of it. */
import { shortened } from './text.ts';

/** `characters` of each text and key; `items` of each list, and keys of each object. */
export type Pruning = { characters: number; items: number; depth: number };

export function pruned(value: unknown, { characters, items, depth }: Pruning): unknown {
  if (typeof value === 'string') return shortened(value, characters);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  const below = { characters, items, depth: depth - 1 };
  if (Array.isArray(value)) {
    const kept = value.slice(0, items).map((item) => pruned(item, below));
    return value.length > items ? [...kept, `and ${value.length - items} more`] : kept;
  }
  const entries: [string, unknown][] = [];
  for (const key in value) {
    if (entries.length === items) break;
    entries.push([shortened(key, characters), pruned(value[key as keyof typeof value], below)]);
  }
  return Object.fromEntries(entries);
}
