/**
 * Texts that wait until all of them are known. They are kept as bytes, which are outside of the heap of JavaScript: with many texts, that
 * grows to more than twice of what it holds.
 */
export type KeptTexts = { add: (text: string) => void; count: () => number; list: () => Iterable<string> };

export function keepTexts(): KeptTexts {
  const kept: Buffer[] = [];
  function* list() {
    for (const bytes of kept) yield bytes.toString();
  }
  return { add: (text) => kept.push(Buffer.from(text)), count: () => kept.length, list };
}
