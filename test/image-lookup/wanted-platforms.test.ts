import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWantedPlatforms } from '../../src/image-lookup/wanted-platforms.ts';
import { formatPlatform, type Platform } from '../../src/oci/platform.ts';
import { cpuOf } from '../support/cpu.ts';
import { numRuns } from '../support/runs.ts';

type Spec = Parameters<typeof readWantedPlatforms>[0];
type Expression = { key: string; operator: string; values: string[] };

const arch = 'kubernetes.io/arch';
const os = 'kubernetes.io/os';

const parse = (name: string): Platform => {
  const [os = '', architecture, variant] = name.split('/');
  return { os, ...(architecture && { architecture }), ...(variant && { variant }) };
};
const want = (spec: Spec, configured: string[] = []) =>
  readWantedPlatforms(spec, configured.map(parse)).map((platform) => formatPlatform(platform));

/** As in `kubernetes.io/arch In amd64 arm64`. */
const expression = (text: string): Expression => {
  const [key = '', operator = '', ...values] = text.split(' ');
  return { key, operator, values };
};
const required = (nodeSelectorTerms: object[]): Spec => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const terms = (...texts: string[][]) => required(texts.map((term) => ({ matchExpressions: term.map(expression) })));

describe('a pod with this nodeSelector wants', () => {
  it.each<[Record<string, string | null>, string[], string[]]>([
    [{}, [], ['linux']],
    [{}, ['linux/amd64', 'linux/arm64'], ['linux/amd64', 'linux/arm64']],
    [{ disk: 'ssd' }, ['linux/amd64'], ['linux/amd64']],
    [{ [arch]: 'arm64' }, [], ['linux/arm64']],
    [{ [arch]: 'arm64' }, ['linux/amd64', 'linux/arm64'], ['linux/arm64']],
    [{ [arch]: 'arm64' }, ['linux/amd64'], ['linux/arm64']],
    [{ [arch]: 'arm' }, ['linux/arm/v6', 'linux/arm/v7', 'linux/amd64'], ['linux/arm/v6', 'linux/arm/v7']],
    [{ 'beta.kubernetes.io/arch': 'arm64' }, [], ['linux/arm64']],
    [{ [os]: 'linux' }, [], ['linux']],
    [{ [os]: 'linux' }, ['linux/amd64', 'windows/amd64'], ['linux/amd64']],
    [{ 'beta.kubernetes.io/os': 'linux', [arch]: 's390x' }, [], ['linux/s390x']],
    [{ [os]: 'windows' }, ['linux/amd64'], ['windows']],
    [{ [os]: 'windows', [arch]: 'amd64' }, [], ['windows/amd64']],
    // No node is two at once: then the pod never runs, and what it would run does not matter.
    [{ [arch]: 'arm64', 'beta.kubernetes.io/arch': 'amd64' }, ['linux/amd64'], ['linux/amd64']],
    [{ [arch]: '' }, ['linux/amd64'], ['linux/amd64']],
    [{ [arch]: null }, [], ['linux']],
    [{ constructor: 'arm64' }, [], ['linux']],
    // Of what is no label's value, a name could be made that is another platform's, or that of two.
    [{ [arch]: 'amd64 linux/arm64' }, [], ['linux']],
    [{ [arch]: 'arm/v7' }, ['linux/amd64'], ['linux/amd64']],
    [{ [arch]: 'a'.repeat(63) }, [], [`linux/${'a'.repeat(63)}`]],
    [{ [arch]: 'a'.repeat(64) }, [], ['linux']],
  ])('%j, configured %j: %j', (nodeSelector, configured, expected) =>
    expect(want({ nodeSelector }, configured)).toEqual(expected),
  );
});

