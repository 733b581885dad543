/** An audit for a terminal: the verdict, what hangs, what would, and how the rest stands. Pure. */

import { formatCount, plural } from '../../util/count.ts';
import { describeScope } from '../../util/scope.ts';
import { type Column, formatTable } from '../../util/table.ts';
import { listed, shortened } from '../../util/text.ts';
import { describeNativeLines } from '../native.ts';
import type { Preview } from '../preview.ts';
import type { Report } from '../report.ts';
import { subjectOf } from '../verdict.ts';
import { describeInstallations, fates } from '../words.ts';
import { describeAll, describeCauses, describeHanging, describeRest, describeTrouble } from './jobs.ts';
import { type Format, painter, type TextOptions, wrap } from './layout.ts';

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

const verdictColor: Record<Report['verdict']['kind'], Format> = {
  needed: 'yellow',
  'could-be-native': 'cyan',
  'safe-to-remove': 'green',
  'not-needed': 'green',
  unknown: 'yellow',
};

function describeVerdict(report: Report, options: TextOptions): string {
  const { verdict, horizon, partial, installations, installationKnown, namespace, selector } = report;
  const show = painter(options);
  const where = describeScope(namespace?.split(','), selector);
  const what = describeInstallations(installations, installationKnown) ?? 'whether it is installed is not known';
  return [
    ...(partial ? [show('red', wrap('PARTIAL: not everything could be read. See the end.', options))] : []),
    wrap(`${show(verdictColor[verdict.kind], subjectOf(verdict))} ${shortened(verdict.sentence, 600)}.`, options),
    wrap(`  ${[`in ${where}`, what].join('; ')}`, options, '  '),
    ...(verdict.reasons.length > 0 ? [wrap(`  ${shortened(verdict.reasons.join(', '), 600)}`, options, '  ')] : []),
    ...(horizon?.sentences ?? []).map((sentence) => wrap(`  ${shortened(sentence, 1000)}`, options, '  ')),
    '',
  ].join('\n');
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

const listSome = (items: readonly string[]): string => listed(items, 10).join(', ');
