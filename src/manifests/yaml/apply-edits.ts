/** Makes edits in a text. Pure. */
import type { Edit } from './edits.ts';

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
