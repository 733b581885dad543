/** What a lookup of an entrypoint takes: from the cache, and from a registry on this machine. */
import { createLookup } from '../../src/image-lookup/lookup.ts';
import { createRegistryClient } from '../../src/oci/client.ts';
import type { ConfigEntry } from '../../src/oci/credentials/docker-config.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { makeImage, makeIndex } from '../../test/oci/content.ts';
import { serveImages, startServer } from '../../test/oci/fake-registry.ts';
import type { Findings } from '../result.ts';

const command = { entrypoint: ['/usr/local/bin/app', '--config', '/etc/app.yaml'], cmd: ['serve'] };
const images = {
  single: makeImage(command),
  index: makeIndex(['amd64', 'arm64', 's390x'].map((architecture) => makeImage({ ...command, architecture }))),
};

const podOf = (image: string): Pod => ({ spec: { containers: [{ name: 'app', image }] } });

/** Milliseconds on the wall, and of the CPU. */
const clocks = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** For one piece of work, of each round, the shortest first. */
async function measure(
  now: () => number,
  rounds: number,
  each: number,
  work: (i: number) => Promise<void>,
): Promise<number[]> {
  const found = [];
  for (let round = 0; round < rounds; round++) {
    const start = now();
    for (let i = 0; i < each; i++) await work(round * each + i);
    found.push((now() - start) / each);
  }
  return found.sort((a, b) => a - b);
}

const row = (name: string, times: readonly number[]) => [
  name,
  ...[0.5, 0.99, 1].map((part) => (times[Math.ceil(times.length * part) - 1] ?? Number.NaN).toFixed(4)),
];

export async function measureLookups(): Promise<Findings> {
  /** In each repository, so that any number of them can be read for the first time; with a token, as most registries have it. */
  const serve = serveImages(images);
  const registry = await startServer((request, response) => {
    const isPrivate = request.url?.startsWith('/v2/private/');
    if (request.url?.startsWith('/token')) return response.end('{"token":"t"}');
    if (!isPrivate || request.headers.authorization) return serve(request, response);
    response
      .writeHead(401, { 'www-authenticate': `Bearer realm="http://${registry.host}/token",service="bench"` })
      .end();
  });

  const client = createRegistryClient({ plainHttp: ['127.0.0.1'] });
  const secret = (i: number): ConfigEntry => ({
    key: i === 0 ? registry.host : `${i}.example.com`,
    credential: { kind: 'basic', username: `user-${i}`, password: 'p'.repeat(40) },
  });
  // More than most pods have.
  const entries = Array.from({ length: 2 }, (_, i) => secret(i));
  const makeBench = () =>
    createLookup({
      client,
      credentialsOf: async () => ({ entries, problems: [] }),
      defaultEntries: () => [],
      sources: [],
      settings: {
        timeoutMilliseconds: 2500,
        backgroundMilliseconds: 10_000,
        tagTtl: 300_000,
        digestTtl: 86_400_000,
        negativeTtl: 10_000,
        maxEntries: 10_000,
        maxBytes: 32 * 1024 * 1024,
        perRegistryConcurrency: 8,
        platforms: [],
      },
      now: () => performance.now(),
      events: { answered: () => {}, asked: () => {} },
    });
  const lookup = makeBench();
  const find = async (image: string, ask = lookup): Promise<void> => {
    const answer = await ask(image, podOf(image), { namespace: 'shop', milliseconds: 4000 });
    if (!answer.found) throw new Error(answer.problems.join('; '));
  };

  const rows: string[][] = [];
  // With nothing loaded and no connection.
  rows.push(row('cold, the first one', await measure(clocks.wall, 1, 1, () => find(`${registry.host}/first:single`))));
  for (const [name, image] of [
    ['single image', 'public-I:single'],
    ['index of three', 'public-I:index'],
    ['single image, by a token', 'private/app-I:single'],
    ['index of three, by a token', 'private/app-I:index'],
  ] as const) {
    const cold = await measure(clocks.wall, 200, 1, (i) => find(`${registry.host}/${image.replace('I', `${i}`)}`));
    rows.push(row(`cold, ${name}`, cold));
  }
  const cached = `${registry.host}/private/app-0:single`;
  await measure(clocks.wall, 1, 20_000, () => find(cached)); // as in a server after some minutes: its hot functions compiled
  rows.push(row('cached', await measure(clocks.wall, 100, 500, () => find(cached))));
  rows.push(row('cached, of the CPU', await measure(clocks.cpu, 100, 500, () => find(cached))));

  const before = registry.requests.length;
  const start = performance.now();
  const shared = makeBench();
  await Promise.all(Array.from({ length: 1000 }, () => find(`${registry.host}/together:single`, shared)));
  const milliseconds = (performance.now() - start).toFixed(0);
  const asked = registry.requests.length - before;
  await client.close();
  await registry.close();
  return {
    notes: [`1,000 lookups of the same image at once: ${asked} requests, ${milliseconds} ms for all of them.`],
    tables: [{ head: ['Lookup', 'Median, ms', '99 %, ms', 'Longest, ms'], rows }],
    pictures: [],
  };
}
