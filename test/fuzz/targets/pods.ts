/** Single texts that a pod's author writes: annotations of Clockout's and of Istio's. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseOptions } from '../../../src/pod/annotations/parse.ts';
import { optionNames } from '../../../src/pod/annotations/table.ts';
import { prefix } from '../../../src/pod/names.ts';
import { statusPortIn } from '../../../src/pod/proxy-config/read.ts';
import { mutatedText } from '../mutations.ts';
import { defineTarget } from '../target.ts';

const values = [
  ...['app,other', '500ms', '2m', '10080m', 'true', 'auto', 'always', 'start', 'none', 'readiness-liveness', 'wrap'],
  ...[
    '["/app","$(A)"]',
    '{"app":["/app"]}',
    'http://localhost:9091/quitquitquit',
    'http://[::1]:1/a?b=c,http://127.1/',
  ],
];
const tokens = [
  ',',
  '"',
  '[',
  ']',
  '{',
  '}',
  ':',
  '/',
  'ms',
  's',
  '-',
  '+',
  '.',
  '0',
  '9'.repeat(20),
  'e9',
  '\u0000',
  '@',
  '#',
  '%',
  ' ',
];

export const annotations = defineTarget({
  name: 'annotations',
  inputs: fc.dictionary(fc.constantFrom(...optionNames, 'unknown', '__proto__'), mutatedText(values, tokens)),
  check: (texts) => {
    const annotations = Object.fromEntries(Object.entries(texts).map(([name, text]) => [prefix + name, text]));
    const { options, problems } = parseOptions(annotations);
    assert.equal(Object.keys(options).length, optionNames.length);
    // What is parsed without a problem is the same when it is parsed again.
    if (problems.length === 0) assert.deepEqual(parseOptions(annotations).options, options);
  },
});

const configs = [
  'statusPort: 15099\nholdApplicationUntilProxyStarts: true\n',
  '{"statusPort": 15020, "proxyMetadata": {"A": "b"}}',
  'proxyMetadata:\n  statusPort: "1"\nstatusPort: 0x3a9c\n',
];

export const proxyConfigs = defineTarget({
  name: 'proxy-configs',
  inputs: mutatedText(configs, [
    ...tokens,
    'statusPort',
    ': ',
    '\n',
    '\t',
    '|\n',
    '&a ',
    '*a',
    "'",
    '\\',
    '? ',
    '<<: ',
  ]),
  check: (text) => {
    const port = statusPortIn(text);
    if (port !== undefined) assert(Number.isInteger(port) && port >= 0 && port < 65536, `not a port: ${port}`);
  },
});
