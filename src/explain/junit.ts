/** Explanations as JUnit's XML: a suite for each file or cluster, and a test case for each pod. Pure. */
import { groupBy } from '../util/group-by.ts';
import { printable } from '../util/text.ts';
import type { Explanation } from './explanation.ts';
import { detailsOf, faultsOf, type NotLookedAt, sourceOf, titleOf } from './summary.ts';

/** @see https://github.com/testmoapp/junitxml for the attributes that CI systems read */
export function asJunit(explanations: readonly Explanation[], open: readonly NotLookedAt[]): string {
  const [suites, opens] = [groupBy(explanations, sourceOf), groupBy(open, ({ file }) => file)];
  const files = [...new Set([...suites.keys(), ...opens.keys()])];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'clockout explain', ...count(explanations, open) })}>`,
    ...files.flatMap((file) => suiteLines(file, suites.get(file) ?? [], opens.get(file) ?? [])),
    '</testsuites>',
    '',
  ].join('\n');
}

// --- internal ---

const count = (of: readonly Explanation[], open: readonly NotLookedAt[]) => ({
  tests: of.length + open.length,
  failures: of.filter(({ verdict }) => verdict !== 'ends').length + open.length,
  skipped: of.filter(isSkipped).length,
});

/** Clockout has nothing to do with it. */
const isSkipped = (explanation: Explanation) => explanation.verdict === 'ends' && 'reason' in explanation;

function suiteLines(file: string, of: readonly Explanation[], open: readonly NotLookedAt[]): string[] {
  const seen = new Map<string, number>();
  // CI systems take test cases of the same name for one.
  const unique = (title: string) => {
    const times = (seen.get(title) ?? 0) + 1;
    seen.set(title, times);
    return times === 1 ? title : `${title} (${times})`;
  };
  return [
    `  <testsuite${attributes({ name: file, ...count(of, open) })}>`,
    ...of.flatMap((explanation) => caseLines(explanation, unique(titleOf(explanation)))),
    ...open.flatMap(({ title, says }) => [
      `    <testcase${attributes({ name: unique(printable(title)), classname: file, file })}>`,
      `      <failure${attributes({ type: 'unknown', message: says })}/>`,
      '    </testcase>',
    ]),
    '  </testsuite>',
  ];
}

function caseLines(explanation: Explanation, name: string): string[] {
  const { verdict } = explanation;
  const [faults, details] = [faultsOf(explanation), detailsOf(explanation)];
  const text = escapeXml(details.join('\n'));
  const result =
    verdict === 'ends'
      ? [
          ...('reason' in explanation ? [`      <skipped${attributes({ message: explanation.reason })}/>`] : []),
          `      <system-out>${text}</system-out>`,
        ]
      : [`      <failure${attributes({ type: verdict, message: faults.join('; ') })}>${text}</failure>`];
  const place = 'file' in explanation ? { file: explanation.file, line: explanation.line } : {};
  return [
    `    <testcase${attributes({ name, classname: sourceOf(explanation), ...place })}>`,
    ...result,
    '    </testcase>',
  ];
}

const attributes = (of: Record<string, string | number>): string =>
  Object.entries(of)
    .map(([name, value]) => ` ${name}="${escapeXml(`${value}`).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('');

/** Characters that XML 1.0 allows nowhere, also not escaped, or discourages: C1 and DEL. @see https://www.w3.org/TR/xml/#charsets */
const forbidden = /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(forbidden, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
