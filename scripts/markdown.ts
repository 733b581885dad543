/** What all generated documents share. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A document as it is and as it should be; `file` is relative to the project. */
export type Rendered = { file: string; current: string; rendered: string };

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

/** Brings documents up to date, and says of each whether it was. */
export function writeRendered(documents: Rendered[]): void {
  for (const { file, current, rendered } of documents) {
    if (current !== rendered) writeFileSync(join(import.meta.dirname, '..', file), rendered);
    console.log(`${file}: ${current === rendered ? 'up to date' : 'written'}`);
  }
}
