import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseYaml } from '../../../src/manifests/yaml/parse.ts';
import { printYaml } from '../../../src/manifests/yaml/print.ts';
import { numRuns } from '../../support/runs.ts';

const print = (value: unknown) => printYaml(value, { indent: 2, indentSeq: false, literals: true });

const values = (text: string) => {
  const parsed = parseYaml('x.yaml', text);
  return parsed.ok ? parsed.value.documents.map(({ value }) => value) : parsed.problem;
};

it.each([
  '12:30',
  '0644',
  '0o17',
  '0B11',
  '.5_0',
  '1e3_0',
  'y',
  'on',
  'null',
  '~',
  '2026-11-21',
  '1e3',
  '- a',
  'a: b',
  'a #b',
  ' a',
  '',
])('quotes %j, which some reader would take for something else', (text) => {
  expect(print([text])).toMatch(/^- ["']/);
  expect(values(print([text]))).toEqual([[text]]);
});

it('writes scripts so that they can be read', () => {
  expect(print({ run: 'set -e\n  x "$1"\n' })).toBe('run: |\n  set -e\n    x "$1"\n');
});

it.each(['a\u2028b', 'a\u0085b', '\ufeffa', 'a\u007fb', 'a\r\nb', 'a\u0000b'])(
  'escapes what breaks lines or is not allowed: %j',
  (text) => {
    expect(print([text])).toMatch(/^[\n -~]*$/);
    expect(values(print([text]))).toEqual([[text]]);
  },
);

it('prints what reads back as the same, white space and all', () => {
  const unit = fc.constantFrom(...' \n\ta#:-"\'\\|\r\u2028\u0007%0.x_', '😀');
  const [key, text] = [fc.string({ unit, maxLength: 5 }), fc.string({ unit, maxLength: 12 })];
  const inner = fc.oneof(fc.array(text), fc.dictionary(key, text, { maxKeys: 2 }));
  const value = fc.dictionary(key, inner, { maxKeys: 2 });
  const style = fc.record({
    indent: fc.integer({ min: 1, max: 8 }),
    indentSeq: fc.boolean(),
    literals: fc.boolean(),
  });
  const law = fc.property(value, style, (given, how) => {
    expect(values(printYaml(given, how))).toEqual([given]);
  });
  fc.assert(law, { numRuns: numRuns(500) });
});
