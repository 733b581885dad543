/** Breaks lines of text for a terminal between words, with colors in them. Pure. */

/**
 * What goes on in a new line stands below the last column of the line, where two spaces or more separate columns, or else four
 * characters further in than the line: lines that belong to it may stand two further in. A command at the end of a line, which somebody may copy, is not broken.
 * @param width how many characters a line of the terminal has
 */
export function wrapLine(line: string, width: number): string {
  if (lengthOf(line) <= width) return line;
  const { head, hang, isAlone } = splitHead(line, width);
  const lines = [head];
  let isFirst = !isAlone;
  if (isAlone) lines.push(hang);
  for (const word of wordsOf(line.slice(head.length).trimStart())) {
    const last = lines.at(-1) ?? '';
    if (last === hang || isFirst) lines[lines.length - 1] = last + word;
    else if (lengthOf(last) + 1 + lengthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(hang + word);
    isFirst = false;
  }
  return lines.join('\n');
}

// --- internal ---

/** `isAlone`: the columns before the last one leave too little room for that, so it stands below them. */
function splitHead(line: string, width: number): { head: string; hang: string; isAlone: boolean } {
  const indent = line.length - line.trimStart().length;
  const columns = /^ *\S.* {2,}/.exec(line)?.[0];
  if (columns === undefined) return { head: line.slice(0, indent), hang: ' '.repeat(indent + 4), isAlone: false };
  if (lengthOf(columns) <= width / 2) return { head: columns, hang: ' '.repeat(lengthOf(columns)), isAlone: false };
  return { head: columns.trimEnd(), hang: ' '.repeat(indent + 4), isAlone: true };
}

/** What a terminal shows of it. */
const lengthOf = (text: string) => text.replace(colors, '').length;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of paint.ts
const colors = /\u001b\[\d+m/g;

function wordsOf(text: string): string[] {
  const at = Math.max(...commands.map((command) => text.lastIndexOf(command)));
  return at < 0 ? text.split(' ') : [...text.slice(0, at + 1).split(' '), text.slice(at + 2)];
}

const commands = [': kubectl ', ': clockout '];
