/** Lookups at the distribution project's registry, which lets two users in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLookup } from '../../../src/image-lookup/lookup.ts';
import { createRegistryClient } from '../../../src/oci/client.ts';
import { decodePullSecret } from '../../../src/oci/credentials/docker-config.ts';
import type { Pod } from '../../../src/pod/schema.ts';
import { makeImage } from '../../oci/content.ts';
import { push } from '../../oci/push.ts';
import { type DockerRegistry, startDockerRegistry } from './docker-registry.ts';

const users = { alice: 'wonderland', carol: 'christmas' };
const images = { first: makeImage({ entrypoint: ['/first'] }), second: makeImage({ entrypoint: ['/second'] }) };

/** As `kubectl create secret docker-registry` makes it. */
function secretOf(host: string, username: string, password: string) {
  const config = JSON.stringify({ auths: { [host]: { username, password } } });
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
  const decoded = decodePullSecret('a Secret', { type: 'kubernetes.io/dockerconfigjson', data });
  if (!decoded.ok) throw new Error(decoded.problem);
  return decoded.value;
}

describe('a registry of two users', () => {
  const client = createRegistryClient({ plainHttp: ['127.0.0.1'] });
  let registry: DockerRegistry;
  const tag = (image: keyof typeof images) => {
    const authorization = `Basic ${Buffer.from(`alice:${users.alice}`).toString('base64')}`;
    return push({ origin: `http://${registry.host}`, repository: 'org/app', authorization }, 'tag', images[image]);
  };
  beforeAll(async () => {
    registry = await startDockerRegistry({ users });
    await tag('first');
  });
  afterAll(async () => {
    await client.close();
    await registry.close();
  });

  it('tells each what it may read, and nobody from the cache of another', async () => {
    const { host } = registry;
    const secrets: Record<string, ReturnType<typeof secretOf>> = {
      alice: secretOf(host, 'alice', users.alice),
      carol: [...secretOf(host, 'carol', 'outdated'), ...secretOf(host, 'carol', users.carol)],
      mallory: secretOf(host, 'alice', 'guessed'),
    };
    const outcomes: string[] = [];
    const lookup = createLookup({
      client,
      credentialsOf: async ({ namespace }) => ({ entries: secrets[namespace] ?? [], problems: [] }),
      defaultEntries: () => [],
      sources: [],
      settings: {
        timeoutMilliseconds: 10_000,
        backgroundMilliseconds: 10_000,
        tagTtl: 60_000,
        digestTtl: 60_000,
        negativeTtl: 10_000,
        maxEntries: 100,
        maxBytes: 1024 * 1024,
        perRegistryConcurrency: 8,
        platforms: [],
      },
      now: () => performance.now(),
      events: { answered: () => {}, asked: ({ outcome }) => outcomes.push(outcome) },
    });
    const image = `${host}/org/app:tag`;
    const ask = async (namespace: string, imagePullPolicy = 'IfNotPresent') => {
      const pod: Pod = { spec: { containers: [{ name: 'app', image, imagePullPolicy }] } };
      const answer = await lookup(image, pod, { namespace });
      return answer.found ? answer.entrypoint[0] : answer.problems[0];
    };

    const thousand = await Promise.all(Array.from({ length: 1000 }, () => ask('alice')));
    expect(new Set(thousand)).toEqual(new Set(['/first']));
    expect(outcomes.splice(0)).toEqual(['pulled']);
    expect(await ask('carol')).toBe('/first');
    expect(await ask('mallory')).toMatch(/did not accept the credentials \(401 UNAUTHORIZED\); renew the pull secret$/);
    expect(await ask('nobody')).toMatch(/asks for credentials \(401 UNAUTHORIZED\); .*or add a pull secret for it$/);
    // Mallory's last try was without any, and what came of that is known now.
    expect(outcomes.splice(0)).toEqual(['unauthorized', 'pulled', 'unauthorized', 'unauthorized']);

    await tag('second');
    expect(await ask('alice')).toBe('/first');
    expect(await ask('alice', 'Always')).toBe('/second');
    expect(await ask('alice', 'Always')).toBe('/second');
    expect(await ask('alice')).toBe('/second');
    expect(outcomes).toEqual(['pulled', 'current']);
  });
});
