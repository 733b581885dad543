/** Reads a mapping or list of YAML in flow style, `{statusPort: 15020, x: [1, 2]}`, in time linear in its length. */

const space = /[ \t\r\n]+(?:#[^\n]*)?/.source;
const quoted = /"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*(?:''[^']*)*'/s.source;
const plainStart = /[^\s{}[\],"'#:&*!|>%@`?-]|[-?](?=[^\s{}[\],])/.source;
const plain = `(?:${plainStart})(?:[^\\s{}[\\],:#]|:(?=[^\\s{}[\\],])|#)*`;
const token = new RegExp(`(${space})|(${quoted})|([{[])|([}\\]])|(,)|:|${plain}`, 'ysu');

/**
 * @param text begins with `{` or `[`
 * @returns the scalars of the outermost mapping by key, and the text after it; undefined if its end is not certain
 */
export function readFlow(text: string): { entries: Map<string, string>; rest: string } | undefined {
  const reading: Reading = { entries: new Map(), open: [], entry: {} };
  token.lastIndex = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    if (!takeToken(reading, found)) return undefined;
    if (reading.open.length === 0) return { entries: reading.entries, rest: text.slice(token.lastIndex) };
  }
  return undefined;
}

// --- internal ---

type Reading = {
  entries: Map<string, string>;
  /** The closing brackets that are expected, the outermost first. */
  open: string[];
  /** The current entry of the outermost mapping. */
  entry: { key?: string; scalar?: string };
};

/** @returns false for a closing bracket without an opening one */
function takeToken(reading: Reading, [all, isSpace, quotes, opening, closing, comma]: RegExpExecArray): boolean {
  if (isSpace !== undefined) return true;
  const { entries, open, entry } = reading;
  const depth = open.length;
  if (closing !== undefined && open.pop() !== closing) return false;
  if (opening !== undefined) open.push(opening === '{' ? '}' : ']');
  if (Math.max(depth, open.length) > 1) {
    entry.scalar = notScalar;
  } else if (comma !== undefined || closing !== undefined) {
    if (entry.key !== undefined) entries.set(entry.key, entry.scalar ?? '');
    reading.entry = {};
  } else if (opening === undefined) {
    reading.entry = withWord(entry, quotes === undefined ? all : quotes.slice(1, -1), all === ':');
  }
  return true;
}

function withWord({ key, scalar }: Reading['entry'], word: string, isColon: boolean): Reading['entry'] {
  if (isColon && key === undefined) return { key: scalar ?? '' };
  // Two words in a row are one text, which is neither the key nor the port that is looked for.
  return { ...(key !== undefined && { key }), scalar: scalar === undefined && !isColon ? word : notScalar };
}

const notScalar = '…';
