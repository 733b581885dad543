import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultNames,
  describeDefault,
  listDefaults,
  longestDefaults,
  readDefaults,
  readNamespaceDefaults,
} from '../../../src/pod/annotations/read-defaults.ts';
import { createFacts } from '../../../src/pod/facts.ts';
import { app, classicPod } from '../../support/pods.ts';

const problems = (texts: Record<string, string>, allowed?: Set<string>) =>
  readDefaults(texts, allowed).problems.map(describeDefault);

describe('readDefaults', () => {
  it.each<[string, Record<string, string>, object]>([
    ['durations', { 'wait-timeout': '5m' }, { 'wait-timeout': 300_000 }],
    ['words', { 'on-wait-timeout': 'fail', quit: 'always' }, { 'on-wait-timeout': 'fail', quit: 'always' }],
    ['flags', { guard: 'false', trace: 'true' }, { guard: false, trace: true }],
    ['names', { 'exclude-containers': 'a, b' }, { 'exclude-containers': ['a', 'b'] }],
    ['that pods wait, unless they could not', { 'wait-for-proxy': 'true' }, { 'wait-for-proxy': undefined }],
    ['nothing', {}, {}],
  ])('reads %s', (_, texts, values) => expect(readDefaults(texts)).toEqual({ texts, values, problems: [] }));

  it.each<[string, Record<string, string>, string[]]>([
    [
      'a bad value',
      { 'quit-delay': '5sec' },
      ['quit-delay: expected a duration such as 500ms, 30s or 2m, at most 10080m; found "5sec"'],
    ],
    [
      'an unknown name',
      { quits: 'never' },
      [expect.stringMatching(/^"quits" is not an annotation of Clockout; those with defaults are excl/)],
    ],
    ['a name of every object', { constructor: 'x' }, [expect.stringMatching(/^"constructor" is not/)]],
    ['the strategy', { strategy: 'native' }, [expect.stringMatching(/^strategy cannot have a default; set the label/)]],
    [
      'an entrypoint',
      { entrypoint: '["/app"]' },
      ['entrypoint cannot have a default; only a pod can say what its image runs'],
    ],
    [
      'two that contradict each other',
      { quit: 'never', 'quit-delay': '5s' },
      ['quit-delay has no effect with quit: never; remove one of them'],
    ],
    [
      'a container in two lists',
      { sidecars: 'a,b', 'exclude-containers': 'b' },
      ['container b is in both exclude-containers and sidecars; remove it from one'],
    ],
  ])('says what is wrong with %s', (_, texts, expected) => expect(problems(texts)).toEqual(expected));

  it('leaves out what cannot be used, and keeps the rest', () => {
    const texts = {
      quit: 'never',
      'quit-delay': '5s',
      'wait-timeout': 'x',
      guard: 'false',
      sidecars: 'a,b',
      'exclude-containers': 'b',
    };
    expect(readDefaults(texts).values).toEqual({
      quit: 'never',
      guard: false,
      sidecars: ['a'],
      'exclude-containers': ['b'],
    });
  });

  it('refuses what the operator does not allow', () =>
    expect(problems({ guard: 'false', quit: 'never' }, new Set(['quit']))).toEqual([
      expect.stringMatching(/^guard is not allowed/),
    ]));

  it('never throws, and says something short, whatever the texts are', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...defaultNames), fc.string()), fc.string()), (texts) => {
        for (const sentence of problems(texts)) expect(sentence.length).toBeLessThan(600);
      }),
    ));
});

describe('readNamespaceDefaults', () => {
  it('reads only annotations of Clockout', () => {
    expect(readNamespaceDefaults({ team: 'a', 'clockout.dev/quit': 'always', 'clockout.dev/x': 1 })?.values).toEqual({
      quit: 'always',
    });
    expect(readNamespaceDefaults({ team: 'a' })).toBeUndefined();
  });

  it('uses none of too many', () => {
    const found = readNamespaceDefaults({
      'clockout.dev/quit': 'always',
      'clockout.dev/sidecars': 'a,'.repeat(longestDefaults / 2),
    });
    expect(found?.values).toEqual({});
    expect(found?.problems.map(describeDefault)).toEqual([expect.stringContaining('longer than 4096 characters')]);
  });
});

describe('the options of a pod', () => {
  type Texts = Record<string, string>;
  const optionsOf = (
    own: Texts,
    namespace?: Texts,
    installation?: Texts,
    containers = [app(), app({ name: 'shipper' })],
  ) => {
    const annotations = Object.fromEntries(Object.entries(own).map(([name, text]) => [`clockout.dev/${name}`, text]));
    const read = (texts: Texts | undefined) => texts && readDefaults(texts);
    const levels = { installation: read(installation), namespace: read(namespace) };
    const facts = createFacts(classicPod({ annotations, spec: { containers } }), undefined, levels);
    return { facts, options: facts.options, apps: facts.apps.map(({ container }) => container.name) };
  };

  it("prefer the pod's own, then its namespace's, then the installation's", () => {
    const timeout = (...levels: (Texts | undefined)[]) => optionsOf(...(levels as [Texts])).options['wait-timeout'];
    const [a, b, c] = ['1s', '2s', '3s'].map((text) => ({ 'wait-timeout': text }));
    expect([timeout(a ?? {}, b, c), timeout({}, b, c), timeout({}, undefined, c), timeout({})]).toEqual([
      1000, 2000, 3000, 120_000,
    ]);
  });

  it('are not a problem of the pod, if a default has no effect beside its own', () => {
    const { facts } = optionsOf({ quit: 'never' }, { 'quit-delay': '5s' }, { 'start-timeout': '1m' });
    expect(facts.optionProblems).toEqual([]);
    expect(facts.options.quit).toBe('never');
    expect(optionsOf({ 'quit-delay': '5s' }, { quit: 'never' }).facts.optionProblems).toEqual([]);
  });

  it.each<[string, Texts, Texts, string[]]>([
    ['excludes a container that the pod has', {}, { 'exclude-containers': 'shipper,other' }, ['app']],
    ['names a sidecar that the pod has', {}, { sidecars: 'shipper,other' }, ['app']],
    [
      'excludes one that the pod calls an app',
      { containers: 'app,shipper' },
      { 'exclude-containers': 'shipper' },
      ['app', 'shipper'],
    ],
    [
      'excludes one, and the pod another',
      { 'exclude-containers': 'app' },
      { 'exclude-containers': 'shipper' },
      ['shipper'],
    ],
    [
      'excludes one that the pod calls a sidecar',
      { sidecars: 'shipper' },
      { 'exclude-containers': 'shipper' },
      ['app'],
    ],
  ])('have the right apps, if a default %s', (_, own, defaults, apps) => {
    for (const levels of [[defaults], [undefined, defaults]] as const) {
      const found = optionsOf(own, ...levels);
      expect(found.facts.optionProblems).toEqual([]);
      expect(found.apps).toEqual(apps);
    }
  });

  it('leave the annotations those of the pod', () =>
    expect(optionsOf({}, { guard: 'false' }).facts.annotations).not.toHaveProperty(['clockout.dev/guard']));
});

it('listDefaults says who sets each default that holds', () => {
  const levels = {
    installation: readDefaults({ 'wait-timeout': '5m', guard: 'false', trace: 'true' }),
    namespace: readDefaults({ 'wait-timeout': '1m', probes: 'bad' }),
  };
  expect(listDefaults({ 'clockout.dev/trace': 'false' }, levels)).toEqual([
    { name: 'wait-timeout', value: '1m', from: 'namespace' },
    { name: 'guard', value: 'false', from: 'installation' },
  ]);
});
