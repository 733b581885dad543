/** An audit for a terminal: the verdict, what hangs, what would, and how the rest stands. Pure. */

import { readTime } from '../explain/live-times.ts';
import { proxyContainerName } from '../pod/names.ts';
import { paint } from '../util/paint.ts';
import { type Column, formatTable } from '../util/table.ts';
import { listed, shortened } from '../util/text.ts';
import { describeNativeLines } from './native.ts';
import type { Preview } from './preview.ts';
import { listCauses, type Report } from './report.ts';
import { type Fate, fateOrder, type Row } from './rows.ts';
import {
  adviseOn,
  describeBecause,
  fates,
  formatAge,
  formatCount,
  formatCpu,
  formatMemory,
  formatObject,
  formatSidecars,
  nowWords,
  plural,
} from './words.ts';

export type TextOptions = {
  color: boolean;
  /** Of a line; undefined: as many characters as are needed. */
  width: number | undefined;
  /** Every row, with every column. */
  wide: boolean;
};

export function auditText(report: Report, options: TextOptions): string {
  const sections = [
    describeVerdict(report, options),
    options.wide ? describeAll(report, options) : describeHanging(report, options),
    options.wide ? '' : describeTrouble(report, options),
    describeCauses(report, options),
    options.wide ? '' : describeRest(report, options),
    describeNativeState(report, options),
    describeAdded(report, options),
    report.preview ? describePreview(report.preview, options) : '',
    describeGaps(report, options),
  ];
  return sections.filter(Boolean).join('\n');
}

// --- internal ---

type Format = Parameters<typeof paint>[0];

const painter =
  ({ color }: TextOptions) =>
  (format: Format, text: string) =>
    color ? paint(format, text) : text;

const verdictColor: Record<Report['verdict']['kind'], Format> = {
  needed: 'yellow',
  'could-be-native': 'cyan',
  'safe-to-remove': 'green',
  'not-needed': 'green',
  unknown: 'yellow',
};

function describeVerdict({ verdict, partial, installation, namespace }: Report, options: TextOptions): string {
  const show = painter(options);
  const where = namespace === null ? 'all namespaces' : `the namespace ${shortened(namespace, 63)}`;
  const what = installation
    ? `installed: mode ${installation.mode}, strategy ${installation.strategy ?? 'not known'}`
    : 'not installed';
  return [
    ...(partial ? [show('red', wrap('PARTIAL: not everything could be read. See the end.', options))] : []),
    wrap(`${show(verdictColor[verdict.kind], 'Clockout is')} ${shortened(verdict.sentence, 600)}.`, options),
    wrap(`  ${[`in ${where}`, what].join('; ')}`, options, '  '),
    ...(verdict.reasons.length > 0 ? [wrap(`  ${shortened(verdict.reasons.join(', '), 600)}`, options, '  ')] : []),
    '',
  ].join('\n');
}

const namespaceColumn: Column<Row> = { title: 'NAMESPACE', cell: ({ namespace }) => namespace, least: 10 };
const nameColumn: Column<Row> = { title: 'NAME', cell: formatObject, least: 14 };
const sidecarColumn: Column<Row> = { title: 'SIDECAR', cell: (row) => formatSidecars(row) || '-', least: 11 };
const nowColumn: Column<Row> = { title: 'NOW', cell: ({ now }) => nowWords[now], least: 7 };

const whyColumn: Column<Row> = {
  title: 'WHY',
  cell: (row) => (row.message ? 'see below' : (describeBecause(row) ?? '-')),
  least: 12,
};

const hangColumns = (now: number): Column<Row>[] => [
  { title: 'SINCE', cell: ({ hangs }) => (hangs ? formatAge(now - hangs.since) : '-') },
  { title: 'CODE', cell: ({ hangs }) => (hangs ? `${hangs.code}` : '-') },
  { title: 'CPU', cell: ({ hangs }) => (hangs ? formatCpu(hangs.cpu) : '-') },
  { title: 'MEMORY', cell: ({ hangs }) => (hangs ? formatMemory(hangs.memory) : '-') },
];

