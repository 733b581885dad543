/** An audit as one page for those who decide: the verdict first. It needs nothing from outside. Pure. */

import { createHash } from 'node:crypto';
import { readTime } from '../../live-status/times.ts';
import { formatAge } from '../../util/age.ts';
import { formatCount } from '../../util/count.ts';
import { groupBy } from '../../util/group-by.ts';
import { describeScope } from '../../util/scope.ts';
import { describeNativeLines } from '../native.ts';
import { listCauses, type Report } from '../report.ts';
import { subjectOf } from '../verdict.ts';
import {
  adviseOn,
  describeBecause,
  describeInstallations,
  fates,
  formatCpu,
  formatMemory,
  formatObject,
} from '../words.ts';
import { type Bar, bars, fateBar } from './charts.ts';
import { type Html, html, trusted } from './markup.ts';
import { rowsTable } from './rows-table.ts';
import { script } from './script.ts';
import { style } from './style.ts';

export function auditPage(report: Report): string {
  const now = readTime(report.at) ?? 0;
  const title = `Clockout audit: ${describeScope(report.namespace?.split(','), report.selector)}`;
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hash(style)}'; script-src '${hash(script)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${report.partial ? html`<p class="partial">This result is partial: not everything could be read. What is missing is at the end of the page.</p>` : nothing}
${writeVerdict(report)}
${writeTiles(report, now)}
${card('What becomes of Jobs and CronJobs', fateBar(report.counts))}
${writeHeld(report, now)}
${writeCauses(report)}
${writeNative(report)}
${writeAdded(report)}
${writePreview(report)}
${card('All Jobs and CronJobs', rowsTable(report.rows, now))}
${writeGaps(report)}
</main>
<script>${trusted(script)}</script>
</body>
</html>`.html
  }\n`;
}

// --- internal ---

const nothing = html``;

const hash = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const card = (title: string, content: Html): Html => html`<section><h2>${title}</h2>
${content}</section>`;

function writeVerdict({ verdict, horizon, installations, installationKnown, namespace, selector, at }: Report): Html {
  const where = describeScope(namespace?.split(','), selector);
  const known = describeInstallations(installations, installationKnown);
  const state = known === undefined ? 'Whether Clockout is installed is not known' : `Clockout is ${known}`;
  return html`<div class="verdict v-${verdict.kind}">
<p class="kicker">Clockout audit of ${where}, ${at.replace('T', ' ').slice(0, 16)} UTC</p>
<h1>${subjectOf(verdict)} ${verdict.sentence}</h1>
<p class="soft">${state}.</p>
${(horizon?.sentences ?? []).map((sentence) => html`<p class="soft">${sentence}</p>`)}
<ul class="chips">${verdict.reasons.map((each) => html`<li>${each}</li>`)}</ul>
</div>`;
}

function writeTiles({ rows, held }: Report, now: number): Html {
  const hanging = rows.flatMap(({ hangs }) => hangs ?? []);
  if (hanging.length === 0) return nothing;
  const longest = now - Math.min(...hanging.map(({ since }) => since));
  const hours = hanging.reduce((sum, { memory, since }) => sum + (memory / 1024 ** 3) * ((now - since) / 3_600_000), 0);
  const tiles = [
    [formatCount(held.pods), held.pods === 1 ? 'pod hangs now' : 'pods hang now'],
    [formatAge(longest), 'since the first of them ended'],
    [formatCpu(held.cpu), 'CPU that they hold'],
    [formatMemory(held.memory), 'memory that they hold'],
    [formatCount(Math.round(hours * 10) / 10), 'GiB-hours held since their apps ended'],
  ];
  return html`<div class="tiles">${tiles.map(([value, text]) => html`<div class="tile"><b>${value}</b><span>${text}</span></div>`)}</div>`;
}

