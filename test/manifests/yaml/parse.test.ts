import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml, printYaml } from '../../../src/manifests/yaml/parse.ts';
import { numRuns } from '../../support/runs.ts';

const values = (text: string) => {
  const parsed = parseYaml('x.yaml', text);
  return parsed.ok ? parsed.value.documents.map(({ value }) => value) : parsed.problem;
};

describe('YAML is read as Kubernetes reads it', () => {
  it.each([
    ['12:30', '12:30'],
    ['190:20:30.15', '190:20:30.15'],
    ['2026-11-21', '2026-11-21'],
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z'],
    ['0644', 420],
    ['0o644', 420],
    ['0x1F', 31],
    ['0O17', 15],
    ['1e3', 1000],
    ['e3', 'e3'],
    ['.', '.'],
    ['..', '..'],
    ['-.', '-.'],
    ['._', '._'],
    ['0x_', '0x_'],
    ['.5', 0.5],
    ['.nan', Number.NaN],
    ['yes', true],
    ['off', false],
    ['y', true],
    ['"y"', 'y'],
    ['~', null],
    ['', null],
    ['08', 8],
  ])('a: %s', (text, value) => {
    expect(values(`a: ${text}\n`)).toEqual([{ a: value }]);
  });

  it('expands anchors, aliases and merge keys', () => {
    expect(values('a: &a {x: 1, z: 2}\nb: *a\nc:\n  <<: *a\n  z: 3\n')).toEqual([
      { a: { x: 1, z: 2 }, b: { x: 1, z: 2 }, c: { x: 1, z: 3 } },
    ]);
  });

  it('reads several documents, empty ones, CRLF, a byte order mark and an end mark', () => {
    expect(values('\ufeffa: 1\r\n---\r\n---\r\n# only a comment\r\n---\r\nb: 2\r\n...\r\n')).toEqual([
      { a: 1 },
      null,
      null,
      { b: 2 },
    ]);
  });

  it.each(['', '\n\n', '# nothing here\n'])('finds no document in %j', (text) => {
    expect(values(text)).toEqual([]);
  });
});

it('reads keys as strings', () => {
  expect(values('on: 1\n08: 2\n')).toEqual([{ true: 1, 8: 2 }]);
});

describe('what is wrong is said with file, line and column', () => {
  it.each([
    ['a: 1\nb: [1\nc: 2', /^x\.yaml:3:1: this is not valid YAML: Flow sequence/],
    ['a: 1\nb: 2\na: 3\n', /^x\.yaml:3:1: the key a is in this mapping twice$/],
    ['{"a": 1,\n "a": 2}', /^x\.yaml:2:2: the key "a" is in this mapping twice$/],
    ['a:\n\t- 1\n', /^x\.yaml:2:1: this is not valid YAML: .*[Tt]abs/],
    ['a: 1\nb: *c\n', /^x\.yaml:2:4: the alias \*c has no anchor &c before it$/],
    ['a:\n  <<: text\n', /^x\.yaml:1:1: a merge key \(<<\) takes a map/],
    ['a: "x\n', /^x\.yaml:2:1: this is not valid YAML: Missing closing "quote/],
    ['ok: 1\n---\nb: }\n', /^x\.yaml:3:4: /],
    ['['.repeat(100_000), /^x\.yaml:1:\d+: nested more than 250 levels deep$/],
    ['- '.repeat(5_000), /^x\.yaml:1:\d+: nested more than 250 levels deep$/],
  ])('%.40j', (text, problem) => {
    expect(values(text)[0]).toMatch(problem);
  });

  it('does not expand a bomb of aliases', () => {
    const line = (i: number) =>
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`;
    const bomb = ['a0: &a0 [lol]', ...Array.from({ length: 12 }, (_, i) => line(i + 1))].join('\n');
    expect(values(bomb)).toEqual([
      'x.yaml:1:1: its aliases stand for more than can be expanded (2000 copies of one anchor)',
    ]);
  });

  it('takes a template that was not rendered for what it is', () => {
    expect(values('{{ if .Values.job }}\na: 1\n{{ end }}\n')).toContain(
      'It looks like a template: render it first, for example with `helm template`.',
    );
  });
});

describe('printYaml', () => {
  const print = (value: unknown) => printYaml(value, { indent: 2, indentSeq: false, literals: true });

  it.each(['12:30', '0644', '0o17', 'y', 'on', 'null', '~', '2026-11-21', '1e3', '- a', 'a: b', 'a #b', ' a', ''])(
    'quotes %j, which some reader would take for something else',
    (text) => {
      expect(print([text])).toMatch(/^- ["']/);
      expect(values(print([text]))).toEqual([[text]]);
    },
  );

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
    const unit = fc.constantFrom(
      ' ',
      '\n',
      '\t',
      'a',
      '#',
      ':',
      '-',
      '"',
      "'",
      '\\',
      '|',
      '\r',
      '\u2028',
      '\u0007',
      '%',
      '😀',
    );
    const value = fc.dictionary(fc.string({ unit, maxLength: 5 }), fc.array(fc.string({ unit, maxLength: 12 })), {
      maxKeys: 2,
    });
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
});