function describeHanging({ rows, held, at, namespace }: Report, options: TextOptions): string {
  const hanging = rows.filter(({ fate }) => fate === 'hangs');
  if (hanging.length === 0) return '';
  const hasRoom = options.width === undefined || options.width >= roomForWhy;
  const columns = [
    namespaceColumn,
    nameColumn,
    ...hangColumns(readTime(at) ?? 0),
    sidecarColumn,
    ...(hasRoom ? [whyColumn] : []),
  ];
  const all = namespace === null ? ' -A' : ` -n ${shortened(namespace, 63)}`;
  const end = `Their sidecars request ${formatCpu(held.cpu)} CPU and ${formatMemory(held.memory)} of memory. To end them: clockout end --hanging${all}`;
  return `${heading('hangs', hanging.length, options)}${formatTable(columns, hanging, options.width)}${wrap(end, options)}\n`;
}

/** On a narrower line, the names would have to be cut. */
const roomForWhy = 110;

/** All that somebody should do something about. */
const trouble: readonly Fate[] = ['refused', 'stripped', 'would-hang', 'unwrappable', 'unreadable', 'opted-out'];

function describeTrouble({ rows }: Report, options: TextOptions): string {
  return trouble
    .flatMap((fate) => {
      const found = rows.filter((row) => row.fate === fate);
      if (found.length === 0) return [];
      return [heading(fate, found.length, options) + formatTable(chooseColumns(found), found, options.width)];
    })
    .join('\n');
}

/** A column that says nothing takes room from the names. */
function chooseColumns(rows: readonly Row[]): Column<Row>[] {
  const hasOthers = rows.some((row) => row.sidecars.some((name) => name !== proxyContainerName));
  const hasReasons = rows.some((row) => row.fate !== 'opted-out' && describeBecause(row) !== undefined);
  return [
    namespaceColumn,
    nameColumn,
    nowColumn,
    ...(hasOthers ? [sidecarColumn] : []),
    ...(hasReasons ? [whyColumn] : []),
  ];
}

function describeAll({ rows, at }: Report, options: TextOptions): string {
  if (rows.length === 0) return '';
  const show = painter(options);
  const columns: Column<Row>[] = [
    { title: 'NAMESPACE', cell: ({ namespace }) => namespace },
    { title: 'NAME', cell: formatObject },
    { title: 'FATE', cell: ({ fate }) => fates[fate].word, paint: (text, { fate }) => show(fateColor(fate), text) },
    { title: 'NOW', cell: ({ now }) => nowWords[now] },
    { title: 'PODS', cell: ({ pods }) => `${pods}` },
    ...hangColumns(readTime(at) ?? 0),
    { title: 'SIDECAR', cell: (row) => formatSidecars(row) || '-' },
    { title: 'WHY', cell: (row) => describeBecause(row) ?? '-' },
  ];
  return formatTable(columns, rows);
}

/** So many messages of the API server are shown. */
const mostMessages = 10;

/** One sentence for each word of the column WHY. */
function describeCauses({ rows }: Report, options: TextOptions): string {
  const found = rows.filter(({ fate }) => fate === 'hangs' || trouble.includes(fate));
  const causes = listCauses(found).map(
    ({ because, fate }) => `${describeBecause({ because, fate }) ?? because}: ${adviseOn(because, fate)}`,
  );
  const messages = found.flatMap((row) =>
    row.message ? [`${formatObject(row)}: ${shortened(row.message, 400)}`] : [],
  );
  const lines = [...causes, ...listed(messages, mostMessages)].map((line) => wrap(`  ${line}`, options, '    '));
  if (lines.length === 0) return '';
  return `${painter(options)('bold', 'WHY, AND WHAT HELPS')}\n${lines.map((line) => `${line}\n`).join('')}`;
}

function describeRest({ rows, counts }: Report, options: TextOptions): string {
  const rest = fateOrder.filter((fate) => fate !== 'hangs' && !trouble.includes(fate) && counts[fate]);
  if (rest.length === 0) return '';
  const columns: Column<Fate>[] = [
    { title: 'THE REST', cell: (fate) => fates[fate].word },
    { title: 'COUNT', cell: (fate) => formatCount(counts[fate] ?? 0) },
    { title: '', cell: (fate) => meaningOf(fate, rows), least: 20 },
  ];
  return formatTable(columns, rest, options.width);
}

function meaningOf(fate: Fate, rows: readonly Row[]): string {
  const converted = rows.filter((row) => row.fate === fate && row.converted).length;
  const by = converted > 0 ? `; Clockout has made ${formatCount(converted)} of them native` : '';
  return `${fates[fate].meaning}${by}`;
}

