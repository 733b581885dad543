/** The table of all Jobs and CronJobs in the page of an audit. Pure. */

import { formatAge } from '../../util/age.ts';
import { formatCount } from '../../util/count.ts';
import { fateOrder, type Row } from '../rows.ts';
import { describeBecause, fates, formatCpu, formatMemory, formatObject, formatSidecars, nowWords } from '../words.ts';
import { type Html, html } from './markup.ts';

/** @param now milliseconds since 1970 */
export function rowsTable(rows: readonly Row[], now: number): Html {
  const found = fateOrder.filter((fate) => rows.some((row) => row.fate === fate));
  const options = found.map((fate) => html`<option value="${fate}">${fates[fate].word}</option>`);
  const heads = columns.map(
    ({ title, isNumber }) =>
      html`<th scope="col"${isNumber ? numeric : none}><button type="button">${title}</button></th>`,
  );
  return html`<div class="tools" id="tools" hidden>
<input id="filter" type="search" placeholder="Filter by any word" aria-label="Filter">
<select id="fate" aria-label="Fate"><option value="">every fate</option>${options}</select>
<span class="soft" id="shown" aria-live="polite"></span>
</div>
<div class="scroll"><table class="list" id="rows"><thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((row) => writeRow(row, now))}</tbody></table></div>`;
}

// --- internal ---

const none = html``;
const numeric = html` class="n"`;

const columns = [
  { title: 'Namespace' },
  { title: 'Name' },
  { title: 'Fate' },
  { title: 'Now' },
  { title: 'Pods', isNumber: true },
  { title: 'Since', isNumber: true },
  { title: 'Code', isNumber: true },
  { title: 'CPU', isNumber: true },
  { title: 'Memory', isNumber: true },
  { title: 'Sidecar' },
  { title: 'Why' },
];

function writeRow(row: Row, now: number): Html {
  const { namespace, fate, pods, hangs } = row;
  const numbers = [
    number(pods, formatCount(pods)),
    number(hangs ? now - hangs.since : -1, hangs && formatAge(now - hangs.since)),
    number(hangs?.code ?? -1, hangs && `${hangs.code}`),
    number(hangs?.cpu ?? -1, hangs && formatCpu(hangs.cpu)),
    number(hangs?.memory ?? -1, hangs && formatMemory(hangs.memory)),
  ];
  return html`<tr data-fate="${fate}"><td>${namespace}</td><td class="name">${formatObject(row)}</td><td class="word" data-sort="${fateOrder.indexOf(fate) + 10}"><span class="dot b-${fate}"></span>${fates[fate].word}</td><td class="word">${nowWords[row.now]}</td>${numbers}<td class="side">${formatSidecars(row)}</td><td class="why">${describeBecause(row)}</td></tr>
`;
}

const number = (sort: number, text: string | undefined): Html => html`<td class="n" data-sort="${sort}">${text}</td>`;
