/** How much JSON would take when parsed, told without parsing it: `[{},{},…]` takes twenty times as much as its bytes. */

export type JsonBounds = { values: number; depth: number };

/**
 * One linear pass; it ends where the first bound is passed.
 * @returns how many values there are in it, at least, and how deep they are nested; what stands in texts does not count
 */
export function measureJson(json: Uint8Array, bounds: JsonBounds): { values: number; depth: number } {
  let values = 1;
  let level = 0;
  let depth = 0;
  for (let i = 0; i < json.length && values <= bounds.values && depth <= bounds.depth; i++) {
    const byte = json[i];
    if (byte === quote) i = endOfText(json, i);
    else if (byte === comma) values++;
    else if (byte === brace || byte === bracket) {
      values++;
      depth = Math.max(depth, ++level);
    } else if (byte === braceEnd || byte === bracketEnd) level--;
  }
  return { values, depth };
}

// --- internal ---

/** @returns the index of the closing quote, or the end where there is none */
function endOfText(json: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== quote) i += json[i] === backslash ? 2 : 1;
  return i;
}

const [quote, backslash, comma, brace, bracket, braceEnd, bracketEnd] = Buffer.from('"\\,{[}]');
