import { describe, expect, it } from 'vitest';
import { findMirrorCredentials } from '../../src/image-lookup/mirror-credentials.ts';
import type { Credential, CredentialSource } from '../../src/oci/credentials/credential.ts';
import type { Mirror } from '../../src/oci/mirrors.ts';
import { startDeadline } from '../../src/util/deadline.ts';

const basic = (username: string): Credential => ({ kind: 'basic', username, password: 'p' });
const reference = { registry: 'docker.io', repository: 'library/busybox', tag: '1' };
const mirror: Mirror = { prefix: 'docker.io', locations: ['mirror.example.com/hub', 'cloud.example.com'] };
const places = [
  { registry: 'mirror.example.com', repository: 'hub/library/busybox' },
  { registry: 'cloud.example.com', repository: 'library/busybox' },
  { registry: 'docker.io', repository: 'library/busybox' },
];

const entry = (key: string) => ({ key, credential: basic(key) });
const cloud = (getCredential: CredentialSource['getCredential']): CredentialSource => ({
  name: 'cloud',
  matches: (registry) => registry === 'cloud.example.com',
  getCredential,
});
const giving = cloud(async () => ({ ok: true, value: basic('cloud') }));

async function find(keys: string[], sources: CredentialSource[], mirrors = [mirror], milliseconds = 5000) {
  const install = { defaultEntries: () => keys.map(entry), sources };
  const credentialAt = await findMirrorCredentials(reference, { mirrors }, install, startDeadline(milliseconds));
  return places.map((place) => {
    const credential = credentialAt(place);
    return credential?.kind === 'basic' ? credential.username : undefined;
  });
}

describe('a mirror is asked with', () => {
  it.each<[string, string[], CredentialSource[], (string | undefined)[]]>([
    ['no credential', [], [], [undefined, undefined, undefined]],
    ["the install's own", ['mirror.example.com'], [], ['mirror.example.com', undefined, undefined]],
    [
      'the most specific',
      ['mirror.example.com', 'mirror.example.com/hub'],
      [],
      ['mirror.example.com/hub', undefined, undefined],
    ],
    ["a cloud's", [], [giving], [undefined, 'cloud', undefined]],
    [
      "the install's rather than a cloud's",
      ['cloud.example.com'],
      [giving],
      [undefined, 'cloud.example.com', undefined],
    ],
    ['nothing that is for the registry behind it', ['docker.io'], [], [undefined, undefined, undefined]],
    [
      'none where a cloud has none',
      [],
      [cloud(async () => ({ ok: false, problem: 'no' }))],
      [undefined, undefined, undefined],
    ],
  ])('%s', async (_, keys, sources, expected) => expect(await find(keys, sources)).toEqual(expected));

  it('that of its own repository', async () => {
    const locations = ['mirror.example.com/hub', 'mirror.example.com/other'];
    const entries = locations.map(entry);
    const install = { defaultEntries: () => entries, sources: [] };
    const mirrors = [{ prefix: 'docker.io', locations }];
    const credentialAt = await findMirrorCredentials(reference, { mirrors }, install, startDeadline(5000));
    for (const location of locations) {
      const [registry = '', path] = location.split('/');
      expect(credentialAt({ registry, repository: `${path}/library/busybox` })).toEqual(basic(location));
    }
  });

  it('none if there is no mirror', async () =>
    expect(await find(['mirror.example.com'], [giving], [])).toEqual([undefined, undefined, undefined]));

  it('none where a cloud takes half of the time there is', async () => {
    const slow = cloud(
      (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ ok: false, problem: 'late' }));
        }),
    );
    const start = performance.now();
    expect(await find([], [slow], [mirror], 4000)).toEqual([undefined, undefined, undefined]);
    expect(performance.now() - start).toBeLessThan(3800);
  });
});
