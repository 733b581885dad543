import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPullSecrets, type PullSecretReaders } from '../../src/image-lookup/pull-secrets.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { Pod } from '../../src/pod/schema.ts';

const secretOf = (auths: object) => ({
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
});
const login = (password: string, host = 'registry.example.com') =>
  secretOf({ [host]: { username: 'alice', password } });
const entry = (password: string, key = 'registry.example.com') => ({
  key,
  credential: { kind: 'basic', username: 'alice', password },
});

type Secret = Awaited<ReturnType<PullSecretReaders['readSecret']>>;
type Objects = {
  secrets?: Record<string, Secret | Error>;
  accounts?: Record<string, { imagePullSecrets?: { name?: string }[] } | Error>;
  /** Before each answer. */
  wait?: () => Promise<unknown>;
};

function make({ secrets = {}, accounts = {}, wait = async () => {} }: Objects = {}) {
  const clock = { now: 0 };
  const reads: string[] = [];
  const read =
    <T>(kind: string, objects: Record<string, T | Error>) =>
    async (namespace: string, name: string): Promise<T | undefined> => {
      reads.push(`${kind} ${namespace}/${name}`);
      await wait();
      const object = objects[`${namespace}/${name}`];
      if (object instanceof Error) throw object;
      return object;
    };
  const credentialsOf = createPullSecrets({
    readSecret: read('Secret', secrets),
    readServiceAccount: read('ServiceAccount', accounts),
    now: () => clock.now,
  });
  const ask = (pod: Pod, { isTemplate = false, namespace = 'shop', signal = new AbortController().signal } = {}) =>
    credentialsOf({ pod, namespace, reference, isTemplate }, signal);
  return { clock, reads, secrets, ask };
}

const parsed = parseReference('registry.example.com/app:1.0');
if (!parsed.ok) throw new Error(parsed.problem);
const reference = parsed.value;

const podOf = (...names: (string | null)[]): Pod => ({
  spec: { containers: [], imagePullSecrets: names.map((name) => ({ name })) },
});

describe("a pod's Secrets", () => {
  it('are all read, in its namespace, and stay in its order', async () => {
    const { ask, reads } = make({
      secrets: { 'shop/b': login('1'), 'shop/a': login('2', '*.example.com'), 'other/a': login('3') },
      wait: () => sleep(Math.random() * 10),
    });
    expect(await ask(podOf('b', 'a', 'b', '', null))).toEqual({
      entries: [entry('1'), entry('2', '*.example.com')],
      problems: [],
    });
    expect(reads).toEqual(['Secret shop/b', 'Secret shop/a']);
  });

  it('may be none', async () => {
    const { ask, reads } = make();
    expect(await ask({ spec: { containers: [] } })).toEqual({ entries: [], problems: [] });
    expect(await ask({ spec: { containers: [], imagePullSecrets: null } })).toEqual({ entries: [], problems: [] });
    expect(reads).toEqual([]);
  });

  it.each<[string, Secret | Error, string]>([
    [
      'is not there',
      undefined,
      'the Secret shop/bad does not exist; create it with `kubectl create secret docker-registry`, or remove it from imagePullSecrets',
    ],
    [
      'is of another type',
      { type: 'Opaque', data: { password: 'czNjcjN0' } },
      'the Secret shop/bad is not of the type kubernetes.io/dockerconfigjson; create one with `kubectl create secret docker-registry`',
    ],
    [
      'is malformed',
      { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'czNjcjN0' } },
      '.dockerconfigjson of the Secret shop/bad is malformed; create one with `kubectl create secret docker-registry`',
    ],
    [
      'may not be read',
      new Error('the API server did not let Clockout read it'),
      'the API server did not let Clockout read it',
    ],
  ])('that %s costs a sentence, and the others nothing', async (_, bad, problem) => {
    const { ask } = make({ secrets: { 'shop/bad': bad, 'shop/good': login('1') } });
    expect(await ask(podOf('bad', 'good'))).toEqual({ entries: [entry('1')], problems: [problem] });
  });

  it.each(['..', '.', '../../../../api/v1/secrets', 'a/b', 'A', 'a\n', 'a?b', '%2e%2e', 'ä', '-a', 'a'.repeat(254)])(
    'of the name %j are not asked for',
    async (name) => {
      const { ask, reads } = make({ secrets: { 'shop/good': login('1') } });
      expect(await ask(podOf(name, 'good'))).toEqual({
        entries: [entry('1')],
        problems: ['an entry of imagePullSecrets of the pod is not a valid Secret name; correct it'],
      });
      expect(reads).toEqual(['Secret shop/good']);
      await ask({ spec: { containers: [], serviceAccountName: name } }, { isTemplate: true });
      expect(reads).toEqual(['Secret shop/good']);
    },
  );

  it('are 16 at most', async () => {
    const { ask, reads } = make();
    const { problems } = await ask(podOf(...Array.from({ length: 1000 }, (_, i) => `s${i}`)));
    expect(reads).toHaveLength(16);
    expect(problems[0]).toBe(
      'only the first 16 imagePullSecrets of the pod are used; put the credentials into fewer Secrets',
    );
  });

  it('are named once, however many images the pod has', async () => {
    let reads = 0;
    const reference = {
      get name() {
        reads++;
        return 'good';
      },
    };
    const { ask } = make({ secrets: { 'shop/good': login('1') } });
    const pod = { spec: { containers: [], imagePullSecrets: [reference] } };
    for (let i = 0; i < 3; i++) expect((await ask(pod)).entries).toEqual([entry('1')]);
    expect(reads).toBe(1);
  });

  it('are for addresses of at most 1,024 characters: no image has a longer one', async () => {
    const { ask } = make({
      secrets: { 'shop/a': login('1', '.'.repeat(1025)), 'shop/b': login('2', 'a'.repeat(1024)) },
    });
    expect(await ask(podOf('a', 'b'))).toEqual({ entries: [entry('2', 'a'.repeat(1024))], problems: [] });
  });

  it('are for 250 registries at most, each', async () => {
    const auths = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [`${i}.example.com`, { username: 'alice', password: 'x' }]),
    );
    const { ask } = make({ secrets: { 'shop/a': secretOf(auths) } });
    const { entries, problems } = await ask(podOf('a'));
    expect(entries).toHaveLength(250);
    expect(problems).toEqual(['of the Secret shop/a only the first 250 registries are used; divide it into several']);
  });
});

