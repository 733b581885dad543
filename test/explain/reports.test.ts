/** `explain -o github` and `-o junit`: what they say, and that no text of a manifest breaks out of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/explain/explanation.ts';
import { asGithub, problemAsGithub } from '../../src/explain/github.ts';
import { asJunit } from '../../src/explain/junit.ts';

const place = { file: 'jobs/a.yaml', document: 1, line: 7, kind: 'Job', namespace: 'jobs', name: 'a', path: '' };
const skipped = { ...place, wrapped: false as const, reason: 'not-a-job' as const, sentence: 'why' };

const ending: Explanation = { ...skipped, verdict: 'ends', warnings: [] };
const warned: Explanation = { ...ending, warnings: ['50% of: this, and that'] };
const hanging: Explanation = {
  ...skipped,
  verdict: 'hangs',
  hangs: { sidecars: ['istio-proxy'], sentence: 'istio-proxy keeps it', advice: 'do this' },
  warnings: [],
};
const live: Explanation = {
  ...skipped,
  file: 'stdin',
  verdict: 'hangs',
  live: { state: 'hangs', sentence: 'app exited', advice: 'delete it' },
  warnings: [],
};

describe('-o github', () => {
  it.each([
    ['a,b.yaml:8:1: not valid: a\nb', '::error file=a%2Cb.yaml,line=8,col=1::a,b.yaml:8:1: not valid: a%0Ab'],
    ['stdin:8:1: not valid', '::error::stdin:8:1: not valid'],
    ['a.yaml: no such file or directory', '::error::a.yaml: no such file or directory'],
  ])('shows a problem of the input where it is: %s', (problem, shown) => expect(problemAsGithub(problem)).toBe(shown));

  it.each<[string, Explanation, string[]]>([
    ['nothing of a pod that ends', ending, []],
    [
      'a notice for a warning of one',
      warned,
      ['::notice file=jobs/a.yaml,line=7,title=Job jobs/a::Job jobs/a: 50%25 of: this, and that'],
    ],
    [
      'a warning for one that hangs',
      hanging,
      ['::warning file=jobs/a.yaml,line=7,title=Job jobs/a::Job jobs/a: not-a-job: why; istio-proxy keeps it; do this'],
    ],
    ['no file for standard input', live, ['::warning title=Job jobs/a::Job jobs/a: app exited; delete it']],
  ])('%s', (_, explanation, lines) => {
    const said = asGithub([explanation], [], []).split('\n');
    expect(said.slice(0, -2)).toEqual(lines);
    expect(said.at(-2)).toMatch(/^pods: 1; ends: \d, hangs: \d, cannot be wrapped: 0, not known: 0$/);
  });

  it('escapes what ends a property', () => {
    expect(asGithub([{ ...hanging, file: 'a:b,c%', name: 'x::y' }], [], [])).toMatch(
      /^::warning file=a%3Ab%2Cc%25,line=7,title=Job jobs\/x%3A%3Ay::Job jobs\/x::y: /,
    );
  });
});

const text = fc.string({ unit: 'binary', maxLength: 20 });
const evil = fc.oneof(
  text,
  fc.constantFrom(
    '\n::stop-commands::x',
    '\r::error::',
    '%0A::x',
    '##[stop-commands]x',
    ']]>',
    '"/><x y="',
    '&#0;',
    '\ud800',
    '\ufffe\0',
  ),
);
const hostile = fc
  .record({ file: evil, namespace: evil, name: evil, kind: evil, warning: evil, sentence: evil })
  .map(({ warning, sentence, ...names }): Explanation => ({ ...hanging, ...names, sentence, warnings: [warning] }));

describe('whatever a manifest says', () => {
  it('each line for GitHub is one command of ours', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), evil, (explanations, note) => {
        const lines = asGithub(explanations, [note], []).split(/\r\n|\r|\n/);
        expect(lines.splice(-2)).toEqual([expect.stringMatching(/^pods: /), '']);
        expect(lines).toHaveLength(explanations.length * 2 + 1);
        for (const line of lines) expect(line).toMatch(/^::(warning|notice)( (\w+=[^:,]*,?)+)?::/);
      }),
    );
  });

  it('the XML stays well-formed', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), (explanations) => {
        const xml = asJunit(explanations, []);
        const tags =
          /<(\?xml|\/?(testsuites?|testcase|failure|skipped|system-out))( \w+="[^"<&\n]*(&\w+;|&#\d+;|[^"<&\n])*")*(\/|\?)?>/g;
        const between = xml.replace(tags, '').replace(/&(amp|lt|gt|quot|apos);/g, '');
        expect(between).not.toMatch(/[<>&]/);
        expect(xml.isWellFormed()).toBe(true);
        expect(xml).not.toMatch(/(?![\t\n])[\p{Cc}\ufffe\uffff]/u);
        expect(xml.match(/<testcase /g) ?? []).toHaveLength(explanations.length);
      }),
    );
  });
});

describe('-o junit', () => {
  it('has a suite for each file, and a test case for each pod', () => {
    expect(asJunit([ending, hanging, live], [])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="clockout explain" tests="3" failures="2" skipped="1">
        <testsuite name="jobs/a.yaml" tests="2" failures="1" skipped="1">
          <testcase name="Job jobs/a" classname="jobs/a.yaml" file="jobs/a.yaml" line="7">
            <skipped message="not-a-job"/>
            <system-out>  not wrapped (not-a-job): why</system-out>
          </testcase>
          <testcase name="Job jobs/a (2)" classname="jobs/a.yaml" file="jobs/a.yaml" line="7">
            <failure type="hangs" message="not-a-job: why; istio-proxy keeps it; do this">  not wrapped (not-a-job): why
        HANGS: istio-proxy keeps it; do this</failure>
          </testcase>
        </testsuite>
        <testsuite name="stdin" tests="1" failures="1" skipped="0">
          <testcase name="Job jobs/a" classname="stdin" file="stdin" line="7">
            <failure type="hangs" message="app exited; delete it">  HANGS now: app exited
        delete it
        not wrapped (not-a-job): why</failure>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });
});
