/** The rules, one by one. test/e2e/yaml compares them with Kubernetes' own decoder. */
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/manifests/yaml/parse.ts';

const values = (text: string) => {
  const parsed = parseYaml('x.yaml', text);
  return parsed.ok ? parsed.value.documents.map(({ value }) => value) : parsed.problem;
};

const warnings = (text: string) => {
  const parsed = parseYaml('x.yaml', text);
  return parsed.ok ? parsed.value.warnings : parsed.problem;
};

describe('scalars are read as Kubernetes reads them', () => {
  it.each([
    ['12:30', '12:30'],
    ['190:20:30.15', '190:20:30.15'],
    ['2026-11-21', '2026-11-21'],
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z'],
    ['0644', 420],
    ['0o644', 420],
    ['0x1F', 31],
    ['0O17', 15],
    ['0b101', 5],
    ['-0x10', -16],
    ['1_000', 1000],
    ['0x_1', 1],
    ['_1', '_1'],
    ['9223372036854775807', 9223372036854775807n],
    ['18446744073709551616', 2 ** 64],
    ['1e3', 1000],
    ['1e400', '1e400'],
    ['e3', 'e3'],
    ['.', '.'],
    ['..', '..'],
    ['-.', '-.'],
    ['._', '._'],
    ['0x_', '0x_'],
    ['.5', 0.5],
    ['.5_0', 0.5],
    ['yes', true],
    ['off', false],
    ['y', true],
    ['"y"', 'y'],
    ['~', null],
    ['', null],
    ['08', 8],
    ['!!str 12', '12'],
    ['!!int "12"', 12],
    ['!!float 12', 12],
    ['!mine 12', '12'],
    ['! 12', '12'],
    ['!!binary aGk=', 'hi'],
  ])('a: %s', (text, value) => {
    expect(values(`a: ${text}\n`)).toEqual([{ a: value }]);
  });
});

