/** Lookups as pods have them, at registries on this machine. */
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { resolveEntrypoint } from '../../src/entrypoint/resolve.ts';
import { createLookup, type LookupDeps, type LookupSettings } from '../../src/image-lookup/lookup.ts';
import { createRegistryClient, type RegistrySettings } from '../../src/oci/client.ts';
import type { ConfigEntry } from '../../src/oci/credentials/docker-config.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { makeImage, makeIndex } from '../oci/content.ts';
import { sendError, serveImages } from '../oci/fake-registry.ts';
import { closeAfterTest, closeServers, start } from '../oci/test-servers.ts';

const app = makeImage({ entrypoint: ['/app'], cmd: ['serve'] });
const serve = serveImages({ '1.0': app, latest: app });
const found = {
  found: true,
  digest: app.manifest.digest,
  entrypoint: ['/app'],
  cmd: ['serve'],
  platforms: ['linux/amd64'],
};

/** Lets in whoever has one of these, as in `alice:secret`; the repository `public` is open to all. */
const guarded =
  (logins: Set<string>): RequestListener =>
  (request, response) => {
    const [, login = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (request.url?.startsWith('/v2/public/') || logins.has(Buffer.from(login, 'base64').toString()))
      return serve(request, response);
    response.setHeader('www-authenticate', 'Basic realm="test"');
    sendError(response, 401, 'UNAUTHORIZED', 'log in');
  };

const hang: RequestListener = () => {};

const entry = (host: string, login: string): ConfigEntry => {
  const [username = '', password = ''] = login.split(':');
  return { key: host, credential: { kind: 'basic', username, password } };
};

type Options = Partial<Pick<LookupDeps, 'credentialsOf' | 'sources'>> & {
  registries?: RegistrySettings;
  settings?: Partial<LookupSettings>;
  /** By namespace. */
  secrets?: Record<string, ConfigEntry[]>;
  defaults?: ConfigEntry[];
};

function make({ registries, settings, secrets = {}, defaults = [], ...deps }: Options = {}) {
  const client = createRegistryClient({ plainHttp: ['127.0.0.1'], ...registries });
  closeAfterTest(client.close);
  const clock = { now: 0 };
  const answered: object[] = [];
  const asked: object[] = [];
  const lookup = createLookup({
    client,
    credentialsOf: async ({ namespace }) => ({ entries: secrets[namespace] ?? [], problems: [] }),
    defaultEntries: () => defaults,
    sources: [],
    settings: {
      timeoutMilliseconds: 2500,
      backgroundMilliseconds: 5000,
      tagTtl: 300_000,
      digestTtl: 86_400_000,
      negativeTtl: 10_000,
      maxEntries: 1000,
      maxBytes: 4 * 1024 * 1024,
      perRegistryConcurrency: 4,
      platforms: [],
      ...settings,
    },
    now: () => clock.now,
    events: {
      answered: ({ milliseconds, ...event }) => answered.push(event),
      asked: ({ milliseconds, ...event }) => asked.push(event),
    },
    ...deps,
  });
  return { lookup, clock, answered, asked };
}

const podOf = (image: string, imagePullPolicy = 'IfNotPresent', spec: object = {}): Pod => ({
  spec: { containers: [{ name: 'app', image, imagePullPolicy }], ...spec },
});

const timed = async <T>(work: () => Promise<T>): Promise<{ value: T; milliseconds: number }> => {
  const begin = performance.now();
  const value = await work();
  return { value, milliseconds: performance.now() - begin };
};

describe('a pod', () => {
  it('is told what its image runs', async () => {
    const { host, requests } = await start(serve);
    const { lookup, answered, asked } = make();
    const image = `${host}/org/app:1.0`;
    expect(await lookup(image, podOf(image))).toEqual(found);
    expect(await lookup(image, podOf(image))).toEqual(found);
    expect(requests).toEqual(['GET /v2/org/app/manifests/1.0', `GET /v2/org/app/blobs/${app.config.digest}`]);
    expect(answered).toEqual([
      { registry: host, outcome: 'pulled' },
      { registry: host, outcome: 'cached' },
    ]);
    expect(asked).toEqual([{ registry: host, outcome: 'pulled' }]);
  });

  it('is told the same as 1,000 others that come at once, by one lookup', async () => {
    const { host, requests } = await start(serve);
    const { lookup, asked } = make({ settings: { timeoutMilliseconds: 30_000 } });
    const image = `${host}/org/app:1.0`;
    const all = await Promise.all(Array.from({ length: 1000 }, () => lookup(image, podOf(image))));
    for (const one of all) expect(one).toEqual(found);
    expect(requests).toHaveLength(2);
    expect(asked).toHaveLength(1);
  });

  it('is asked once where it may run, however many images it has', async () => {
    const { host } = await start(serve);
    const { lookup } = make();
    let reads = 0;
    const nodeSelector = {
      get 'kubernetes.io/arch'() {
        reads++;
        return 'amd64';
      },
    };
    const images = ['1.0', 'latest'].map((tag) => `${host}/org/app:${tag}`);
    const pod = { spec: { containers: images.map((image) => ({ name: 'app', image })), nodeSelector } };
    for (const image of images) expect(await lookup(image, pod)).toEqual(found);
    expect(reads).toBe(1);
  });

  const head = 'HEAD /v2/org/app/manifests/';
  it.each<[string, Pod['spec']['containers'], string[]]>([
    ['1.0', [{ name: 'app', imagePullPolicy: 'IfNotPresent' }], []],
    ['1.0', [{ name: 'app', imagePullPolicy: 'Never' }], []],
    ['1.0', [{ name: 'app' }], []],
    ['1.0', [{ name: 'app', imagePullPolicy: 'Always' }], [`${head}1.0`]],
    ['1.0', [{ name: 'a' }, { name: 'b', imagePullPolicy: 'Always' }], [`${head}1.0`]],
    ['1.0', [{ name: 'a' }, { name: 'b', image: 'other', imagePullPolicy: 'Always' }], []],
    ['latest', [{ name: 'app' }], [`${head}latest`]],
    ['latest', [{ name: 'app', imagePullPolicy: 'IfNotPresent' }], []],
    ['latest', [{ name: 'app', imagePullPolicy: null }], [`${head}latest`]],
  ])('of tag %s and containers %j asks again: %j', async (tag, containers, expected) => {
    const { host, requests } = await start(serve);
    const { lookup } = make();
    const image = `${host}/org/app:${tag}`;
    const pod = { spec: { containers: containers.map((container) => ({ image, ...container })) } };
    await lookup(image, pod);
    requests.length = 0;
    expect(await lookup(image, pod)).toEqual(found);
    expect(requests).toEqual(expected);
  });

  it('of an image without a tag asks again, and of one with a digest never', async () => {
    const { host, requests } = await start(serve);
    const { lookup } = make();
    for (const image of [`${host}/org/app`, `${host}/org/app:latest@${app.manifest.digest}`]) {
      const pod: Pod = { spec: { containers: [{ name: 'app', image }] } };
      expect(await lookup(image, pod)).toEqual(found);
      expect(await lookup(image, pod)).toEqual(found);
    }
    expect(requests.filter((request) => request.startsWith('HEAD'))).toEqual([`${head}latest`]);
    expect(requests).toHaveLength(5);
  });

  it('is told what runs on its node, and where that is not sure', async () => {
    const arm64 = makeImage({ entrypoint: ['/arm'], architecture: 'arm64' });
    const { host } = await start(serveImages({ '1.0': makeIndex([app, arm64]) }));
    const image = `${host}/org/app:1.0`;
    const { lookup } = make();
    expect(
      await lookup(image, podOf(image, 'Never', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } })),
    ).toMatchObject({
      entrypoint: ['/arm'],
    });
    expect(await lookup(image, podOf(image))).toEqual({
      found: false,
      problems: [expect.stringContaining('has a different ENTRYPOINT or CMD for linux/amd64 than for linux/arm64')],
    });
    const configured = make({ settings: { platforms: [{ os: 'linux', architecture: 'amd64' }] } });
    expect(await configured.lookup(image, podOf(image))).toMatchObject({ entrypoint: ['/app'] });
  });

  it('is told what is wrong with the name of its image', async () => {
    const { lookup, answered } = make();
    const image = 'alice:secret@registry.example.com/App';
    const { found, ...answer } = await lookup(image, podOf(image));
    expect([found, answer]).toEqual([false, { problems: [expect.stringContaining('invalid image reference')] }]);
    expect(answered).toEqual([{ outcome: 'invalid-reference' }]);
    expect(JSON.stringify([answer, answered])).not.toContain('secret');
  });
});

