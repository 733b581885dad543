import { describe, expect, it } from 'vitest';
import { readPlaces } from '../../src/oci/hosts-in-settings.ts';
import { listHosts } from '../../src/oci/mirrors.ts';
import { parseReference } from '../../src/oci/reference.ts';

const none = { plainHttp: [], mirrors: [], trustedRealms: [] };
const mirror = (prefix: string, location = 'mirror.example.com') => ({
  ...none,
  mirrors: [{ prefix, locations: [location] }],
});
const problemsOf = (given: Parameters<typeof readPlaces>[0]) => {
  const read = readPlaces(given);
  return read.ok ? [] : read.problem;
};

describe('a prefix is taken', () => {
  it.each([
    ['docker.io', 'nginx'],
    ['docker.io', 'docker.io/org/app'],
    ['docker.io/library', 'nginx'],
    ['docker.io/library/nginx', 'nginx:1'],
    ['docker.io/nginx', 'nginx/nginx-ingress'],
    ['GHCR.io/org', 'ghcr.io/org/app'],
    ['ghcr.io', 'GHCR.io/org/app'],
    ['localhost', 'localhost/app'],
    ['registry:5000', 'registry:5000/app'],
    ['[::1]:5000', '[::1]:5000/app'],
    ['10.0.0.1', '10.0.0.1/app'],
  ])('%s, and is one of %s', (prefix, image) => {
    const [read, parsed] = [readPlaces(mirror(prefix)), parseReference(image)];
    if (!read.ok || !parsed.ok) throw new Error('expected both to be right');
    const [first] = listHosts(parsed.value, { mirrors: read.value.mirrors });
    expect(first.origin).toBe('https://mirror.example.com');
  });
});

describe('a prefix that no image has is refused', () => {
  it.each([
    'docker.io/library/',
    'docker.io//library',
    'index.docker.io',
    'index.docker.io/library',
    'nginx',
    'library/nginx',
    '300.1.1.1',
    'registry:99999',
  ])('%s', (prefix) =>
    expect(problemsOf(mirror(prefix))).toEqual([expect.stringContaining(`begins with ${prefix}/; expected`)]),
  );
});

describe('a location is', () => {
  it.each(['mirror', 'mirror:5000/hub', 'Mirror.Example.com', '[::1]', '10.0.0.1/a/b'])('taken: %s', (location) =>
    expect(problemsOf(mirror('docker.io', location))).toEqual([]),
  );
  it.each(['mirror.local:99999', '300.1.1.1', '300.1.1.1/hub', 'mirror/hub/', 'mirror//hub'])(
    'refused: %s',
    (location) =>
      expect(problemsOf(mirror('docker.io', location))).toEqual([
        expect.stringContaining(`: ${location} is not a location`),
      ]),
  );
});

it.each(['plainHttp', 'trustedRealms'])('%s that are no hosts are refused, each by its name', (name) =>
  expect(problemsOf({ ...none, [name]: ['registry', '1.2.3.4.5', '300.1.1.1'] })).toEqual([
    expect.stringContaining(': 1.2.3.4.5 has no valid'),
    expect.stringContaining(': 300.1.1.1 has no valid'),
  ]),
);