/** Where time and memory go. */
function writeHeld({ rows }: Report, now: number): Html {
  const hanging = rows.flatMap((row) => (row.hangs ? [{ ...row, hangs: row.hangs }] : []));
  if (hanging.length === 0) return nothing;
  const times: Bar[] = hanging.map((row) => ({
    name: `${row.namespace} ${formatObject(row)}`,
    value: now - row.hangs.since,
    label: formatAge(now - row.hangs.since),
  }));
  const memory: Bar[] = [...groupBy(hanging, ({ namespace }) => namespace)]
    .map(([name, group]) => ({ name, value: group.reduce((sum, { hangs }) => sum + hangs.memory, 0) }))
    .sort((a, b) => b.value - a.value)
    .map((bar) => ({ ...bar, label: formatMemory(bar.value) }));
  return html`<div class="pair">${card('Where time goes: hanging since the apps ended', bars(times))}${card('Where memory goes: requested by what hangs, by namespace', bars(memory))}</div>`;
}

function writeCauses({ rows }: Report): Html {
  const causes = listCauses(rows.filter(({ fate }) => fate !== 'native' && fate !== 'outside' && fate !== 'finished'));
  if (causes.length === 0) return nothing;
  const lines = causes.map(
    ({ because, fate, count }) =>
      html`<li class="no"><b>${describeBecause({ because, fate }) ?? because}</b> (${formatCount(count)}): ${adviseOn(because, fate)}</li>`,
  );
  return card('Why, and what helps', html`<ul class="checks">${lines}</ul>`);
}

function writeNative({ native }: Report): Html {
  const lines = describeNativeLines(native).map(({ kind, text }) => html`<li class="${kind}">${text}</li>`);
  return lines.length > 0
    ? card('What native sidecars from Istio need', html`<ul class="checks">${lines}</ul>`)
    : nothing;
}

function writeAdded({ addedSidecars }: Report): Html {
  if (addedSidecars.length === 0) return nothing;
  const words = { nobody: 'nobody', clockout: 'Clockout', itself: 'itself' };
  const rows = addedSidecars.map(
    ({ name, image, ended, pods, namespaces }) =>
      html`<tr><td>${name}</td><td>${image}</td><td>${words[ended]}</td><td class="n">${formatCount(pods)}</td><td class="n">${formatCount(namespaces)}</td></tr>`,
  );
  const head = html`<tr><th scope="col">Container</th><th scope="col">Image</th><th scope="col">Ended by</th><th scope="col" class="n">Pods</th><th scope="col" class="n">Namespaces</th></tr>`;
  return card(
    'Sidecars that other webhooks add',
    html`<div class="scroll"><table class="list"><thead>${head}</thead><tbody>${rows}</tbody></table></div>`,
  );
}

function writePreview({ preview }: Report): Html {
  if (!preview) return nothing;
  const { mode, strategy, changes, namespaces, lookups } = preview;
  const lines = [
    ...changes.map(
      ({ from, to, count }) => html`<li><b>${formatCount(count)}</b> ${fates[from].word} → ${fates[to].word}</li>`,
    ),
    ...(changes.length === 0 ? [html`<li>nothing would change</li>`] : []),
    html`<li>${lookups.length > 0 ? `images to look up: ${lookups.map(({ registry, images }) => `${images} at ${registry}`).join(', ')}` : 'no image to look up'}</li>`,
  ];
  const where: Bar[] = namespaces.map(({ namespace, count }) => ({
    name: namespace,
    value: count,
    label: formatCount(count),
  }));
  return card(
    `With mode ${mode} and strategy ${strategy}`,
    html`<p class="soft">For new pods; pods that exist do not change.</p><ul>${lines}</ul>${where.length > 0 ? bars(where) : nothing}`,
  );
}

function writeGaps({ problems, notKnown, forbidden }: Report): Html {
  const lines = [
    ...problems,
    ...notKnown,
    ...forbidden.map(({ namespace, resources }) => `namespace ${namespace}: you may not list ${resources.join(', ')}`),
  ];
  if (lines.length === 0) return nothing;
  return card('Not read', html`<ul class="checks">${lines.map((each) => html`<li class="unknown">${each}</li>`)}</ul>`);
}