describe('lines are read as Kubernetes reads them', () => {
  it.each([
    [
      'quotes whose lines are indented less',
      'a:\n    b: ["x", "\n  one;\n two\n    "]\n',
      [{ a: { b: ['x', ' one; two '] } }],
    ],
    ['a list whose items stand in the column of the key', 'a:\n  b: [ "x",\n  "y" ]\n', [{ a: { b: ['x', 'y'] } }]],
    ['a list whose end stands in the column of the key', 'a:\n  b: [\n    x\n  ]\n', [{ a: { b: ['x'] } }]],
    ['a plain text of two lines', 'a: x\n  y\n\n  z # c\n', [{ a: 'x y\nz' }]],
    ['an escaped line break', 'a: "x\\\n  y"\n', [{ a: 'xy' }]],
    ['a literal', 'a: |\n  x\n   y\n\nb: |-\n  z\n', [{ a: 'x\n y\n', b: 'z' }]],
    ['a literal that keeps its blank lines', 'a: |+\n  x\n\nb: 1\n', [{ a: 'x\n\n', b: 1 }]],
    ['a literal without a line break at its end', 'a: |\n  x', [{ a: 'x\n' }]],
    ['a folded text', 'a: >\n  x\n  y\n\n  z\n   w\n', [{ a: 'x y\nz\n w\n' }]],
    ['a list that is not indented', 'a:\n- 1\n-\nb: 2\n', [{ a: [1, null], b: 2 }]],
    ['lists in lists', '- - 1\n  - 2\n- a: 1\n  b: 2\n', [[[1, 2], { a: 1, b: 2 }]]],
    ['a key with a question mark', '? a\n: 1\n? b\n', [{ a: 1, b: null }]],
    ['a map in a list in brackets', '[a: 1, {b, "c":2}]\n', [[{ a: 1 }, { b: null, c: 2 }]]],
    ['tabs between tokens', 'a:\t1\t# c\n', [{ a: 1 }]],
    ['CRLF', 'a: |\r\n  x\r\nb: 1\r\n', [{ a: 'x\n', b: 1 }]],
    ['keys that are no texts', 'on: 1\n08: 2\n1.5: 3\n1e6: 4\n', [{ true: 1, 8: 2, 1.5: 3, '1e+06': 4 }]],
    [
      'a key that JavaScript would take for something else',
      '__proto__: {a: 1}\n',
      [JSON.parse('{"__proto__":{"a":1}}')],
    ],
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it('expands anchors, aliases and merge keys, which are merged where they stand', () => {
    const text = 'a: &a {x: 1, z: 2}\nb: *a\nc:\n  <<: *a\n  z: 3\nd:\n  z: 3\n  <<: [*a, {x: 0, w: 0}]\n';
    const a = { x: 1, z: 2 };
    expect(values(text)).toEqual([{ a, b: a, c: { x: 1, z: 3 }, d: { x: 1, w: 0, z: 2 } }]);
  });
});

describe('documents end where kubectl ends them', () => {
  it.each([
    ['\ufeffa: 1\r\n---\r\n---\r\n# only a comment\r\n---\r\nb: 2\r\n...\r\n', [{ a: 1 }, { b: 2 }]],
    ['a: 1\n--- # c\nb: 2\n---#c\nc: 3\n', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ['{"a":1}{"b":"\\/\\ud83d\\ude00"}\n', [{ a: 1 }, { b: '/😀' }]],
    ['{"a":1}\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['{a: 1,}\n---\n{"b": 2}\n', [{ a: 1 }, { b: 2 }]],
  ])('%j', (text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it.each(['', '\n\n', '# nothing here\n', '---\n---\n'])('finds no document in %j', (text) => {
    expect(values(text)).toEqual([]);
  });

  it('warns of what Kubernetes does not read', () => {
    const warning =
      'x.yaml:3:1: warning: Kubernetes does not read what follows in this document; write a line with --- before it';
    expect(warnings('a: 1\n...\nb: 2\n')).toEqual([warning]);
    expect(warnings('a: 1\n...\n# c\n---\nb: 2\n')).toEqual([]);
  });
});

describe('of equal keys the last one wins, with one warning', () => {
  it.each([
    [
      'a: 1\nb: 2\na: 3\n',
      'x.yaml:3:1: warning: the key a is in this map twice, first at 1:1; Kubernetes reads the last one',
    ],
    [
      '{"a": 1,\n "a": 3}',
      'x.yaml:2:2: warning: the key a is in this map twice, first at 1:2; Kubernetes reads the last one',
    ],
    [
      'a:\na: 2\na: 3\n',
      'x.yaml:3:1: warning: the key a is in this map twice, first at 1:1; Kubernetes reads the last one',
    ],
  ])('%j', (text, warning) => {
    expect(warnings(text)).toEqual([warning]);
    expect(values(text)).toMatchObject([{ a: 3 }]);
  });

  it.each(['  name:\n', '  name:   \n', '  name:   # none\n', '  name: ~\n', '  name:\n\n  # of the labels\n'])(
    'is named with its own place behind the value of nothing in %j',
    (empty) => {
      const text = `metadata:\n  labels: {a: b}\n${empty}  labels: {a: c}\n`;
      const line = text.split('\n').length - 1;
      expect(warnings(text)).toEqual([
        `x.yaml:${line}:3: warning: the key labels is in this map twice, first at 2:3; Kubernetes reads the last one`,
      ]);
      expect(values(text)).toEqual([{ metadata: { name: null, labels: { a: 'c' } } }]);
    },
  );

  it('says that it may be any of keys that become equal only in JSON', () => {
    expect(warnings('1: a\n"1": b\n')).toEqual([
      'x.yaml:2:1: warning: the key 1 is in this map twice, first at 1:1; Kubernetes reads either of them',
    ]);
  });

  it('is not said of keys over a merge key, nor of copies', () => {
    expect(warnings('a: &a {x: 1, x: 2}\nb: *a\nc:\n  <<: *a\n  x: 3\n')).toHaveLength(1);
  });

  it('is said of ten keys at most', () => {
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}: 1\n`).join('');
    expect(warnings(keys + keys)).toHaveLength(11);
    expect(warnings(keys + keys).at(-1)).toBe('x.yaml: warning: 2 more keys are in their map twice');
  });
});

describe('what is wrong is said with file, line and column, what was expected and found, and what to do', () => {
  it.each([
    ['a: 1\nb: [1\nc: 2', '3:2', 'expected "," or "]", found ":"; add it, or put the value before it in quotes'],
    ['a:\n\t- 1\n', '2:1', 'expected a key or a value here, found a tab, which cannot start one; indent with spaces'],
    ['a: 1\nb: *c\n', '2:4', 'expected an anchor &c before this alias, found none; add it, or put the value in quotes'],
    ['a:\n  <<: text\n', '2:7', 'expected a map after the merge key <<, found something else; write a map'],
    ['a: "x\n', '1:4', 'expected a closing quote for the one here, found the end of the document; add it'],
    ['ok: 1\n---\nb: }\n', '3:4', 'expected a value, found "}"; add it, or put the value in quotes'],
    ['a: b: c\n', '1:5', 'expected no second colon and space in this value, found one; put the value in quotes'],
    ['a: - b\n', '1:4', 'expected a value here, found "-", which starts a list; start the list on a line of its own'],
    ['a: @b\n', '1:4', 'expected a key or a value here, found "@", which cannot start one; put the value in quotes'],
    ['a: 1\n b: 2\n', '2:3', 'expected no second colon'],
    ['a: 1\nb\n', '2:1', 'expected a key with a colon and a space after it, on one line, found none'],
    ['a: 1\nb:\n  - 1\n  c: 2\n', '4:3', 'expected the next "- " of this list, found'],
    ['a: "\\/"\n', '1:5', 'expected an escape such as \\n or \\" here, found "/"'],
    ['a: "\\ud83d"\n', '1:5', 'expected a character in 4 hexadecimal digits, found \\ud83d'],
    ['a: |0\n', '1:5', 'expected an indentation of 1 to 9 after the | or >, found 0'],
    ['a: | x\n', '1:6', 'expected the end of the line after | or >, found "x"'],
    ['a: !!int x\n', '1:10', 'expected a whole number after !!int, found "x"'],
    ['a: .nan\n', '1:4', 'expected a number that JSON has, found .nan; put it in quotes'],
    ['null: 1\n', '1:1', 'expected a text as key, found null; put the key in quotes'],
    ['a: \u0007\n', '1:4', 'expected text, found the control character U+0007'],
    ['a: 1\n--- b\n', '2:1', 'expected nothing but a comment after ---, found "b"; put it on the next line'],
    [
      '%YAML 1.1\n---\na: 1\n',
      '2:1',
      'expected "---" after the directives, found the end of the document; kubectl reads no',
    ],
    ['&a [*a]\n', '1:5', 'expected an alias of something else, found *a inside of &a'],
    ['{"a": 1e400}', '1:7', 'expected a number that fits into 64 bits, found 1e400; write it as a string'],
    ['{"a": [-1e999], "b": 1}', '1:8', 'expected a number that fits into 64 bits, found -1e999'],
    ['{"a":1}{"b":2}{"c" 3}', '1:20', 'expected ":", found "3"'],
    ['['.repeat(100_000), '1:251', 'expected at most 250 levels, found more'],
    ['- '.repeat(5_000), '1:501', 'expected at most 250 levels, found more'],
    [`{"a":${'['.repeat(100_000)}`, '1:', 'expected at most 250 levels, found'],
  ])('%.40j', (text, place, sentence) => {
    expect(values(text)[0]).toMatch(`x.yaml:${place}`);
    expect(values(text)[0]).toMatch(`: this is not valid YAML: ${sentence}`);
  });

  it.each([
    'name: {{ .Release.Name }}\n',
    'a:\n  - {{ x }}\n',
    '{{ if .Values.job }}\na: 1\n{{ end }}\n',
    '[a]: 1 # {{ x }}\n',
  ])('takes a template that was not rendered for what it is: %j', (text) => {
    const [problem, hint] = values(text);
    expect(problem).toMatch(/^x\.yaml:\d+:\d+: /);
    expect(hint).toBe('It looks like a template: render it first, for example with `helm template`.');
  });
});

describe('a bomb of aliases is not expanded', () => {
  const line = (i: number) =>
    `a${i}: &a${i} [${Array(10)
      .fill(`*a${i - 1}`)
      .join(', ')}]`;
  const bomb = (first: string) => [`a0: &a0 ${first}`, ...Array.from({ length: 12 }, (_, i) => line(i + 1))].join('\n');
  it.each([
    ['of many', bomb('[lol]')],
    ['of a long text', `a: &a ${'x'.repeat(1_000_000)}\nb: [${Array(20).fill('*a').join(', ')}]\n`],
    [
      'of merge keys',
      `a0: &a0 {x: 1}\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}]}`).join('\n')}\n`,
    ],
  ])('%s', (_, text) => {
    expect(values(text)[0]).toMatch(/^x\.yaml:\d+:\d+: .* expected aliases that stand for less, found too many copies/);
  });
});
