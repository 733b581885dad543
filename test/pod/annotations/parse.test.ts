import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../../src/admission/warnings.ts';
import { parseOptions as parse } from '../../../src/pod/annotations/parse.ts';
import { defaultOptions, optionNames, optionTable } from '../../../src/pod/annotations/table.ts';

/** With the texts of its problems. */
const parseOptions = (...given: Parameters<typeof parse>) => {
  const { options, problems } = parse(...given);
  return { options, problems: problems.map(describeProblem) };
};

const parsed = (name: string, text: string) => {
  const { options, problems } = parseOptions({ [`clockout.dev/${name}`]: text });
  return problems.length > 0 ? problems : options[name as keyof typeof options];
};

describe('good values', () => {
  it.each<[string, string, unknown]>([
    ['containers', 'app, more', ['app', 'more']],
    ['exclude-containers', 'a', ['a']],
    ['sidecars', 'a, b', ['a', 'b']],
    ['strategy', 'auto', 'auto'],
    ['entrypoint', '["/app","--x=$(Y)"]', ['/app', '--x=$(Y)']],
    ['entrypoint', '{"app":["/app"],"more":["/more",""]}', { app: ['/app'], more: ['/more', ''] }],
    ['needs-pid-1', 'false', false],
    ['wait-for-proxy', 'true', true],
    ['wait-for-proxy', 'false', false],
    ['wait-timeout', '500ms', 500],
    ['wait-timeout', '30s', 30_000],
    ['wait-timeout', '10080m', 604_800_000],
    ['on-wait-timeout', 'fail', 'fail'],
    ['quit', 'on-success', 'on-success'],
    ['quit-timeout', '0s', 0],
    ['quit-delay', '1m', 60_000],
    ['start-timeout', '60m', 3_600_000],
    [
      'quit-urls',
      'http://127.0.0.1:9091/quitquitquit,http://localhost:3500/v1.0/shutdown',
      ['http://127.0.0.1:9091/quitquitquit', 'http://localhost:3500/v1.0/shutdown'],
    ],
    ['quit-urls', 'http://[::1]:4191/shutdown', ['http://[::1]:4191/shutdown']],
    ['quit-urls', `http://127.0.0.1/${'x'.repeat(183)}`, [`http://127.0.0.1/${'x'.repeat(183)}`]],
    ['quit-urls', Array(10).fill('http://[::1]/').join(', '), Array(10).fill('http://[::1]/')],
    ['guard', 'false', false],
    ['probes', 'readiness-liveness', 'readiness-liveness'],
    ['trace', 'true', true],
  ])('%s: %s', (name, text, value) => expect(parsed(name, text)).toEqual(value));
});

it('has bounds for quit-urls', () => {
  const tooLong = `http://127.0.0.1/${'x'.repeat(184)}`;
  const tooMany = Array(11).fill('http://127.0.0.1/').join(',');
  for (const value of [tooLong, tooMany]) {
    expect(parseOptions({ 'clockout.dev/quit-urls': value }).problems).toEqual([
      expect.stringContaining('expected at most 10 http URLs of at most 200 characters on localhost'),
    ]);
  }
});

describe('bad values', () => {
  it.each([
    ['containers', ''],
    ['containers', 'app,,more'],
    ['containers', 'App'],
    ['entrypoint', '/app'],
    ['entrypoint', '[]'],
    ['entrypoint', '[""]'],
    ['entrypoint', '["/app",1]'],
    ['entrypoint', '{"app":[]}'],
    ['entrypoint', 'null'],
    ['wait-for-proxy', 'True'],
    ['wait-for-proxy', 'constructor'],
    ['wait-timeout', '2'],
    ['wait-timeout', '-2s'],
    ['wait-timeout', '1.5s'],
    ['wait-timeout', '2h'],
    ['wait-timeout', '10081m'],
    ['wait-timeout', '99999999999999m'],
    ['on-wait-timeout', 'exit'],
    ['quit', 'Never'],
    ['quit-urls', ''],
    ['quit-urls', 'http://example.com/quit'],
    ['quit-urls', 'http://127.0.0.1.example.com/'],
    ['quit-urls', 'http://127.0.0.1@example.com/'],
    ['quit-urls', 'http://user:word@127.0.0.1/'],
    ['quit-urls', 'https://127.0.0.1/'],
    ['quit-urls', 'file:///etc/passwd'],
    ['quit-urls', 'http://2130706433/'],
    ['quit-urls', 'http://127.0.0.1:80@example.com/'],
    ['quit-urls', 'http://localho\tst/'],
    ['quit-urls', 'http:localhost/x'],
    ['quit-urls', 'http://127.0.0.1:1/a http://127.0.0.1:1/b,x'],
    ['guard', '1'],
    ['probes', 'liveness'],
    ['trace', '1'],
  ] as const)('%s: %s', (name, text) =>
    expect(parsed(name, text)).toEqual([
      `clockout.dev/${name}: expected ${optionTable[name].expected}; found ${JSON.stringify(text)}`,
    ]),
  );

  it('are cut where they are long', () =>
    expect(parsed('quit', 'x'.repeat(1000))).toEqual([
      `clockout.dev/quit: expected auto, on-success, always or never; found "${'x'.repeat(60)}…"`,
    ]));
});

describe('annotations that the operator does not allow', () => {
  const problems = (annotations: Record<string, string>, ...allowed: string[]) =>
    parseOptions(annotations, new Set(allowed)).problems;

  it.each(optionNames)('are problems whatever their value is: %s', (name) => {
    for (const value of ['?', optionTable[name].default])
      expect(problems({ [`clockout.dev/${name}`]: value }, 'other', 'more')).toEqual([
        `clockout.dev/${name} is not allowed in this cluster; Clockout's operator allows only other, more`,
      ]);
  });

  it('are all where none is allowed', () =>
    expect(problems({ 'clockout.dev/quit': 'never', 'clockout.dev/guard': 'false' })).toEqual([
      "clockout.dev/quit is not allowed in this cluster; Clockout's operator allows no annotations",
      "clockout.dev/guard is not allowed in this cluster; Clockout's operator allows no annotations",
    ]));

  it('leave those that are allowed as they are', () => {
    expect(parseOptions({ 'clockout.dev/quit': 'always' }, new Set(['quit']))).toEqual({
      options: { ...defaultOptions, quit: 'always' },
      problems: [],
    });
    expect(problems({ 'clockout.dev/quit': 'Never' }, 'quit')).toEqual([expect.stringContaining('expected auto')]);
  });

  it('are neither the status that Clockout writes, nor those of others', () =>
    expect(problems({ 'clockout.dev/status': '{}', 'example.com/quit': 'x' })).toEqual([]));
});

describe('other annotations', () => {
  it('are not read', () =>
    expect(parseOptions({ 'example.com/quit': '?', 'clockout.devx/quit': '?', 'clockout.dev/status': '{}' })).toEqual({
      options: defaultOptions,
      problems: [],
    }));

  it('under our prefix must be known', () =>
    expect(parsed('wait-timout', '2m')).toEqual([
      expect.stringContaining('"clockout.dev/wait-timout" is not an annotation'),
    ]));

  it('cannot reach what an object has anyway', () =>
    expect(parsed('constructor', 'x')).toEqual([expect.stringContaining('is not an annotation')]));

  it('inject is a label', () =>
    expect(parsed('inject', 'true')).toEqual([
      'clockout.dev/inject is a label, not an annotation; set it in metadata.labels',
    ]));
});
