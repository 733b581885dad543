import { describe, expect, it } from 'vitest';
import { listHosts, type Mirror } from '../../src/oci/mirrors.ts';

const places = (name: string, mirrors: Mirror[] = [], plainHttp: string[] = []) => {
  const [registry = '', ...path] = name.split('/');
  return listHosts({ registry, repository: path.join('/') }, { mirrors, plainHttp }).map(
    ({ origin, repository, isMirror }) => `${origin} ${repository}${isMirror ? ' (mirror)' : ''}`,
  );
};

describe('the sources of an image', () => {
  it.each([
    ['ghcr.io/org/app', 'https://ghcr.io org/app'],
    ['docker.io/library/busybox', 'https://registry-1.docker.io library/busybox'],
    ['GHCR.io:443/org/app', 'https://ghcr.io org/app'],
    ['localhost:5000/app', 'https://localhost:5000 app'],
    ['[::1]:5000/app', 'https://[::1]:5000 app'],
  ])('%s', (name, place) => expect(places(name)).toEqual([place]));

  it.each([
    [['registry:5000'], 'registry:5000/a', 'http://registry:5000 a'],
    [['registry'], 'registry:5000/a', 'http://registry:5000 a'],
    [['registry'], 'REGISTRY/a', 'http://registry a'],
    [['registry'], 'registry:80/a', 'http://registry a'],
    [['registry:5000'], 'registry:5001/a', 'https://registry:5001 a'],
    [['registry'], 'registry.example.com/a', 'https://registry.example.com a'],
    [['[::1]'], '[::1]:5000/a', 'http://[::1]:5000 a'],
  ])('without TLS where %j says so: %s', (plain, name, place) => expect(places(name, [], plain)).toEqual([place]));

  const mirrors: Mirror[] = [
    { prefix: 'docker.io', locations: ['mirror:5000/hub', 'second.example'] },
    { prefix: 'docker.io/library', locations: ['library.example'] },
    { prefix: 'quay.io/org/app', locations: ['copy.example/app'], only: true },
    { prefix: 'gcr.io', locations: [], only: true },
  ];
  it.each([
    [
      'docker.io/org/app',
      'http://mirror:5000 hub/org/app (mirror)',
      'https://second.example org/app (mirror)',
      'https://registry-1.docker.io org/app',
    ],
    ['docker.io/library/app', 'https://library.example app (mirror)', 'https://registry-1.docker.io library/app'],
    [
      'docker.io/libraryx/app',
      'http://mirror:5000 hub/libraryx/app (mirror)',
      'https://second.example libraryx/app (mirror)',
      'https://registry-1.docker.io libraryx/app',
    ],
    ['docker.io.example/app', 'https://docker.io.example app'],
    ['quay.io/org/app', 'https://copy.example app (mirror)'],
    ['QUAY.io/org/app', 'https://copy.example app (mirror)'],
    ['quay.io/org/app2', 'https://quay.io org/app2'],
    ['gcr.io/a', 'https://gcr.io a'],
  ])('with mirrors: %s', (name, ...expected) => expect(places(name, mirrors, ['mirror'])).toEqual(expected));
});