function describeNativeState({ native }: Report, options: TextOptions): string {
  const show = painter(options);
  const marks = { ok: show('green', 'ok '), no: show('yellow', 'no '), unknown: show('yellow', '?  ') };
  const lines = describeNativeLines(native).map(({ kind, text }) =>
    wrap(`  ${marks[kind]} ${shortened(text, 400)}`, options, '      '),
  );
  return lines.length > 0 ? `${show('bold', 'NATIVE SIDECARS FROM ISTIO')}\n${lines.join('\n')}\n` : '';
}

function describeAdded({ addedSidecars }: Report, options: TextOptions): string {
  if (addedSidecars.length === 0) return '';
  const words = { nobody: 'nobody', clockout: 'Clockout', itself: 'itself' };
  const columns: Column<Report['addedSidecars'][number]>[] = [
    { title: 'ADDED BY OTHER WEBHOOKS', cell: ({ name }) => name, least: 23 },
    { title: 'IMAGE', cell: ({ image }) => image, least: 10 },
    { title: 'PODS', cell: ({ pods }) => formatCount(pods) },
    { title: 'ENDED BY', cell: ({ ended }) => words[ended] },
  ];
  return formatTable(columns, addedSidecars, options.width);
}

function describePreview({ mode, strategy, changes, namespaces, lookups }: Preview, options: TextOptions): string {
  const show = painter(options);
  const title = show('bold', `WITH MODE ${mode.toUpperCase()} AND STRATEGY ${strategy.toUpperCase()}`);
  const lines = [
    ...changes.map(
      ({ from, to, count }) =>
        `${plural(count, 'Job or CronJob', 'Jobs and CronJobs')}: ${fates[from].word} -> ${fates[to].word}`,
    ),
    ...(changes.length === 0 ? ['nothing would change'] : []),
    ...(namespaces.length > 0
      ? [
          `in ${plural(namespaces.length, 'namespace')}: ${listSome(namespaces.map(({ namespace, count }) => `${shortened(namespace, 63)} (${count})`))}`,
        ]
      : []),
    lookups.length > 0
      ? `images to look up: ${listSome(lookups.map(({ registry, images }) => `${images} at ${shortened(registry, 100)}`))}`
      : 'no image to look up',
  ];
  return `${title}\n${lines.map((line) => wrap(`  ${line}`, options, '    ')).join('\n')}\n  Pods that exist do not change.\n`;
}

function describeGaps({ problems, notKnown, forbidden }: Report, options: TextOptions): string {
  const lines = [...problems, ...notKnown];
  if (lines.length + forbidden.length === 0) return '';
  const title = painter(options)('bold', 'NOT READ');
  const columns: Column<Report['forbidden'][number]>[] = [
    { title: 'FORBIDDEN NAMESPACE', cell: ({ namespace }) => namespace, least: 19 },
    { title: 'YOU MAY NOT LIST', cell: ({ resources }) => resources.join(', '), least: 16 },
  ];
  return [
    title,
    ...lines.map((line) => wrap(`  ${shortened(line, 600)}`, options, '    ')),
    ...(forbidden.length > 0 ? [formatTable(columns, forbidden, options.width)] : ['']),
  ].join('\n');
}

function heading(fate: Fate, count: number, options: TextOptions): string {
  const { word, meaning } = fates[fate];
  const title = painter(options)(fateColor(fate), `${word.toUpperCase()} (${formatCount(count)})`);
  return `${wrap(`${title}: ${meaning}`, options, '  ')}\n`;
}

function fateColor(fate: Fate): Format {
  if (fate === 'hangs' || fate === 'refused' || fate === 'stripped') return 'red';
  return trouble.includes(fate) ? 'yellow' : 'green';
}

const listSome = (items: readonly string[]): string =>
  items.length > 10 ? `${items.slice(0, 10).join(', ')} and ${items.length - 10} more` : items.join(', ');

/** Breaks a line between words. Colors take no room. */
function wrap(text: string, { width }: TextOptions, indent = ''): string {
  if (width === undefined) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && visibleLength(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colors of paint.ts
const visibleLength = (text: string) => text.replace(/\u001b\[\d+m/g, '').length;