describe('tenants', () => {
  const image = (host: string, name = 'org/app:1.0') => `${host}/${name}`;
  const ask = (lookup: ReturnType<typeof make>['lookup'], name: string, namespace: string) =>
    lookup(name, podOf(name), { namespace });
  const refused = {
    found: false,
    problems: [expect.stringMatching(/did not accept the credentials|asks for credentials/)],
  };

  it.each(['org/app:1.0', `org/app@${app.manifest.digest}`])(
    'get nothing from the cache that only another may read: %s',
    async (name) => {
      const { host, requests } = await start(guarded(new Set(['alice:a', 'carol:c'])));
      const secrets = {
        alice: [entry(host, 'alice:a')],
        carol: [entry(host, 'carol:c')],
        mallory: [entry(host, 'alice:guessed')],
        'alice-too': [entry(host, 'alice:a')],
      };
      const { lookup } = make({ secrets });
      expect(await ask(lookup, image(host, name), 'alice')).toEqual(found);
      expect(await ask(lookup, image(host, name), 'mallory')).toEqual(refused);
      expect(await ask(lookup, image(host, name), 'nobody')).toEqual(refused);
      // Who may read it asks for it, and is then answered from the cache; as is who has the same credential.
      requests.length = 0;
      expect(await ask(lookup, image(host, name), 'carol')).toEqual(found);
      expect(requests.length).toBeGreaterThan(0);
      requests.length = 0;
      for (const namespace of ['alice', 'carol', 'alice-too'])
        expect(await ask(lookup, image(host, name), namespace)).toEqual(found);
      expect(requests).toEqual([]);
    },
  );

  it('do not share a lookup that is underway, either', async () => {
    const { host } = await start(guarded(new Set(['alice:a'])));
    const { lookup } = make({ secrets: { alice: [entry(host, 'alice:a')], mallory: [entry(host, 'alice:guessed')] } });
    const all = await Promise.all(
      ['alice', 'mallory', 'nobody'].map((namespace) => ask(lookup, image(host), namespace)),
    );
    expect(all).toEqual([found, refused, refused]);
  });

  it('are refused when their credential was revoked, as soon as the tag has to be looked at', async () => {
    const logins = new Set(['alice:a']);
    const { host } = await start(guarded(logins));
    const { lookup, clock } = make({ secrets: { alice: [entry(host, 'alice:a')] } });
    expect(await ask(lookup, image(host), 'alice')).toEqual(found);
    logins.clear();
    clock.now = 300_000;
    expect(await ask(lookup, image(host), 'alice')).toEqual(refused);
  });

  it("use each of the pod's credentials in turn, then the install's, a cloud's, and none", async () => {
    const { host, authorizations } = await start(guarded(new Set(['cloud:c'])));
    const { lookup, clock } = make({
      secrets: { shop: [entry(host, 'a:1'), entry(`${host}/org`, 'b:2')] },
      defaults: [entry(host, 'install:3')],
      sources: [
        {
          name: 'cloud',
          matches: (registry) => registry === host,
          getCredential: async () => ({ ok: true, value: entry(host, 'cloud:c').credential }),
        },
      ],
    });
    expect(await ask(lookup, image(host), 'shop')).toEqual(found);
    const users = authorizations.map(
      (one) => one && Buffer.from(one.slice('Basic '.length), 'base64').toString().split(':')[0],
    );
    expect([...new Set(users)]).toEqual([undefined, 'b', 'a', 'install', 'cloud']);
    clock.now = 1;
    expect(await ask(lookup, image(host, 'public/app:1.0'), 'nobody')).toEqual(found);
  });

  it('are told of their Secrets, where those may be why', async () => {
    const { host } = await start(guarded(new Set()));
    const problems = Array.from({ length: 5 }, (_, i) => `the Secret shop/regcred-${i} does not exist`);
    const { lookup } = make({ credentialsOf: async () => ({ entries: [], problems }) });
    const answer = await ask(lookup, image(host), 'shop');
    expect(answer).toEqual({
      found: false,
      problems: [expect.stringMatching(/asks for credentials \(401 UNAUTHORIZED\); /), ...problems.slice(0, 3)],
    });
    expect(await ask(lookup, image(host, 'public/app:1.0'), 'shop')).toEqual(found);
  });
});

