/** Puts lines for a terminal together from text that others have written. Pure. */
import { printable } from '../util/text.ts';

export type Paint = (format: 'bold' | 'green' | 'yellow' | 'red' | 'dim', text: string) => string;

/** Text that has its color. In all other text of a line, nothing is left that a terminal obeys. */
export type Painted = { readonly painted: string };
export type Brush = (...of: Parameters<Paint>) => Painted;

export const brushWith =
  (paint: Paint): Brush =>
  (format, text) => ({ painted: paint(format, printable(text)) });

export const line = (texts: TemplateStringsArray, ...values: readonly (string | number | Painted)[]): string =>
  String.raw(
    { raw: texts },
    ...values.map((value) => (typeof value === 'object' ? value.painted : printable(`${value}`))),
  );
