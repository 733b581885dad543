/** A mapping or list of YAML in its flow style, `{statusPort: 15020, x: [1, 2]}`. Time is linear in its length. */

const space = /[ \t\r\n]+(?:#[^\n]*)?/.source;
const quoted = /"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*(?:''[^']*)*'/s.source;
const plainStart = /[^\s{}[\],"'#:&*!|>%@`?-]|[-?](?=[^\s{}[\],])/.source;
const plain = `(?:${plainStart})(?:[^\\s{}[\\],:#]|:(?=[^\\s{}[\\],])|#)*`;
const token = new RegExp(`(${space})|(${quoted})|([{[])|([}\\]])|(,)|(:)|(${plain})`, 'ysu');

/**
 * @param text begins with `{` or `[`
 * @returns the scalars of the outermost mapping by key, and the text after it; undefined where the end is not to be found for sure
 */
export function readFlow(text: string): { entries: Map<string, string>; rest: string } | undefined {
  const entries = new Map<string, string>();
  const open: string[] = [];
  let key: string | undefined;
  let scalar: string | undefined;
  token.lastIndex = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [all, isSpace, isQuoted, opening, closing, comma, colon] = found;
    if (isSpace !== undefined) continue;
    if (opening !== undefined) open.push(opening === '{' ? '}' : ']');
    else if (closing !== undefined && open.pop() !== closing) return undefined;
    if (opening !== undefined && open.length === 1) continue;
    if (open.length > 1 || (closing !== undefined && open.length === 1)) {
      scalar = notScalar;
    } else if (comma !== undefined || open.length === 0) {
      if (key !== undefined) entries.set(key, scalar ?? '');
      key = scalar = undefined;
    } else if (colon !== undefined && key === undefined) {
      key = scalar ?? '';
      scalar = undefined;
    } else {
      // Two words one after the other are one text: neither a key nor a port that counts here.
      const word = isQuoted === undefined ? all : all.slice(1, -1);
      scalar = scalar === undefined && colon === undefined ? word : notScalar;
    }
    if (open.length === 0) return { entries, rest: text.slice(token.lastIndex) };
  }
  return undefined;
}

const notScalar = '…';