describe('a mirror', () => {
  it("is asked with the install's credentials, and never with a pod's", async () => {
    const { host, authorizations } = await start(guarded(new Set(['install:i'])));
    const { lookup } = make({
      registries: { mirrors: [{ prefix: 'registry.example.com', locations: [host], only: true }] },
      defaults: [entry(host, 'install:i')],
      secrets: { shop: [entry('registry.example.com', 'pod:p')] },
    });
    const image = 'registry.example.com/org/app:1.0';
    expect(await lookup(image, podOf(image), { namespace: 'shop' })).toEqual(found);
    const sent = authorizations.map((one) => one && Buffer.from(one.slice('Basic '.length), 'base64').toString());
    expect([...new Set(sent)]).toEqual([undefined, 'install:i']);
  });
});

describe('the deadline', () => {
  const never = new Promise<never>(() => {});
  const hanging: Record<string, (host: string) => { listener?: RequestListener } & Options> = {
    'the registry': () => ({ listener: hang }),
    'the config': () => ({
      listener: (request, response) => (request.url?.includes('/blobs/') ? undefined : serve(request, response)),
    }),
    'the middle of the config': () => ({
      listener: (request, response) => {
        if (!request.url?.includes('/blobs/')) return serve(request, response);
        response.writeHead(200, { 'content-length': app.config.bytes.length }).write(app.config.bytes.subarray(0, 10));
      },
    }),
    'the token server': (host) => ({
      listener: (request, response) => {
        if (request.url?.startsWith('/token')) return;
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end();
      },
    }),
    'the API server': () => ({ listener: hang, credentialsOf: () => never }),
    'a cloud': () => ({
      listener: guarded(new Set()),
      sources: [
        {
          name: 'cloud',
          matches: () => true,
          getCredential: (_, signal) =>
            new Promise((resolve) =>
              signal.addEventListener('abort', () =>
                resolve({ ok: false, problem: 'the cloud gave no token in time' }),
              ),
            ),
        },
      ],
    }),
    'a registry that asks to come again later': () => ({
      listener: (_, response) => response.writeHead(429, { 'retry-after': '20' }).end(),
    }),
  };

  it.each(Object.entries(hanging))('is kept, whatever hangs: %s', async (_, options) => {
    let listener = hang;
    const { host } = await start((request, response) => listener(request, response));
    const { listener: given = hang, ...rest } = options(host);
    listener = given;
    const { lookup } = make({ ...rest, settings: { timeoutMilliseconds: 300, backgroundMilliseconds: 20_000 } });
    const image = `${host}/org/app:1.0`;
    const { value, milliseconds } = await timed(() => lookup(image, podOf(image)));
    expect(value).toEqual({ found: false, problems: expect.any(Array) });
    expect(value.found || value.problems.join(' ')).toMatch(/in time|too often/);
    expect(milliseconds).toBeLessThan(10_000); // of 20 seconds; for a machine that is busy
  });

  it('is less where the review has less time left', async () => {
    const { host } = await start(hang);
    const { lookup } = make({ settings: { timeoutMilliseconds: 20_000, backgroundMilliseconds: 20_000 } });
    const image = `${host}/org/app:1.0`;
    const { value, milliseconds } = await timed(() => lookup(image, podOf(image), { milliseconds: 50 }));
    expect(value).toEqual({
      found: false,
      problems: [`${host} did not answer in time; try again later, or set up a mirror`],
    });
    expect(milliseconds).toBeLessThan(10_000);
  });

  it('leaves no timer behind', async () => {
    const { host } = await start(serve);
    const { lookup } = make();
    const image = `${host}/org/app:1.0`;
    await lookup(image, podOf(image));
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (let i = 0; i < 10; i++) await lookup(image, podOf(image));
    expect(timers()).toBe(before);
  });

  it('does not keep from the next pod what came too late for one', async () => {
    const { host, requests } = await start(async (request, response) => {
      await sleep(60);
      serve(request, response);
    });
    const { lookup } = make();
    const image = `${host}/org/app:1.0`;
    expect(await lookup(image, podOf(image), { milliseconds: 30 })).toMatchObject({ found: false });
    await sleep(200);
    expect(await lookup(image, podOf(image), { milliseconds: 30 })).toEqual(found);
    expect(requests).toHaveLength(2);
  });

  it('leaves nothing behind when all is closed while lookups are underway', async () => {
    const { host } = await start(hang);
    const { lookup } = make();
    const image = `${host}/org/app:1.0`;
    await lookup(image, podOf(image), { milliseconds: 20 });
    await closeServers();
    expect(await lookup(`${image}1`, podOf(image))).toMatchObject({ found: false });
  });
});

