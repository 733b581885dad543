/** Operations made by hand, on sources in every style: what comes out, byte for byte. */
import jsonPatch, { type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { parseManifests } from '../../../src/manifests/find-pods.ts';
import { applyEdits } from '../../../src/manifests/yaml/apply-edits.ts';
import { splice } from '../../../src/manifests/yaml/splice.ts';

function parse(text: string) {
  const parsed = parseManifests('x.yaml', text);
  if (!parsed.ok) throw new Error(`${parsed.problem.join('\n')}\n${text}`);
  const [document] = parsed.value.documents;
  if (!document) throw new Error('no document');
  return document;
}

/** The spliced text, which must say what the patched value says; or why it was declined. */
function run(text: string, operations: Operation[]): string {
  const { node, value: before } = parse(text);
  const after = jsonPatch.applyPatch(before, structuredClone(operations), true, false).newDocument;
  const spliced = splice(text, node, { before, after, operations });
  if (!spliced.ok) return `declined: ${spliced.problem.reason}`;
  const result = applyEdits(text, spliced.value);
  expect(parse(result).value).toEqual(after);
  return result;
}

const set = (path: string, value: unknown): Operation => ({ op: 'add', path, value });
const replace = (path: string, value: unknown): Operation => ({ op: 'replace', path, value });

const remove = (path: string): Operation => ({ op: 'remove', path });

describe('what is removed takes its lines with it, and nothing else', () => {
  it.each([
    ['the last key', 'm:\n  a: 1\n  b: 2 # two\nz: 0\n', '/m/b', 'm:\n  a: 1\nz: 0\n'],
    ['the first key', 'm:\n  a: 1\n  b: 2\n', '/m/a', 'm:\n  b: 2\n'],
    [
      'a key between comments',
      'm:\n  a: 1\n  # of b\n  b: 2\n  # of c\n  c: 3\n',
      '/m/b',
      'm:\n  a: 1\n  # of b\n  # of c\n  c: 3\n',
    ],
    ['a key with rows', 'a: 1\nb:\n  - x\n  - y: |\n      z\nc: 3\n', '/b', 'a: 1\nc: 3\n'],
    ['the first key of the text', 'a: 1\nb: 2\n', '/a', 'b: 2\n'],
    ['the last key of a text without a last line break', 'a: 1\nb: 2', '/b', 'a: 1'],
    ['with CRLF', 'a: 1\r\nb: 2\r\nc: 3\r\n', '/b', 'a: 1\r\nc: 3\r\n'],
    ['the first key of an item', 'l:\n- a: 1\n  b: 2\n', '/l/0/a', 'l:\n- b: 2\n'],
    [
      'the first key of an item, before a comment',
      'l:\n- a: 1\n  # of b\n  b: 2\n',
      '/l/0/a',
      'l:\n- # of b\n  b: 2\n',
    ],
    ['an item', 'l:\n  - a\n  - b: 1\n    c: 2\n  - d\n', '/l/1', 'l:\n  - a\n  - d\n'],
    ['an item below its dash', 'l:\n  - a\n  -\n    b: 1\n  - d\n', '/l/1', 'l:\n  - a\n  - d\n'],
    ['an item behind an anchor', 'l:\n  - a\n  - &x-y\n    b: 1\n  - d\n', '/l/1', 'l:\n  - a\n  - d\n'],
    ['the first item of a list in a list', '- - a\n  - b\n', '/0/0', '- - b\n'],
    ['a flow item', 'l: [a, b , c]\n', '/l/1', 'l: [a , c]\n'],
    ['the first flow item', 'l: [ a, b]\n', '/l/0', 'l: [ b]\n'],
    ['a flow key', '{"a": 1,\n "b": 2,\n "c": 3}', '/b', '{"a": 1,\n "c": 3}'],
    [
      'a key with a comment below its rows, which the literal before it would take in',
      'a: |\n  x\nb:\n  - y\n\n  # of y\n# of c\nc: 3\n',
      '/b',
      'a: |\n  x\n# of c\nc: 3\n',
    ],
    ['a key after a literal that keeps its blank lines', 'a: |+\n  x\n\nb: 2\nc: 3\n', '/b', 'a: |+\n  x\n\nc: 3\n'],
  ])('%s', (_, text, path, expected) => {
    expect(run(text, [remove(path)])).toBe(expected);
  });

  it('several at once, next to what is added and replaced', () => {
    const text = 'm:\n  a: 1\n  b: 2\n  c: {x: 1, w: 2, z: 3}\nl:\n- a\n- b\n- c\n- d\n';
    const operations = [
      remove('/m/a'),
      replace('/m/b', [1]),
      remove('/m/c/w'),
      remove('/m/c/x'),
      set('/m/k', 4),
      remove('/l/3'),
      remove('/l/1'),
      remove('/l/0'),
    ];
    expect(run(text, operations)).toBe('m:\n  b:\n  - 1\n  c: {z: 3}\n  k: 4\nl:\n- c\n');
  });

  it.each([
    ['of a merged key', 'd: &d {a: 1}\nm:\n  <<: *d\n  a: 2\n  b: 3\n', '/m/a', 'would come from elsewhere'],
    ['of a key that is there twice', 'm:\n  a: 1\n  a: 2\n  b: 3\n', '/m/a', 'would come from elsewhere'],
    ['of a key that is only merged', 'd: &d {a: 1}\nm:\n  <<: *d\n  b: 3\n', '/m/a', 'a has no lines of its own'],
    ['inside of what is used elsewhere', 'm: &m {a: 1, b: 2}\nn: *m\n', '/m/a', 'stands for the same lines'],
    ['of what is used elsewhere', 'm: {a: &a 1, b: 2}\nn: *a\n', '/m/a', 'refers to what would be'],
  ])('is declined for the lines %s', (_, text, path, reason) => {
    const { node, value: before } = parse(text);
    const after = jsonPatch.applyPatch(structuredClone(before), [remove(path)]).newDocument;
    const spliced = splice(text, node, { before, after, operations: [remove(path)] });
    expect(spliced).toMatchObject({ ok: false, problem: { reason: expect.stringContaining(reason) } });
  });
});

describe('a key is added to a block map', () => {
  it.each([
    ['after the last one', 'm:\n  a: 1\nz: 0\n', 'm:\n  a: 1\n  b: 2\nz: 0\n'],
    ['in its own indentation', 'm:\n     a: 1\n', 'm:\n     a: 1\n     b: 2\n'],
    ['with CRLF', 'm:\r\n  a: 1\r\n', 'm:\r\n  a: 1\r\n  b: 2\r\n'],
    ['where the text ends without a line break', 'm:\n  a: 1', 'm:\n  a: 1\n  b: 2'],
    ['after an inline comment', 'm:\n  a: 1 # one\nz: 0\n', 'm:\n  a: 1 # one\n  b: 2\nz: 0\n'],
    ['before a blank line', 'm:\n  a: 1\n\nz: 0\n', 'm:\n  a: 1\n  b: 2\n\nz: 0\n'],
    ['after a literal', 'm:\n  a: |\n    x\n\nz: 0\n', 'm:\n  a: |\n    x\n  b: 2\n\nz: 0\n'],
    [
      'after a literal that keeps its blank lines',
      'm:\n  a: |+\n    x\n\nz: 0\n',
      'm:\n  a: |+\n    x\n\n  b: 2\nz: 0\n',
    ],
    ['after a folded string', 'm:\n  a: >-\n    x\n    y\n', 'm:\n  a: >-\n    x\n    y\n  b: 2\n'],
    ['after a plain string of two lines', 'm:\n  a: x\n    y\n', 'm:\n  a: x\n    y\n  b: 2\n'],
    ['after a key without a value', 'm:\n  a:\nz: 0\n', 'm:\n  a:\n  b: 2\nz: 0\n'],
    ['after a flow list of several lines', 'm:\n  a: [1,\n    2\n  ] # c\n', 'm:\n  a: [1,\n    2\n  ] # c\n  b: 2\n'],
    [
      'after what is nested',
      'm:\n  a:\n  - 1\n  # of the list\nz: 0\n',
      'm:\n  a:\n  - 1\n  b: 2\n  # of the list\nz: 0\n',
    ],
    [
      'after comments on what is nested',
      'm:\n  a:\n    - 1\n    # - 2\n\nz: 0\n',
      'm:\n  a:\n    - 1\n    # - 2\n  b: 2\n\nz: 0\n',
    ],
    ['before the end of the document', 'm:\n  a: 1\n...\n', 'm:\n  a: 1\n  b: 2\n...\n'],
    ['with a byte order mark', '\ufeffm:\n  a: 1\n', '\ufeffm:\n  a: 1\n  b: 2\n'],
  ])('%s', (_, text, expected) => {
    expect(run(text, [set('/m/b', 2)])).toBe(expected);
  });

  it('in a list, where the first key stands beside the dash', () => {
    expect(run('l:\n- a: 1\n- a: 2 # c\n', [set('/l/0/b', 1), set('/l/1/b', 2)])).toBe(
      'l:\n- a: 1\n  b: 1\n- a: 2 # c\n  b: 2\n',
    );
  });

  it('several at once, on several levels that end on the same line', () => {
    expect(
      run('a:\n  l:\n    - x: 1', [set('/a/l/0/z', 2), set('/a/k', [1]), set('/b', {}), set('/a/l/-', { x: 2 })]),
    ).toBe('a:\n  l:\n    - x: 1\n      z: 2\n    - x: 2\n  k:\n    - 1\nb: {}');
  });

  it('with a key of slashes and tildes', () => {
    expect(run('m:\n  a: 1\n', [set('/m/x.dev~1y~0z', '{"a":1}')])).toBe(`m:\n  a: 1\n  x.dev/y~z: '{"a":1}'\n`);
  });
});

describe('items are added to a block list', () => {
  it.each([
    ['indented under its key', 'l:\n  - 1\nz: 0\n', 'l:\n  - 1\n  - 2\n  - 3\nz: 0\n'],
    ['not indented', 'l:\n- 1\nz: 0\n', 'l:\n- 1\n- 2\n- 3\nz: 0\n'],
    ['with a comment behind the last', 'l:\n- 1 # one\n# z\nz: 0\n', 'l:\n- 1 # one\n- 2\n- 3\n# z\nz: 0\n'],
    ['without a line break at the end', 'l:\n- 1', 'l:\n- 1\n- 2\n- 3'],
    ['with an empty last item', 'l:\n-\n', 'l:\n-\n- 2\n- 3\n'],
    ['of lists', 'l:\n- - 1\n  - 1\n', 'l:\n- - 1\n  - 1\n- 2\n- 3\n'],
  ])('%s', (_, text, expected) => {
    expect(run(text, [set('/l/-', 2), set('/l/-', 3)])).toBe(expected);
  });
});

describe('flow collections stay what they are', () => {
  it.each([
    ['m: {a: 1} # c\n', [set('/m/b', 2)], 'm: {a: 1, "b": 2} # c\n'],
    ['m: { a: 1, }\n', [set('/m/b', [1, { x: null }])], 'm: { a: 1, "b": [1, {"x": null}], }\n'],
    ['{"m":{"a":1}}', [set('/m/b', [1, 2])], '{"m":{"a":1,"b":[1,2]}}'],
    ['{"m": {"a": 1}}', [set('/m/b', [1, 2])], '{"m": {"a": 1, "b": [1, 2]}}'],
    [
      '{\n\t"m": {\n\t\t"a": 1\n\t}\n}\n',
      [set('/m/b', [1])],
      '{\n\t"m": {\n\t\t"a": 1,\n\t\t"b": [\n\t\t\t1\n\t\t]\n\t}\n}\n',
    ],
    ['{\r\n  "m": {}\r\n}', [set('/m/b', 1)], '{\r\n  "m": {\r\n    "b": 1\r\n  }\r\n}'],
    [
      '{\n  "m": {\n    "l": []\n  }\n}',
      [set('/m/l/-', { a: 1 })],
      '{\n  "m": {\n    "l": [\n      {\n        "a": 1\n      }\n    ]\n  }\n}',
    ],
    ['{"m":{"a":"x: y, z"}}', [set('/m/b', [1, 2])], '{"m":{"a":"x: y, z","b":[1,2]}}'],
    ['{"m":{}}', [set('/m/b', 1), set('/m/c', 2)], '{"m":{"b":1,"c":2}}'],
    ['l: [1, 2]\n', [set('/l/-', 3), set('/l/-', 'x: y')], 'l: [1, 2, 3, "x: y"]\n'],
    ['l: [\n  1, # one\n  2 # two\n]\n', [set('/l/-', 3)], 'l: [\n  1, # one\n  2,\n  3 # two\n]\n'],
    ['l: [{a: 1}]\n', [set('/l/0/b', 'a\nb')], 'l: [{a: 1, "b": "a\\nb"}]\n'],
    ['c: ["/a", x] # run\n', [replace('/c', ['/b', '--'])], 'c: ["/b", "--"] # run\n'],
    ['c: [\n  "/a",\n  x]\n', [replace('/c', ['/b'])], 'c: ["/b"]\n'],
    ['{m: {\n  a: # c\n}}', [set('/m/b', 1)], '{m: {\n  a: ,\n  "b": 1 # c\n}}'],
    ['{m: {a: # c\n}}', [replace('/m/a', 1)], '{m: {a: 1 # c\n}}'],
    ['m:\n  a: # c\n', [replace('/m/a', 1)], 'm:\n  a: 1 # c\n'],
    ['{m: {a: , b: 1}}', [replace('/m/a', 'x')], '{m: {a: "x" , b: 1}}'],
    ['{\n "c": [\n  "/a"\n ]\n}', [replace('/c', ['/b', 'c'])], '{\n "c": [\n  "/b",\n  "c"\n ]\n}'],
  ])('%j', (text, operations, expected) => {
    expect(run(text, operations)).toBe(expected);
  });
});

describe('empty values are filled', () => {
  it.each([
    ['m:\n  v:\n  z: 0\n', 'm:\n  v:\n  - 1\n  z: 0\n'],
    ['m:\n  v: # none yet\n  # - 0\n  z: 0\n', 'm:\n  v: # none yet\n  - 1\n  # - 0\n  z: 0\n'],
    ['m:\n  v: null # none\n', 'm:\n  v: # none\n  - 1\n'],
    ['m:\n  v: ~', 'm:\n  v:\n  - 1'],
    ['m:\n  v: []\n  z: 0\n', 'm:\n  v:\n  - 1\n  z: 0\n'],
    ['m:\r\n  v: [ ]  # none\r\n', 'm:\r\n  v:  # none\r\n  - 1\r\n'],
    ['l:\n    - x\nm:\n    v: []\n', 'l:\n    - x\nm:\n    v:\n        - 1\n'],
  ])('%j', (text, expected) => {
    expect(run(text, [replace('/m/v', [1])])).toBe(expected);
    if (/v: \[/.test(text)) expect(run(text, [set('/m/v/-', 1)])).toBe(expected);
  });

  it('with a map that later operations go on filling', () => {
    expect(run('m: {}\n', [set('/m/a', {}), set('/m/a/b', 1), set('/m/c', 2)])).toBe('m:\n  a:\n    b: 1\n  c: 2\n');
    expect(run('m:\n', [replace('/m', {}), set('/m/a', 1)])).toBe('m:\n  a: 1\n');
  });
});

describe('block values are replaced', () => {
  it.each([
    ['c: # run\n  - /a # first\n  - x # last\nz: 0\n', ['/b', '--'], 'c: # run\n  - /b\n  - -- # last\nz: 0\n'],
    ['c:\n- /a\nz: 0\n', ['/b', 'x\ny\n'], 'c:\n- /b\n- |\n  x\n  y\nz: 0\n'],
    ['c:\n- /a # c\nz: 0\n', ['x\ny\n'], 'c:\n- "x\\ny\\n" # c\nz: 0\n'],
    ['c:\n- |\n  a\n\nz: 0\n', ['/b'], 'c:\n- /b\n\nz: 0\n'],
    ['c: old # c\n', 'new', 'c: new # c\n'],
    ["c: 'old'\n", 'y', 'c: "y"\n'],
    ['c: |\n  old\n  text\nz: 0\n', 'new', 'c: new\nz: 0\n'],
    ['c: old\nz: 0\n', 'new\ntext\n', 'c: |\n  new\n  text\nz: 0\n'],
    ['c: old # c\n', 'new\ntext\n', 'c: "new\\ntext\\n" # c\n'],
    ['c: &unused\n  - /a\n', ['/b'], 'c: &unused\n  - /b\n'],
  ])('%j', (text, value, expected) => {
    expect(run(text, [replace('/c', value)])).toBe(expected);
  });

  it('an alias gives way to the value; what it stood for stays', () => {
    expect(run('a: &c [/a]\nm:\n  c: *c # same\n', [replace('/m/c', ['/b'])])).toBe(
      'a: &c [/a]\nm:\n  c: # same\n  - /b\n',
    );
  });

  it('a key that came from a merge key gets a line of its own, which wins', () => {
    expect(run('a: &a {c: [/a]}\nm:\n  <<: *a\n  n: 1\n', [replace('/m/c', ['/b'])])).toBe(
      'a: &a {c: [/a]}\nm:\n  <<: *a\n  n: 1\n  c:\n  - /b\n',
    );
  });
});

describe('items that go elsewhere than to the end of a list', () => {
  it('are written with all others, in the style of the list', () => {
    const text = 'l: # kept\n  - a: 1 # lost\n  - b: 2\no:\n  - x\n';
    const operations: Operation[] = [
      { op: 'remove', path: '/l/1' },
      { op: 'add', path: '/l/0', value: { c: 3 } },
      { op: 'add', path: '/o/0', value: { b: 2 } },
    ];
    expect(run(text, operations)).toBe('l: # kept\n  - c: 3\n  - a: 1\no:\n  - b: 2\n  - x\n');
  });
});

describe('declined', () => {
  it.each([
    ['a: &a {x: 1}\nm: *a\n', [set('/m/y', 1)], 'the path crosses the alias *a'],
    ['a: &a [1]\nm: {l: *a}\n', [set('/m/l/-', 1)], 'the path crosses the alias *a'],
    ['m: &a {x: 1}\nb: *a\n', [set('/m/y', 1)], 'the alias *a elsewhere stands for the same lines'],
    ['m: &a\n  l: [1]\nb:\n  <<: *a\n', [set('/m/l/-', 1)], 'the alias *a elsewhere stands for the same lines'],
    ['c: &c [1]\nd: *c\n', [replace('/c', [2])], 'the alias *c elsewhere refers to what would be replaced'],
    ['a: &a {l: [1]}\nm:\n  <<: *a\n', [set('/m/l/-', 2)], 'l comes from a merge key (<<)'],
    ['a: 1 # c\u2028b: 2\n', [set('/c', 1)], 'a line ends with U+2028'],
    ['a: 1\rb: 2\n', [set('/c', 1)], 'a line ends with U+000D'],
  ])('%j', (text, operations, reason) => {
    expect(run(text, operations)).toBe(`declined: ${reason}`);
  });
});

it.each([
  ['in a value', 'a: "x\u2028  y"\nb: |\n  x\u0085  y\n', 'a: "x\u2028  y"\nb: |\n  x\u0085  y\nc: 1\n'],
  ['in a comment at the end', 'a: 1\n# c\u2028\n', 'a: 1\nc: 1\n# c\u2028\n'],
])('an unusual line break stays %s', (_, text, result) => {
  expect(run(text, [set('/c', 1)])).toBe(result);
});

it('refuses edits that overlap, and operations that it does not know', () => {
  const edit = (start: number, end: number) => ({ start, end, text: '' });
  expect(() => applyEdits('abcdef', [edit(0, 3), edit(2, 4)])).toThrow('do not overlap');
  expect(() => run('a: 1\n', [{ op: 'move', from: '/a', path: '/b' }])).toThrow('found move');
  expect(() => run('a: 1\n', [remove('/a')])).toThrow('expected something to stay');
});
