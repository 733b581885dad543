/** Line breaks of YAML that most programs do not take for one: edits go by line feeds. Pure. */
import { walk, type YamlNode } from './nodes.ts';

/**
 * The offset of the first one that ends a line between two values of a document.
 * @see https://yaml.org/spec/1.1/#b-char
 */
export function findOtherBreak(text: string, root: YamlNode): number | undefined {
  otherBreak.lastIndex = root.start;
  const found = otherBreak.exec(text);
  if (!found) return undefined;
  const scalars = [...walk(root)].filter(({ kind }) => kind === 'scalar').sort((a, b) => a.start - b.start);
  const last = scalars.at(-1)?.end ?? root.start;
  let next = 0;
  for (let at = found.index; at < last; at = otherBreak.exec(text)?.index ?? last) {
    while ((scalars[next]?.end ?? Infinity) <= at) next++;
    if ((scalars[next]?.start ?? Infinity) > at) return at;
  }
  return undefined;
}

// --- internal ---

const otherBreak = /\r(?!\n)|[\u0085\u2028\u2029]/g;
