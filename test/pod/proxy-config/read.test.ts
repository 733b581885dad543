import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { statusPortIn } from '../../../src/pod/proxy-config/read.ts';

/** Of a text, what Istio reads there; undefined stands for its default. */
const table: Record<string, [text: string, port: number | undefined][]> = {
  'a block mapping': [
    ['statusPort: 15099', 15099],
    ['statusPort: 15099\n', 15099],
    ['statusPort: "15099"', 15099],
    ["statusPort: '15099'", 15099],
    ['"statusPort": 15099', 15099],
    ["'statusPort': 15099", 15099],
    ['statusPort : 15099', 15099],
    ['statusPort:\t15099\t', 15099],
    ['statusPort:\n  15099', 15099],
    ['statusPort: # the port\n\n  # of it\n  15099 # here', 15099],
    ['statusPort: 15099 # not 15020', 15099],
    ['# statusPort: 1\nconcurrency: 1', undefined],
    ['concurrency: 1 # statusPort: 1', undefined],
    ['concurrency: 2\r\nstatusPort: 15099\r\ntracing: {}\r\n', 15099],
    ['  concurrency: 2\n  statusPort: 15099\n', 15099],
    ['\n\n# first\n---\n# second\nstatusPort: 15099', 15099],
    ['statusPort: 15099\n---\nstatusPort: 1', 15099],
    ['concurrency: 1\n...\nstatusPort: 1', undefined],
    ['statusPort: 1\nstatusPort: 15099', 15099],
    ['status_port: 15099', 15099],
    ['status_port: 1\nstatusPort: 15099', 15099],
    ['statusPort: 15099\nstatus_port: 1', 15099],
    [
      'holdApplicationUntilProxyStarts: true\nproxyMetadata:\n  ISTIO_META_DNS_CAPTURE: "true"\nstatusPort: 15099',
      15099,
    ],
    ["tracing: {sampling: 100, x: [1, '}']}\nstatusPort: 15099", 15099],
    ['proxyStatsMatcher:\n  inclusionRegexps:\n  - ".*_cx_.*"\n  - a: b\n    c: d\nstatusPort: 15099', 15099],
    ["proxyMetadata:\n- don't\n- 'it''s'\nstatusPort: 15099", 15099],
    ['x: some words,\n  and "more of them"\nstatusPort: 15099', 15099],
    ['a.b/c: http://x:1\nstatusPort: 15099', 15099],
  ],
  'a key of something else': [
    ['proxyMetadata:\n  statusPort: 15099', undefined],
    ['proxyMetadata:\n- statusPort: 15099', undefined],
    ['proxyMetadata: {statusPort: 15099}', undefined],
    ['{proxyMetadata: {statusPort: 15099}}', undefined],
    ['{"proxyMetadata":{"statusPort":15099}}', undefined],
    ['{a: [statusPort: 15099]}', undefined],
    ['mystatusPort: 15099', undefined],
    ['statusPorts: 15099', undefined],
    ['x: statusPort', undefined],
    ['statusPort', undefined],
    ['- statusPort: 15099', undefined],
    ['[{"statusPort":15099}]', undefined],
  ],
  'a block scalar': [
    ['x: |\n  statusPort: 1\nstatusPort: 15099', 15099],
    ['x: |-\n  statusPort: 1', undefined],
    ['x: >2 # text\n  statusPort: 1\n\n    "\nstatusPort: 15099', 15099],
    ["x:\n  y: |\n    don't: [\n   '\n  z: 1\nstatusPort: 15099", 15099],
    ['x:\n- |\n  {\n- - y: |\n      "\n    z: 1\nstatusPort: 15099', 15099],
    ['x: |\nstatusPort: 15099', 15099],
  ],
  'a flow mapping': [
    ['{statusPort: 15099}', 15099],
    ['{ statusPort: 15099, }', 15099],
    ['{concurrency: 1,statusPort: "15099"}', 15099],
    ["{'statusPort':15099}", 15099],
    ['{"statusPort":"15099"}', 15099],
    ['{"statusPort": 15099}', 15099],
    ['{\n  statusPort: 15099, # the port\n  # statusPort: 1\n  a: {b: [c, "]", \'}\']}, d: -1 }', 15099],
    ['  {statusPort: 15099}  # done\n', 15099],
    ['--- {statusPort: 15099}', 15099],
    ['---\n{statusPort: 15099}\n...\n', 15099],
    ['{statusPort: 1, statusPort: 15099}', 15099],
    ['{a: "\\", statusPort: 1", statusPort: 15099}', 15099],
    ['{a: x y, statusPort: 15099}', 15099],
    ['{statusPort:15099}', undefined],
    ['{statusPort: 15099 1}', undefined],
    ['{statusPort: [15099]}', undefined],
    ['{x statusPort: 15099}', undefined],
    ['{statusPort: 15099', undefined],
    ['{statusPort: 15099]', undefined],
    ['{statusPort: 15099} x', undefined],
  ],
  'no port': [
    ['statusPort: http', undefined],
    ['statusPort: 15099x', undefined],
    ['statusPort: 15099#x', undefined],
    ['statusPort: 70000', undefined],
    ['statusPort: -1', undefined],
    ['statusPort: 015099', undefined],
    ['statusPort: 15099\n  1', undefined],
    ['statusPort: [15099]', undefined],
    ['statusPort:15099', undefined],
    ['{"statusPort":1.5}', undefined],
    ['{"statusPort":null}', undefined],
  ],
  'what only a whole parser could tell': [
    ['x: "a\nstatusPort: 15099\n"', undefined],
    ['x: {a: 1,\nstatusPort: 15099}', undefined],
    ['x: &a 1\nstatusPort: *a', undefined],
    ['statusPort: !!int 15099', undefined],
    ['? statusPort\n: 15099', undefined],
    ['<<: {statusPort: 1}\nstatusPort: *x', undefined],
    ['\tstatusPort: 15099', undefined],
    ['  x: 1\nstatusPort: 15099', undefined],
    ['--- statusPort: 15099', undefined],
    ['%YAML 1.1\n---\nstatusPort: 15099', undefined],
    ['"status\\u0050ort": 1', undefined],
    ["x: 'a\nstatusPort: 15099", undefined],
    ['statusPort: |\n  15099', undefined],
  ],
};

describe.each(Object.entries(table))('the status port in %s', (_, rows) => {
  it.each(rows)('%j', (text, port) => expect(statusPortIn(text)).toBe(port));
});

it('agrees with a YAML parser wherever it says a port', () => {
  const piece = fc.constantFrom(
    ...['statusPort: 15099', 'status_port: 1', '"statusPort": "2"', 'x: 1', 'x: |', 'x: >-', 'x:', '- y', '- z: |'],
    ...[
      '  statusPort: 3',
      '  x: {',
      '}',
      '  "',
      "'",
      'y: "a"',
      "z: don't",
      '# c',
      '',
      '{statusPort: 4}',
      '{',
      ', statusPort: 5',
    ],
    ...['  - a', '- - b: |', '    text', '---', '...', '[', ']', '? k', ': v', '&a', '*a', 'x: [1, 2] # c', '\t'],
  );
  const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('\n'));
  fc.assert(
    fc.property(text, (yaml) => {
      const port = statusPortIn(yaml);
      if (port === undefined) return;
      const [first] = parseAllDocuments(yaml, { uniqueKeys: false, logLevel: 'silent' });
      if (!first || !('contents' in first) || first.errors.length > 0) return; // Istio refuses it, too.
      const read = first.toJS();
      expect(Number(read.statusPort ?? read.status_port)).toBe(port);
    }),
    { numRuns: 3000 },
  );
});
