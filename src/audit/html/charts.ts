/** Pictures of an audit as inline SVG. Pure. */

import { formatCount } from '../../util/count.ts';
import { type Fate, fateOrder } from '../rows.ts';
import { fates } from '../words.ts';
import { type Html, html } from './markup.ts';

/** One bar that shows how many Jobs and CronJobs have which fate, and a legend. */
export function fateBar(counts: Partial<Record<Fate, number>>): Html {
  const shown = fateOrder.filter((fate) => fate !== 'finished' && counts[fate]);
  const total = shown.reduce((sum, fate) => sum + (counts[fate] ?? 0), 0);
  let at = 0;
  const parts = shown.map((fate) => {
    const width = ((counts[fate] ?? 0) / total) * barWidth;
    const part = html`<rect class="f-${fate}" x="${round(at)}" y="0" width="${round(Math.max(width - gap, 1))}" height="28"><title>${fates[fate].word}: ${formatCount(counts[fate] ?? 0)}</title></rect>`;
    at += width;
    return part;
  });
  const legend = shown.map(
    (fate) =>
      html`<li><span class="dot b-${fate}"></span><b>${formatCount(counts[fate] ?? 0)}</b> ${fates[fate].word}<small>${fates[fate].meaning}</small></li>`,
  );
  return html`<svg class="fates" viewBox="0 0 ${barWidth} 28" preserveAspectRatio="none" role="img" aria-label="How many Jobs and CronJobs have which fate">${parts}</svg>
<ul class="legend">${legend}</ul>`;
}

export type Bar = { name: string; value: number; label: string };

/** Bars with a name before them and a label after them, the longest as long as there is room. */
export function bars(all: readonly Bar[], most = 10): Html {
  const longest = Math.max(...all.map(({ value }) => value), 0);
  const rows = all
    .slice(0, most)
    .map(
      ({ name, value, label }) =>
        html`<tr><th scope="row">${name}</th><td><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="bar" width="${round(longest > 0 ? (value / longest) * 100 : 0)}" height="10"/></svg></td><td class="n">${label}</td></tr>`,
    );
  const rest = all.length > most ? html`<p class="more">and ${formatCount(all.length - most)} more</p>` : html``;
  return html`<table class="bars">${rows}</table>${rest}`;
}

// --- internal ---

const barWidth = 1000;
const gap = 2;

const round = (number: number) => Math.round(number * 100) / 100;
