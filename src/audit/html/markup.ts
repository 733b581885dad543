/** HTML as text in which every value from a cluster is escaped. Pure. */
import { shortened } from '../../util/text.ts';

/** Text that is HTML already. Only `html` and `trusted` make it. */
export type Html = { readonly html: string };

type Value = Html | string | number | undefined | readonly Html[];

/** A template whose values are escaped, unless they are HTML themselves. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html => ({
  html: parts.map((part, at) => part + (at < values.length ? write(values[at]) : '')).join(''),
});

/** @param text of Clockout's own, never of a cluster */
export const trusted = (text: string): Html => ({ html: text });

// --- internal ---

const longest = 2000;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function write(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return shortened(value, longest).replace(/[&<>"']/g, (found) => entities[found] ?? '');
  if (typeof value === 'number') return `${value}`;
  return 'html' in value ? value.html : value.map((each) => each.html).join('');
}
