/** Breaks sentences into lines of a terminal. Pure. */

/**
 * @param width of a line, in characters; a longer word has a line of its own
 * @param indent before every line but the first
 */
export function wrapText(text: string, width: number, indent = ''): string {
  let [lines, line] = ['', ''];
  for (const word of text.split(' ')) {
    const start = lines === '' ? 0 : indent.length;
    if (line !== '' && start + line.length + 1 + word.length > width) {
      lines += `${lines === '' ? '' : `\n${indent}`}${line}`;
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return `${lines}${lines === '' ? '' : `\n${indent}`}${line}`;
}
