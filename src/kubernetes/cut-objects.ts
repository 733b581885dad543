/** Cuts a JSON text into objects while it arrives, so that a list of any length is never in memory as a whole. */

const code = (character: string) => character.charCodeAt(0);
const quote = code('"');
const backslash = code('\\');
const openBrace = code('{');
const openBracket = code('[');
const closeBrace = code('}');
const closeBracket = code(']');

export type ObjectCutter = {
  /** The next bytes of the text, however they are split. */
  add: (chunk: Uint8Array) => void;
  /** Whether all that was opened has been closed. */
  isComplete: () => boolean;
};

/**
 * @param onObject takes the text of each object in the outermost one, but not of those within it: of a list, its `metadata` and
 *   each of its items. undefined stands for one that is too large. `isItem`: it stands in an array.
 */
export function createObjectCutter(
  onObject: (text: string | undefined, isItem: boolean) => void,
  maxObjectBytes = 16 * 1024,
): ObjectCutter {
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  /** How deep the object is that is being cut. */
  let base: number | undefined;
  let kept: Uint8Array[] = [];
  let keptBytes = 0;

  const keep = (part: Uint8Array) => {
    keptBytes += part.length;
    if (keptBytes > maxObjectBytes) kept = [];
    else kept.push(part);
  };
  const finish = () => {
    onObject(keptBytes > maxObjectBytes ? undefined : Buffer.concat(kept).toString(), base !== 1);
    base = undefined;
    kept = [];
    keptBytes = 0;
  };

  /** Whether the byte belongs to a text, with the quotes around it. */
  const isText = (byte: number): boolean => {
    if (isEscaped) isEscaped = false;
    else if (isString && byte === backslash) isEscaped = true;
    else if (byte === quote) isString = !isString;
    else return isString;
    return true;
  };

  /** In UTF-8, no byte of a longer character looks like a brace or a quote. @returns what the byte does to an object to cut */
  const read = (byte: number): 'begins' | 'ends' | undefined => {
    if (isText(byte)) return undefined;
    if (byte === openBrace && depth > 0 && base === undefined) {
      base = depth++;
      return 'begins';
    }
    if (byte === openBrace || byte === openBracket) depth++;
    if (byte === closeBrace || byte === closeBracket) depth--;
    return byte === closeBrace && depth === base ? 'ends' : undefined;
  };

  const add = (chunk: Uint8Array) => {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const what = read(chunk[at] ?? 0);
      if (what === 'begins') from = at;
      if (what !== 'ends') continue;
      keep(chunk.subarray(from, at + 1));
      finish();
    }
    if (base !== undefined) keep(chunk.slice(from));
  };

  return { add, isComplete: () => depth === 0 };
}
