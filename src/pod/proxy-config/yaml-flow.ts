/** A mapping or list of YAML in its flow style, `{statusPort: 15020, x: [1, 2]}`. Time is linear in its length. */

const space = /[ \t\r\n]+(?:#[^\n]*)?/.source;
const quoted = /"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*(?:''[^']*)*'/s.source;
const plainStart = /[^\s{}[\],"'#:&*!|>%@`?-]|[-?](?=[^\s{}[\],])/.source;
const plain = `(?:${plainStart})(?:[^\\s{}[\\],:#]|:(?=[^\\s{}[\\],])|#)*`;
const token = new RegExp(`(${space})|(${quoted})|([{[])|([}\\]])|(,)|:|${plain}`, 'ysu');

/**
 * @param text begins with `{` or `[`
 * @returns the scalars of the outermost mapping by key, and the text after it; undefined where its end is nowhere for sure
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
  /** The brackets to come, the outermost first. */
  open: string[];
  /** Of the outermost mapping, as far as it was read. */
  entry: { key?: string; scalar?: string };
};

/** @returns false for a bracket that closes nothing */
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
  // Two words one after the other are one text: neither a key nor a port that counts here.
  return { ...(key !== undefined && { key }), scalar: scalar === undefined && !isColon ? word : notScalar };
}

const notScalar = '…';