describe('the service account', () => {
  const accounts = {
    'shop/default': { imagePullSecrets: [{ name: 'a' }] },
    'shop/runner': { imagePullSecrets: [{ name: 'b' }, { name: 'a' }, {}] },
    'shop/bare': {},
    'shop/forbidden': new Error('the API server did not let Clockout read it'),
  };
  const secrets = { 'shop/a': login('1'), 'shop/b': login('2') };
  const named = (serviceAccountName?: string): Pod => ({
    spec: { containers: [], ...(serviceAccountName && { serviceAccountName }) },
  });

  it.each<[string, Pod, string[]]>([
    ['its own', named('runner'), ['2', '1']],
    ['the default one', named(), ['1']],
    ['one without', named('bare'), []],
    ['its own Secrets before any', { spec: { ...podOf('b').spec, serviceAccountName: 'default' } }, ['2']],
  ])('of a template brings its Secrets: %s', async (_, pod, passwords) => {
    const { ask } = make({ secrets, accounts });
    expect(await ask(pod, { isTemplate: true })).toEqual({
      entries: passwords.map((each) => entry(each)),
      problems: [],
    });
  });

  it.each([
    ['lost', 'the ServiceAccount shop/lost does not exist; create it, or set another serviceAccountName'],
    ['forbidden', 'the API server did not let Clockout read it'],
    ['../x', 'serviceAccountName is not a valid ServiceAccount name; correct it'],
  ])('%s is a problem', async (name, problem) => {
    const { ask } = make({ secrets, accounts });
    expect(await ask(named(name), { isTemplate: true })).toEqual({ entries: [], problems: [problem] });
  });

  it('of a pod is not read: the API server has filled in what it has', async () => {
    const { ask, reads } = make({ secrets, accounts });
    expect(await ask(named('runner'))).toEqual({ entries: [], problems: [] });
    expect(reads).toEqual([]);
  });
});