describe('a pod with these terms of required affinity wants', () => {
  it.each<[string[][], string[], string[]]>([
    [[[`${arch} In arm64`]], [], ['linux/arm64']],
    [[[`${arch} In arm64 amd64`]], [], ['linux/arm64', 'linux/amd64']],
    [[[`${arch} In arm64 amd64`, `${arch} In amd64 s390x`]], [], ['linux/amd64']],
    [[[`${arch} In arm64 amd64`, `${arch} NotIn arm64`]], [], ['linux/amd64']],
    [[[`${arch} NotIn arm64`, `${arch} In arm64 amd64`]], [], ['linux/amd64']],
    [[[`beta.${arch} In arm64`]], [], ['linux/arm64']],
    [[[`${arch} In arm64`], [`${arch} In amd64`]], [], ['linux/arm64', 'linux/amd64']],
    [[[`${arch} In arm64`], [`${arch} In arm64`, 'zone In a']], [], ['linux/arm64']],
    [[[`${arch} In arm64`], ['zone In a']], [], ['linux/arm64', 'linux']],
    [[[`${arch} In arm64`], ['zone In a']], ['linux/amd64'], ['linux/arm64', 'linux/amd64']],
    [[[`${arch} NotIn arm64`]], [], ['linux']],
    [[[`${arch} NotIn arm64 amd64`]], ['linux/amd64', 'linux/arm64', 'linux/s390x'], ['linux/s390x']],
    [[[`${arch} NotIn arm64`, `${arch} NotIn amd64`]], ['linux/amd64', 'linux/arm64', 'linux/s390x'], ['linux/s390x']],
    [
      [[`${arch} NotIn arm64`], [`${arch} NotIn amd64`]],
      ['linux/amd64', 'linux/arm64'],
      ['linux/amd64', 'linux/arm64'],
    ],
    [[[`${arch} Exists`]], ['linux/amd64'], ['linux/amd64']],
    [[[`${arch} DoesNotExist`]], [], ['linux']],
    [[[`${arch} Gt 5`]], [], ['linux']],
    [[['zone NotIn a']], ['linux/amd64'], ['linux/amd64']],
    [[[`${os} In linux windows`]], [], ['linux', 'windows']],
    [[[`${os} In linux windows`, `${arch} In amd64`]], [], ['linux/amd64', 'windows/amd64']],
    [[[`${os} NotIn windows`]], ['linux/amd64', 'windows/amd64'], ['linux/amd64']],
    [[[`${os} NotIn linux`]], [], ['linux']],
    [[[]], ['linux/amd64'], ['linux/amd64']],
    [[[], [`${arch} In arm64`]], ['linux/amd64'], ['linux/arm64']],
    [[], ['linux/amd64'], ['linux/amd64']],
  ])('%j, configured %j: %j', (texts, configured, expected) =>
    expect(want(terms(...texts), configured)).toEqual(expected),
  );

  it.each<[string, Spec, string[]]>([
    [
      'both that and a nodeSelector',
      { nodeSelector: { [arch]: 'arm64' }, ...terms([`${os} In linux`]) },
      ['linux/arm64'],
    ],
    ['what both allow', { nodeSelector: { [arch]: 'arm64' }, ...terms([`${arch} In amd64 arm64`]) }, ['linux/arm64']],
    ['a term for one machine', required([{ matchFields: [expression('metadata.name In a')] }]), ['linux']],
    [
      'a term for one machine, or another',
      required([
        { matchFields: [expression('metadata.name In a')] },
        { matchExpressions: [expression(`${arch} In arm64`)] },
      ]),
      ['linux', 'linux/arm64'],
    ],
    [
      'expressions without values',
      required([{ matchExpressions: [{ key: arch, operator: 'In', values: null }] }]),
      ['linux'],
    ],
    ['nothing', {}, ['linux']],
    ['nulls', { nodeSelector: null, affinity: { nodeAffinity: null } }, ['linux']],
    ['null terms', required([{ matchExpressions: null, matchFields: null }]), ['linux']],
    [
      'what is only preferred',
      { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } } } as Spec,
      ['linux'],
    ],
    [
      '16',
      terms([`${arch} In ${Array.from({ length: 16 }, (_, i) => `a${i}`).join(' ')}`]),
      Array.from({ length: 16 }, (_, i) => `linux/a${i}`),
    ],
    ['1,000 terms', terms(...Array(1000).fill([`${arch} In arm64`])), ['linux/arm64']],
    ['1,001 terms, which is too many to read', terms(...Array(1001).fill([`${arch} In arm64`])), ['linux']],
    [
      '17, which is too many to compare',
      terms([`${arch} In ${Array.from({ length: 17 }, (_, i) => `a${i}`).join(' ')}`]),
      ['linux'],
    ],
  ])('%s', (_, spec, expected) => expect(want(spec)).toEqual(expected));
});

