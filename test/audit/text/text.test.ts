import { describe, expect, it } from 'vitest';
import { auditText } from '../../../src/audit/text/text.ts';
import { formatCpu, formatMemory } from '../../../src/audit/words.ts';
import { formatAge } from '../../../src/util/age.ts';
import { asClockout } from '../../../src/util/called.ts';
import { hostileReport, mixedReport } from '../reports.ts';

const show = (width: number | undefined, report = mixedReport, color = false) =>
  auditText(report, { color, width, wide: false, called: asClockout });
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colors of paint.ts
const colors = /\u001b\[\d+m/g;

describe('an audit in a terminal', () => {
  it('says what there is to know', () => expect(show(80)).toMatchFileSnapshot('testdata/table.txt'));
  it('shows all rows where they are asked for', () =>
    expect(auditText(mixedReport, { color: false, width: 160, wide: true, called: asClockout })).toMatchFileSnapshot(
      'testdata/wide.txt',
    ));

  it.each([80, 100, 160])('fits %i columns', (width) => {
    for (const line of show(width).split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  it('names a pod without a Job, which --hanging leaves as it is', () => {
    const hangs = mixedReport.rows.filter(({ fate }) => fate === 'hangs');
    const pod = { ...hangs[0], kind: 'Pod', namespace: 'shop', name: 'alone' } as const;
    const ends = (rows: readonly object[]) =>
      show(undefined, { ...mixedReport, rows } as typeof mixedReport).match(/To end .+/g);
    const named = 'To end a pod without a Job, name it: clockout end pod/alone -n shop';
    expect(ends(hangs)).toEqual(['To end them: clockout end --hanging -A']);
    expect(ends([pod])).toEqual([named]);
    expect(ends([...hangs, pod])).toEqual(['To end the Jobs: clockout end --hanging -A', named]);
  });

  it('says in a sentence that the verdict is not known', () => {
    const sentence = 'not known in the namespace shop: there is no Job';
    const verdict = { kind: 'unknown' as const, sentence, reasons: [] };
    expect(show(undefined, { ...mixedReport, verdict })).toContain(
      'Whether Clockout is needed is not known in the namespace shop: there is no Job.\n',
    );
  });

  it('has the same text with colors', () => {
    const colored = show(80, mixedReport, true);
    expect(colored.match(colors)?.length).toBeGreaterThan(10);
    expect(colored.replace(colors, '')).toBe(show(80));
  });

  it('shows no text of the cluster that a terminal obeys', () => expect(show(80, hostileReport)).not.toMatch(/\u202e/));
});

describe('numbers', () => {
  it.each([
    [0, '0s'],
    [59_000, '59s'],
    [61_000, '1m1s'],
    [7_200_000, '2h'],
    [9 * 86_400_000 + 3_600_000, '9d1h'],
  ])('%i milliseconds are %s', (age, text) => expect(formatAge(age)).toBe(text));

  it.each([
    [0.1, '100m'],
    [1.25, '1.3'],
  ])('%f CPUs are %s', (cpu, text) => expect(formatCpu(cpu)).toBe(text));

  it.each([
    [128 * 1024 ** 2, '128Mi'],
    [1.5 * 1024 ** 3, '1.5Gi'],
  ])('%i bytes are %s', (bytes, text) => expect(formatMemory(bytes)).toBe(text));
});