describe('a registry that hangs', () => {
  it('makes nobody wait who does not ask it', async () => {
    const slow = await start(hang);
    const { host } = await start(serve);
    const { lookup } = make({ settings: { timeoutMilliseconds: 3000 } });
    const cached = `${host}/org/cached:1.0`;
    await lookup(cached, podOf(cached));

    let repository = 0;
    /** 1,000 lookups from the cache, and 40 at another registry: medians, in milliseconds. */
    const measure = async (): Promise<[number, number]> => {
      const fromCache: number[] = [];
      const fromRegistry: number[] = [];
      for (let i = 0; i < 1000; i++) {
        const { value, milliseconds } = await timed(() => lookup(cached, podOf(cached)));
        expect(value.found).toBe(true);
        fromCache.push(milliseconds);
        if (i % 25 > 0) continue;
        const image = `${host}/org/app-${repository++}:1.0`;
        const other = await timed(() => lookup(image, podOf(image)));
        expect(other.value.found).toBe(true);
        fromRegistry.push(other.milliseconds);
      }
      return [median(fromCache), median(fromRegistry)];
    };
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
    await measure();

    const waiting = Array.from({ length: 200 }, (_, i) => {
      const image = `${slow.host}/org/app-${i}:1.0`;
      return timed(() => lookup(image, podOf(image)));
    });
    await sleep(10);
    const [fromCache, fromRegistry] = await measure();
    // Half of the places: all of these are of one namespace.
    expect(slow.requests.length).toBe(2);
    // The others wait for seconds, as long as they may.
    expect(fromCache).toBeLessThan(30);
    expect(fromRegistry).toBeLessThan(1000);

    for (const { value, milliseconds } of await Promise.all(waiting)) {
      expect(value).toEqual({ found: false, problems: [expect.stringMatching(/did not answer in time|too slow/)] });
      expect(milliseconds).toBeLessThan(10_000);
    }
  });
});

