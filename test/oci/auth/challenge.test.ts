import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/oci/auth/challenge.ts';
import { cpuOf } from '../../support/cpu.ts';

const parse = (header: string | string[] | undefined) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

const hub = { realm: 'https://auth.docker.io/token', service: 'registry.docker.io' };

describe('a WWW-Authenticate header', () => {
  it.each<[string, string | string[] | undefined, unknown[]]>([
    ['none', undefined, []],
    ['empty', '', []],
    ['Docker Hub', 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"', [['bearer', hub]]],
    [
      'a scope with commas',
      'Bearer realm="https://r/t",scope="repository:a/b:pull,push"',
      [['bearer', { realm: 'https://r/t', scope: 'repository:a/b:pull,push' }]],
    ],
    ['any case', 'BEARER Realm="https://R/T",SERVICE=s', [['bearer', { realm: 'https://R/T', service: 's' }]]],
    [
      'tokens, spaces and empty parts',
      'Basic  realm = x , , charset="UTF-8" ,',
      [['basic', { realm: 'x', charset: 'UTF-8' }]],
    ],
    ['escapes', String.raw`Basic realm="a \"b\" \\ c"`, [['basic', { realm: 'a "b" \\ c' }]]],
    ['an empty string', 'Bearer realm=""', [['bearer', { realm: '' }]]],
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    [
      'several in a line',
      'Basic realm="a", Bearer realm="https://r/t",service="s"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'https://r/t', service: 's' }],
      ],
    ],
    [
      'several lines',
      ['Basic realm="a"', 'Bearer realm="b"'],
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'one with a token of its own before it',
      'NTLM TlRMTVNTUAAC==, Basic realm="a"',
      [
        ['ntlm', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    [
      'a scheme without parameters before one',
      'Negotiate, Basic realm="a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    [
      'a parameter twice: the first',
      'Bearer realm="https://good/",realm="https://evil/"',
      [['bearer', { realm: 'https://good/' }]],
    ],
    [
      'names of every object',
      'Bearer __proto__="x",constructor="y"',
      [['bearer', JSON.parse('{"__proto__":"x","constructor":"y"}')]],
    ],
    ['an open string', 'Bearer service="s",realm="https://r', [['bearer', { service: 's' }]]],
    ['no value', 'Bearer service="s",realm=', [['bearer', { service: 's' }]]],
    ['parameters of nothing', 'realm="x"', []],
    ['rubbish', '\u0000\u0001"', []],
    ['rubbish after a good one', 'Basic realm="a"; Bearer realm="b"', [['basic', { realm: 'a' }]]],
  ])('%s', (_, header, challenges) => expect(parse(header)).toEqual(challenges));

  const token = fc.stringMatching(/^[a-z][a-z\d_-]{0,9}$/);
  const challenge = fc.tuple(token, fc.array(fc.tuple(token, fc.string({ unit: 'binary' })), { minLength: 1 }));
  const quote = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;

  it('comes back as it was written, whatever stands in its strings', () =>
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges.map(
          ([scheme, parameters]) =>
            `${scheme} ${parameters.map(([name, value]) => `${name}=${quote(value)}`).join(', ')}`,
        );
        const expected = challenges.map(([scheme, parameters]) => ({
          scheme,
          parameters: new Map([...parameters].reverse()),
        }));
        const parsed = [header, header.join(', ')].map(parseChallenges);
        for (const found of parsed) {
          expect(found.map(({ scheme }) => scheme)).toEqual(expected.map(({ scheme }) => scheme));
          for (const [i, { parameters }] of found.entries())
            expect(new Map([...parameters].sort())).toEqual(new Map([...(expected[i]?.parameters ?? [])].sort()));
        }
      }),
    ));

  it('never makes it fail', () =>
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => void parseChallenges(header))));

  it.each([
    ['spaces', ' '.repeat(200_000)],
    ['an open string', `Bearer realm="${'a'.repeat(200_000)}`],
    ['backslashes', `Bearer realm="${'\\'.repeat(200_000)}`],
    ['schemes', 'a '.repeat(100_000)],
    ['something like a token of its own', `a ${'b'.repeat(200_000)}"`],
    ['spaces after it', `a ${`b${' '.repeat(100_000)}`}"`],
    ['equals signs', `a b${'='.repeat(200_000)}`],
    ['quotes', 'a b="",'.repeat(30_000)],
  ])('takes no longer than its length: %s', (_, header) => {
    expect(cpuOf(() => parseChallenges(header))).toBeLessThan(1000);
  });
});
