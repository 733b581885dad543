/** Tables of a terminal, as kubectl prints them: names of columns in capitals, three spaces between columns. Pure. */
import { shortened } from './text.ts';

export type Column<Row> = {
  /** In capitals. */
  title: string;
  /** Untrusted text is cleaned, and cut to the width of the column. */
  cell: (row: Row) => string;
  /** How narrow the column may become where the terminal is too narrow; undefined: it is never cut. */
  least?: number;
  /** Changes how a cell is shown, but not how wide it is. */
  paint?: (text: string, row: Row) => string;
};

/**
 * @param width how many characters a line of the terminal has; undefined: as many as are needed
 * @returns lines with their ends; the widest columns that may be cut are cut first
 */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const texts = rows.map((row) => columns.map(({ cell }) => shortened(cell(row), mostCharacters) || none));
  const natural = columns.map(({ title }, at) => Math.max(title.length, ...maxima(texts, at)));
  const widths = width === undefined ? natural : shrink(columns, natural, width);
  const line = (cells: readonly string[], row?: Row) =>
    cells
      .map((text, at) => {
        const shown = shortened(text, widths[at] ?? 0);
        const paint = columns[at]?.paint;
        const painted = row === undefined || !paint ? shown : paint(shown, row);
        return at === cells.length - 1 ? painted : painted + ' '.repeat((widths[at] ?? 0) - shown.length + gap);
      })
      .join('');
  return [line(columns.map(({ title }) => title)), ...texts.map((cells, at) => line(cells, rows[at]))]
    .map((text) => `${text.trimEnd()}\n`)
    .join('');
}

// --- internal ---

const gap = 3;

/** kubectl's own word for a cell without a value. */
const none = '<none>';

/** Of one cell, however wide the terminal is. */
const mostCharacters = 1000;

/** The widest cell of a column, in an array as Math.max has a limit of arguments. */
const maxima = (texts: readonly string[][], at: number): number[] => [
  texts.reduce((most, cells) => Math.max(most, cells[at]?.length ?? 0), 0),
];

/** Takes a character from the widest column that may be cut, as long as the line is too long. */
function shrink<Row>(columns: readonly Column<Row>[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const least = columns.map((column, at) => Math.max(column.least ?? natural[at] ?? 0, column.title.length));
  const spare = (at: number) => ((widths[at] ?? 0) > (least[at] ?? 0) ? (widths[at] ?? 0) : 0);
  let over = widths.reduce((sum, each) => sum + each + gap, -gap) - width;
  for (; over > 0; over--) {
    const widest = widths.reduce((best, _, at) => (spare(at) > spare(best) ? at : best), 0);
    if (spare(widest) === 0) break;
    widths[widest] = spare(widest) - 1;
  }
  return widths;
}