describe('what anybody is told', () => {
  const logins = { pod: 'alice:hunter2', other: 'bob:correct-horse', install: 'carol:of-the-install' };
  const cloud = { kind: 'identity-token', token: 'of-the-cloud' } as const;
  const secrets = [...Object.values(logins).map((login) => login.split(':')[1] ?? ''), cloud.token];
  const encoded = [...Object.values(logins), `<token>:${cloud.token}`].map((login) =>
    Buffer.from(login).toString('base64'),
  );

  it.each([200, 301, 400, 401, 403, 404, 429, 500])(
    'has no part of a credential in it, though a registry sends each back with %i',
    async (status) => {
      const { host } = await start((request, response) => {
        const { authorization } = request.headers;
        if (!authorization) {
          response.setHeader('www-authenticate', 'Basic realm="test"');
          return sendError(response, 401, 'UNAUTHORIZED', 'log in');
        }
        const login = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
        response.setHeader('location', `https://${login.split(':')[1]}.example.com/${login}`);
        sendError(response, status, login, `${authorization} is ${login}`);
      });
      const { lookup, answered, asked } = make({
        secrets: { shop: [entry(host, logins.pod), entry(host, logins.other)] },
        defaults: [entry(host, logins.install)],
        sources: [{ name: 'cloud', matches: () => true, getCredential: async () => ({ ok: true, value: cloud }) }],
        settings: { timeoutMilliseconds: 1000 },
      });
      const image = `${host}/org/app:1.0`;
      const answer = await lookup(image, podOf(image), { namespace: 'shop' });
      expect(answer).toMatchObject({ found: false });
      expect(asked).toHaveLength([401, 403, 404].includes(status) ? 5 : 1);
      const told = JSON.stringify([answer, answered, asked]);
      expect([...secrets, ...encoded].filter((secret) => told.includes(secret))).toEqual([]);
    },
  );
});

describe('what went wrong', () => {
  it('is a warning of the pod, after what to do', async () => {
    const { host } = await start(guarded(new Set()));
    const { lookup } = make();
    const container = { name: 'app', image: `${host}/org/app:1.0` };
    const pod = { spec: { containers: [container] } };
    const resolution = resolveEntrypoint(container, undefined, await lookup(container.image, pod));
    expect(resolution).toEqual({
      ok: false,
      problem: [
        { code: 'entrypoint-unknown', container: 'app', why: 'lookup-failed' },
        {
          code: 'lookup-failed',
          container: 'app',
          problem: `http://${host}/v2/org/app/manifests/1.0 asks for credentials (401 UNAUTHORIZED); check the image's name, or add a pull secret for it`,
        },
      ],
    });
  });
});
