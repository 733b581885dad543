/** Breaks texts into lines of a terminal, between words. Pure. */

/**
 * A sentence.
 * @param width of a line, in characters; a longer word has a line of its own
 * @param indent before every line but the first
 */
export const wrapText = (text: string, width: number, indent = ''): string =>
  fill(text.split(' '), { first: '', hang: indent, width }).join('\n');

/**
 * A line of a report, with its indent, columns and colors. What goes on in a new line stands below the last column, where two
 * spaces or more separate columns, or else four characters further in than the line: lines that belong to it may stand two
 * further in. A command at the end of a line, which somebody may copy, is not broken.
 * @param width how many characters a line of the terminal has
 */
export function wrapLine(line: string, width: number): string {
  if (lengthOf(line) <= width) return line;
  const { head, hang, isAlone } = splitHead(line, width);
  const words = wordsOf(line.slice(head.length).trimStart());
  const lines = isAlone
    ? [head, ...fill(words, { first: hang, hang, width })]
    : fill(words, { first: head, hang, width });
  return lines.join('\n');
}

// --- internal ---

/** @param layout `first` stands before the first word, and `hang` before the first word of each further line */
function fill(
  words: readonly string[],
  { first, hang, width }: { first: string; hang: string; width: number },
): string[] {
  const lines: string[] = [];
  let line = first;
  let length = lengthOf(first);
  let isEmpty = true;
  for (const word of words) {
    const added = lengthOf(word);
    if (isEmpty) {
      line += word;
      length += added;
    } else if (length + 1 + added > width) {
      lines.push(line);
      line = hang + word;
      length = hang.length + added;
    } else {
      line += ` ${word}`;
      length += 1 + added;
    }
    isEmpty = false;
  }
  return [...lines, line];
}

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
