import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IndexEntry } from '../../src/oci/manifest.ts';
import { anyLinux, chooseEntries, formatPlatform, listPlatformNames, type Platform } from '../../src/oci/platform.ts';
import { types } from './content.ts';

const parsePlatform = (name: string): Platform => {
  const [os = '', architecture, variant] = name.split('/');
  return { os, ...(architecture && { architecture }), ...(variant && { variant }) };
};

/** `-` is an entry without a platform; the digest is its name. */
const entry = (name: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  mediaType: types.oci.manifest,
  digest: name,
  size: 1,
  ...(name !== '-' && { platform: parsePlatform(name) }),
  ...more,
});

const choose = (entries: (string | IndexEntry)[], wanted: string[]) =>
  chooseEntries(
    entries.map((item) => (typeof item === 'string' ? entry(item) : item)),
    wanted.map(parsePlatform),
  ).map(({ digest }) => digest);

const common = ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v6', 'linux/arm/v7', 'windows/amd64', 'unknown/unknown'];

describe('of an index, a pod may run', () => {
  it.each<[string, (string | IndexEntry)[], string[], string[]]>([
    ['what fits any Linux', common, ['linux'], common.slice(0, 4)],
    ['one architecture', common, ['linux/amd64'], ['linux/amd64']],
    ['a variant not asked for', common, ['linux/arm64'], ['linux/arm64/v8']],
    ['all variants where none is asked for', common, ['linux/arm'], ['linux/arm/v6', 'linux/arm/v7']],
    ['that variant', common, ['linux/arm/v6'], ['linux/arm/v6']],
    ['all where that variant is missing', common, ['linux/arm/v8'], ['linux/arm/v6', 'linux/arm/v7']],
    ['the default variant', ['linux/arm64'], ['linux/arm64/v8'], ['linux/arm64']],
    ['the default of another', ['linux/amd64', 'linux/amd64/v3'], ['linux/amd64/v1'], ['linux/amd64']],
    ['several platforms, in their order', common, ['linux/arm64', 'linux/amd64'], ['linux/amd64', 'linux/arm64/v8']],
    ['those there are', common, ['linux/s390x', 'linux/amd64'], ['linux/amd64']],
    ['none', common, ['linux/s390x'], []],
    ['no Windows', ['windows/amd64'], ['linux'], []],
    ['386 where there is no amd64', ['linux/386', 'linux/arm64'], ['linux/amd64'], ['linux/386']],
    ['amd64 where there is', ['linux/386', 'linux/amd64'], ['linux/amd64'], ['linux/amd64']],
    ['arm where there is no arm64', ['linux/arm/v7'], ['linux/arm64'], ['linux/arm/v7']],
    ['no amd64 on 386', ['linux/amd64'], ['linux/386'], []],
    ['an entry without a platform, where nothing else fits', ['-', 'linux/amd64'], ['linux/s390x'], ['-']],
    ['no entry without a platform, where another fits', ['-', 'linux/amd64'], ['linux/amd64'], ['linux/amd64']],
    ['an entry without a platform, on any Linux', ['-', 'windows/amd64'], ['linux'], ['-']],
    ['a platform of null', [entry('-', { platform: null })], ['linux'], ['-']],
    ['an empty platform', [entry('-', { platform: { os: '', architecture: '' } })], ['linux'], ['-']],
    [
      'each digest once',
      ['linux/amd64', entry('linux/amd64', { platform: parsePlatform('linux/arm64') })],
      ['linux'],
      ['linux/amd64'],
    ],
    [
      'no attestation',
      [entry('linux/amd64', { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } })],
      ['linux'],
      [],
    ],
    ['what has other annotations', [entry('linux/amd64', { annotations: { a: 'b' } })], ['linux'], ['linux/amd64']],
    ['no artifact', [entry('linux/amd64', { artifactType: 'application/x' })], ['linux'], []],
    ['no layer', [entry('linux/amd64', { mediaType: types.oci.layer })], ['linux'], []],
    ['images of Docker', [entry('linux/amd64', { mediaType: types.docker.manifest })], ['linux'], ['linux/amd64']],
    ['nothing of an empty index', [], ['linux'], []],
    ['no architecture called constructor', ['linux/386'], ['linux/constructor'], []],
  ])('%s', (_, entries, wanted, chosen) => expect(choose(entries, wanted)).toEqual(chosen));

  const platform = fc.record(
    {
      os: fc.constantFrom('linux', 'windows', 'unknown'),
      architecture: fc.constantFrom('amd64', 'arm64', 'arm', '386', 's390x'),
      variant: fc.constantFrom('v6', 'v7', 'v8'),
    },
    { requiredKeys: ['os', 'architecture'] },
  );
  const entries = fc.array(
    platform.map((chosen) => entry(formatPlatform(chosen), { platform: chosen })),
    { maxLength: 12 },
  );
  const wanted = fc
    .array(platform, { minLength: 1, maxLength: 3 })
    .map((all) => all.map((one) => ({ ...one, os: 'linux' })));

  it('no Windows and no attestation, each digest once, and in any order of the index the same', () =>
    fc.assert(
      fc.property(entries, wanted, (all, platforms) => {
        const chosen = chooseEntries(all, platforms);
        expect(chosen.every((one) => one.platform?.os === 'linux')).toBe(true);
        const digests = chosen.map(({ digest }) => digest);
        expect(new Set(digests).size).toBe(digests.length);
        const reversed = chooseEntries([...all].reverse(), [...platforms].reverse()).map(({ digest }) => digest);
        expect(reversed.sort()).toEqual(digests.sort());
      }),
    ));

  it('on any Linux whatever it may run on a known one', () =>
    fc.assert(
      fc.property(entries, wanted, (all, platforms) => {
        const any = chooseEntries(all, anyLinux).map(({ digest }) => digest);
        for (const { digest } of chooseEntries(all, platforms)) expect(any).toContain(digest);
      }),
    ));
});

describe('a platform is called', () => {
  it.each([
    [{ os: 'linux' }, 'linux'],
    [{ os: 'linux', architecture: 'arm64', variant: 'v8' }, 'linux/arm64/v8'],
    [{}, 'unknown'],
    [{ os: null, architecture: 'amd64' }, 'unknown/amd64'],
  ])('%j: %s', (platform, name) => expect(formatPlatform(platform)).toBe(name));

  it('all of an index, each once', () =>
    expect(listPlatformNames([...common, 'linux/amd64', '-'].map((name) => entry(name)))).toEqual([
      ...common.slice(0, 5),
      'unknown',
    ]));
});