describe('a pod is read in time that is linear, where it has', () => {
  const numbered = (count: number, text = '') => Array.from({ length: count }, (_, i) => `a${i}${text}`);
  const words = (count: number) => numbered(count).join(' ');
  const nodeSelector = Object.fromEntries(numbered(25_000).map((key) => [key, '']));
  const many = 5000;

  it.each<[string, Spec, string[]]>([
    ['systems and architectures', terms([`${os} In ${words(1000)}`, `${arch} In ${words(1000)}`]), ['linux']],
    [
      'architectures that are excluded, and systems',
      terms([`${os} In ${words(many)}`, `${arch} In ${words(many)}`, `${arch} NotIn ${words(many)}`]),
      ['linux'],
    ],
    ['expressions that exclude one', terms(numbered(many).map((name) => `${arch} NotIn ${name}`)), ['linux']],
    ['expressions that exclude the same', terms(Array(many).fill(`${arch} NotIn a b`)), ['linux']],
    ['expressions that allow the same', terms(Array(many).fill(`${arch} In a b`)), ['linux/a', 'linux/b']],
    ['terms, and selects much', { nodeSelector, ...terms(...Array(1000).fill([`${os} In linux`])) }, ['linux']],
    ['terms for one each', terms(...numbered(many).map((name) => [`${arch} In ${name}`])), ['linux']],
    ['terms for nothing', terms(...Array(many).fill([`${arch} In a`, `${arch} NotIn a`])), ['linux']],
  ])('many %s', (_, spec, expected) => {
    expect(cpuOf(() => expect(want(spec)).toEqual(expected))).toBeLessThan(300);
  });
});

describe('whatever node a pod can run on', () => {
  const values = fc.subarray(['amd64', 'arm64', 's390x'], { minLength: 1 });
  const systems = fc.subarray(['linux', 'windows'], { minLength: 1 });
  const operator = fc.constantFrom<string[]>('In', 'NotIn');
  const requirement: fc.Arbitrary<Expression> = fc.oneof(
    fc.record({ key: fc.constantFrom<string[]>(arch, `beta.${arch}`), operator, values }),
    fc.record({ key: fc.constantFrom<string[]>(os, `beta.${os}`), operator, values: systems }),
    fc.record({ key: fc.constant<string>('zone'), operator, values: fc.constant<string[]>(['a']) }),
  );
  const spec = fc.record({
    nodeSelector: fc.dictionary(fc.constantFrom(arch, 'zone'), fc.constantFrom('amd64', 'a'), { maxKeys: 2 }),
    terms: fc.array(fc.array(requirement, { maxLength: 3 }), { maxLength: 3 }),
  });
  const node: fc.Arbitrary<Record<string, string>> = fc.record({
    [arch]: fc.constantFrom('amd64', 'arm64', 's390x'),
    [os]: fc.constantFrom('linux', 'windows'),
    zone: fc.constantFrom('a', 'b'),
  });

  /** As the scheduler decides it. */
  const fits = (labels: Record<string, string>, { key, operator, values }: Expression) =>
    values.includes(labels[key.replace('beta.', '')] ?? '') === (operator === 'In');

  it('its platform is among the wanted', () =>
    fc.assert(
      fc.property(spec, node, (pod, labels) => {
        const selected = Object.entries(pod.nodeSelector).every(([key, value]) => labels[key] === value);
        const allowed = pod.terms.some((term) => term.length > 0 && term.every((each) => fits(labels, each)));
        fc.pre(selected && (allowed || pod.terms.length === 0));
        const configured: Platform[] = [{ os: 'linux' }, { os: 'windows' }];
        const wanted = readWantedPlatforms(
          {
            nodeSelector: pod.nodeSelector,
            ...(pod.terms.length > 0 && required(pod.terms.map((matchExpressions) => ({ matchExpressions })))),
          },
          configured,
        );
        const isIt = ({ os: system, architecture }: Platform) =>
          system === labels[os] && (architecture === undefined || architecture === labels[arch]);
        expect(wanted.some(isIt)).toBe(true);
      }),
      { numRuns: numRuns(2000) },
    ));
});
