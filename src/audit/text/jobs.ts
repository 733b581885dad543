/** The tables of Jobs and CronJobs in the text of an audit, and the sentences below them. Pure. */

import { nameArguments } from '../../live-status/object-names.ts';
import { readTime } from '../../live-status/times.ts';
import { proxyContainerName } from '../../pod/names.ts';
import { formatAge } from '../../util/age.ts';
import { quoted } from '../../util/called.ts';
import { formatCount } from '../../util/count.ts';
import { type Column, formatTable } from '../../util/table.ts';
import { listed, shortened } from '../../util/text.ts';
import { listCauses, type Report } from '../report.ts';
import { type Fate, fateOrder, type Row } from '../rows.ts';
import {
  adviseOn,
  describeBecause,
  fates,
  formatCpu,
  formatMemory,
  formatObject,
  formatSidecars,
  nowWords,
} from '../words.ts';
import { type Format, painter, type TextOptions, wrap } from './layout.ts';

export function describeHanging({ rows, held, at, namespace, selector }: Report, options: TextOptions): string {
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
  const [advice = '', ...others] = adviseEnds(hanging, { namespace, selector }, options);
  const what = `Their sidecars request ${formatCpu(held.cpu)} CPU and ${formatMemory(held.memory)} of memory. ${advice}`;
  const lines = [what, ...others].map((line) => `${wrap(line, options, '  ')}\n`);
  return `${heading('hangs', hanging.length, options)}${formatTable(columns, hanging, options.width)}${lines.join('')}`;
}

export function describeTrouble({ rows }: Report, options: TextOptions): string {
  return trouble
    .flatMap((fate) => {
      const found = rows.filter((row) => row.fate === fate);
      if (found.length === 0) return [];
      return [heading(fate, found.length, options) + formatTable(chooseColumns(found), found, options.width)];
    })
    .join('\n');
}

export function describeAll({ rows, at }: Report, options: TextOptions): string {
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

/** One sentence for each word of the column WHY. */
export function describeCauses({ rows }: Report, options: TextOptions): string {
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

export function describeRest({ rows, counts }: Report, options: TextOptions): string {
  const rest = fateOrder.filter((fate) => fate !== 'hangs' && !trouble.includes(fate) && counts[fate]);
  if (rest.length === 0) return '';
  const columns: Column<Fate>[] = [
    { title: 'THE REST', cell: (fate) => fates[fate].word },
    { title: 'COUNT', cell: (fate) => formatCount(counts[fate] ?? 0) },
    { title: '', cell: (fate) => meaningOf(fate, rows), least: 20 },
  ];
  return formatTable(columns, rest, options.width);
}

// --- internal ---

/** `--hanging` takes pods of Jobs only: another one may be meant to run on. */
function adviseEnds(
  hanging: readonly Row[],
  { namespace, selector }: Pick<Report, 'namespace' | 'selector'>,
  { called }: TextOptions,
): string[] {
  const where = namespace === null ? ' -A' : ` -n ${quoted(namespace)}`;
  // Without the labels, it would end others, too.
  const which = selector === null ? '' : ` -l ${quoted(selector)}`;
  const pods = hanging.filter(({ kind }) => kind === 'Pod');
  const [first] = pods;
  const them = pods.length === 0 ? 'them' : 'the Jobs';
  return [
    ...(pods.length < hanging.length ? [`To end ${them}: ${called('end')} --hanging${where}${which}`] : []),
    ...(first
      ? [`To end a pod without a Job, name it: ${called('end')} pod/${nameArguments({ metadata: first }) ?? 'NAME'}`]
      : []),
  ];
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

/** On a narrower line, the names would have to be cut. */
const roomForWhy = 110;

/** The Jobs for which there is something to do. */
const trouble: readonly Fate[] = ['refused', 'stripped', 'would-hang', 'unwrappable', 'unreadable', 'opted-out'];

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

/** So many messages of the API server are shown. */
const mostMessages = 10;

function meaningOf(fate: Fate, rows: readonly Row[]): string {
  const converted = rows.filter((row) => row.fate === fate && row.converted).length;
  const by = converted > 0 ? `; Clockout has made ${formatCount(converted)} of them native` : '';
  return `${fates[fate].meaning}${by}`;
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