describe('what was read', () => {
  it('is read once for all who ask at once, and remembered for 30 s', async () => {
    const { ask, reads, clock, secrets } = make({ secrets: { 'shop/a': login('1') }, wait: () => sleep(10) });
    const all = await Promise.all(Array.from({ length: 1000 }, () => ask(podOf('a'))));
    for (const { entries } of all) expect(entries).toEqual([entry('1')]);
    secrets['shop/a'] = login('2');
    clock.now = 29_999;
    expect((await ask(podOf('a'))).entries).toEqual([entry('1')]);
    expect(reads).toHaveLength(1);
    clock.now = 30_000;
    expect((await ask(podOf('a'))).entries).toEqual([entry('2')]);
    expect(reads).toHaveLength(2);
  });

  it.each<[string, Secret | Error]>([
    ['that it is not there', undefined],
    ['that it is of no use', { type: 'Opaque' }],
    ['that it failed', new Error('the API server cannot be reached')],
  ])('and found %s is remembered for 5 s', async (_, bad) => {
    const { ask, reads, clock, secrets } = make({ secrets: { 'shop/a': bad } });
    await ask(podOf('a'));
    secrets['shop/a'] = login('1');
    clock.now = 4999;
    expect((await ask(podOf('a'))).problems).toHaveLength(1);
    expect(reads).toHaveLength(1);
    clock.now = 5000;
    expect(await ask(podOf('a'))).toEqual({ entries: [entry('1')], problems: [] });
  });

  it('of service accounts is, too', async () => {
    const { ask, reads } = make({
      secrets: { 'shop/a': login('1') },
      accounts: { 'shop/default': { imagePullSecrets: [{ name: 'a' }] } },
    });
    const pod = { spec: { containers: [] } };
    await Promise.all(Array.from({ length: 100 }, () => ask(pod, { isTemplate: true })));
    expect(reads).toEqual(['ServiceAccount shop/default', 'Secret shop/a']);
  });

  it('belongs to its namespace', async () => {
    const { ask } = make({ secrets: { 'shop/a': login('1') } });
    await ask(podOf('a'));
    expect((await ask(podOf('a'), { namespace: 'other' })).entries).toEqual([]);
  });

  it('was read a few at a time for each namespace', async () => {
    const underway = { shop: 0, other: 0 };
    const most = { shop: 0, other: 0 };
    const credentialsOf = createPullSecrets({
      readSecret: async (namespace) => {
        const of = namespace as keyof typeof most;
        most[of] = Math.max(most[of], ++underway[of]);
        await sleep(10);
        underway[of]--;
        return login('1');
      },
      readServiceAccount: async () => undefined,
      now: () => performance.now(),
    });
    const pod = podOf(...Array.from({ length: 12 }, (_, i) => `s${i}`));
    const { signal } = new AbortController();
    const both = await Promise.all(
      ['shop', 'other'].map((namespace) => credentialsOf({ pod, namespace, reference, isTemplate: false }, signal)),
    );
    expect(both.map(({ entries }) => entries.length)).toEqual([12, 12]);
    expect(most).toEqual({ shop: 4, other: 4 });
  });

  it('is so much at most', async () => {
    const password = 'x'.repeat(14_000);
    const hosts = Array.from({ length: 50 }, (_, i) => `${i}.example.com`);
    const large = secretOf(Object.fromEntries(hosts.map((host) => [host, { username: 'alice', password }])));
    const names = Array.from({ length: 30 }, (_, i) => `s${i}`);
    const { ask, reads } = make({ secrets: Object.fromEntries(names.map((name) => [`shop/${name}`, large])) });
    for (const name of names) expect((await ask(podOf(name))).entries).toHaveLength(50);
    await ask(podOf('s29'));
    expect(reads).toHaveLength(30);
    await ask(podOf('s0'));
    expect(reads).toHaveLength(31);
  });
});

describe('who cannot wait', () => {
  it('hears what is missing, and the next one finds it', async () => {
    const never = new Promise(() => {});
    let isSlow = true;
    const { ask, reads } = make({
      secrets: { 'shop/a': login('1') },
      wait: () => (isSlow ? sleep(100) : never),
    });
    const controller = new AbortController();
    const asked = ask(podOf('a'), { signal: controller.signal });
    controller.abort();
    expect(await asked).toEqual({
      entries: [],
      problems: ['the Secret shop/a could not be read in time; try again, it may be in the cache by then'],
    });
    isSlow = false;
    await sleep(200);
    expect((await ask(podOf('a'))).entries).toEqual([entry('1')]);
    expect(reads).toHaveLength(1);
  });

  it('for a service account hears that', async () => {
    const { ask } = make({ wait: () => new Promise(() => {}) });
    const answer = await ask({ spec: { containers: [] } }, { isTemplate: true, signal: AbortSignal.abort() });
    expect(answer.problems).toEqual([
      expect.stringContaining('the ServiceAccount shop/default could not be read in time'),
    ]);
  });
});
