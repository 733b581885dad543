import { describe, expect, it } from 'vitest';
import type { LookupProblem } from '../../src/image-lookup/problem.ts';
import { tryInTurn } from '../../src/image-lookup/try-credentials.ts';
import type { Credential, CredentialSource } from '../../src/oci/credentials/credential.ts';
import { startDeadline } from '../../src/util/deadline.ts';

const basic = (username: string): Credential => ({ kind: 'basic', username, password: 'p' });
const nameOf = (credential: Credential | undefined) =>
  credential?.kind === 'basic' ? credential.username : 'anonymous';

const refusal = { address: 'https://r.example.com/v2/app', status: 400 };
const problems = {
  unauthorized: { kind: 'unauthorized', credentialSent: true, ...refusal },
  'not asked': { kind: 'unauthorized', credentialSent: false, ...refusal },
  forbidden: { kind: 'forbidden', credentialSent: true, ...refusal },
  'not-found': { kind: 'not-found', ...refusal },
  'untrusted-realm': { kind: 'untrusted-realm', address: 'r', realm: 'https://x/', reason: 'which is not https' },
  'rate-limited': { kind: 'rate-limited', ...refusal },
  unavailable: { kind: 'unavailable', ...refusal },
  timeout: { kind: 'timeout', address: 'r.example.com' },
  busy: { kind: 'busy', registry: 'r.example.com' },
  'platforms-disagree': {
    kind: 'platforms-disagree',
    address: refusal.address,
    platforms: ['linux/amd64', 'linux/arm64'],
  },
} satisfies Record<string, LookupProblem>;

type Told = keyof typeof problems | 'ok';

const source = (name: string, answer: 'ok' | 'none', registries = 'r.example.com'): CredentialSource => ({
  name,
  matches: (registry) => registry === registries,
  getCredential: async () =>
    answer === 'ok' ? { ok: true, value: basic(name) } : { ok: false, problem: `${name} gave no token` },
});

/** @param told what each client is told, by its name; a client that is not in it must not ask */
async function ask(
  told: Record<string, Told>,
  given: string[],
  sources: CredentialSource[] = [],
  known: string[] = [],
  milliseconds = 5000,
) {
  const asked: string[] = [];
  const answer = await tryInTurn(
    'r.example.com',
    { given: given.map(basic), sources },
    (credential) => {
      const name = nameOf(credential);
      return {
        recall: () => (known.includes(name) ? name : undefined),
        ask: async () => {
          asked.push(name);
          const how = told[name];
          if (how === undefined) throw new Error(`${name} should not ask`);
          return how === 'ok' ? { ok: true as const, value: name } : { ok: false as const, problem: problems[how] };
        },
      };
    },
    startDeadline(milliseconds),
  );
  return { asked, answer };
}

describe('an image is asked for', () => {
  it.each<[string, Record<string, Told>, string[]]>([
    ['by the first that may', { a: 'ok' }, ['a', 'b']],
    ['by the next after one that is not known', { a: 'unauthorized', b: 'ok' }, ['a', 'b']],
    ['by the next after one that may not', { a: 'forbidden', b: 'ok' }, ['a', 'b']],
    ['by the next after one that finds nothing', { a: 'not-found', b: 'ok' }, ['a', 'b']],
    ['by an anonymous client at last', { a: 'unauthorized', b: 'forbidden', anonymous: 'ok' }, ['a', 'b']],
    ['by an anonymous client where nobody may be told a credential', { a: 'untrusted-realm', anonymous: 'ok' }, ['a']],
    ['by an anonymous client alone', { anonymous: 'ok' }, []],
    ['by nobody else after too many questions', { a: 'rate-limited' }, ['a', 'b']],
    ['by nobody else at a registry that fails', { a: 'unavailable' }, ['a', 'b']],
    ['by nobody else when time is up', { a: 'unauthorized', b: 'timeout' }, ['a', 'b']],
    ['by nobody else at a registry that is busy', { a: 'busy' }, ['a', 'b']],
    ['by nobody else where the image itself is the problem', { a: 'platforms-disagree' }, ['a', 'b']],
  ])('%s', async (_, told, given) => expect((await ask(told, given)).asked).toEqual(Object.keys(told)));

  it('by what a cloud gives, between the pod and an anonymous client', async () => {
    const sources = [source('none', 'none'), source('cloud', 'ok'), source('elsewhere', 'ok', 'other.example.com')];
    const { asked } = await ask({ a: 'unauthorized', cloud: 'forbidden', anonymous: 'ok' }, ['a'], sources);
    expect(asked).toEqual(['a', 'cloud', 'anonymous']);
  });

  it('by an anonymous client in the half of the time that a cloud may not take', async () => {
    const began = performance.now();
    const slow: CredentialSource = {
      name: 'slow',
      matches: () => true,
      getCredential: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ ok: false, problem: 'the cloud is late' }));
        }),
    };
    const { asked, answer } = await ask({ anonymous: 'ok' }, [], [slow], [], 4000);
    expect([asked, answer]).toEqual([['anonymous'], { ok: true, value: 'anonymous' }]);
    expect(performance.now() - began).toBeLessThan(3800);
  });

  it("by nobody where one of the pod's knows", async () => {
    const { asked, answer } = await ask({}, ['a', 'b'], [], ['b', 'anonymous']);
    expect([asked, answer]).toEqual([[], { ok: true, value: 'b' }]);
    expect((await ask({}, ['a'], [], ['anonymous'])).answer).toEqual({ ok: true, value: 'anonymous' });
  });

  it('by no more than 16 that a pod names', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `user-${i}`);
    const told = Object.fromEntries([...names, 'anonymous'].map((name) => [name, 'unauthorized' as const]));
    expect((await ask(told, names)).asked).toEqual([...names.slice(0, 16), 'anonymous']);
  });
});

describe('in the end is told', () => {
  it.each<[Told, Record<string, Told>, RegExp[]]>([
    ['unauthorized', { a: 'unauthorized', anonymous: 'not asked' }, []],
    ['unauthorized', { a: 'unauthorized', anonymous: 'not-found' }, []],
    ['forbidden', { a: 'unauthorized', b: 'forbidden', anonymous: 'not asked' }, []],
    ['forbidden', { a: 'forbidden', b: 'unauthorized', anonymous: 'not asked' }, []],
    ['not-found', { a: 'unauthorized', b: 'not-found', c: 'forbidden', anonymous: 'not asked' }, []],
    ['untrusted-realm', { a: 'untrusted-realm', anonymous: 'not asked' }, []],
    ['unauthorized', { a: 'untrusted-realm', b: 'unauthorized', anonymous: 'not asked' }, []],
    ['not-found', { anonymous: 'not-found' }, []],
    ['not asked', { anonymous: 'not asked' }, []],
    ['unavailable', { a: 'unauthorized', b: 'unavailable' }, []],
    ['rate-limited', { a: 'unauthorized', anonymous: 'rate-limited' }, [/renew the pull secret/]],
    [
      'platforms-disagree',
      { a: 'forbidden', b: 'unauthorized', anonymous: 'platforms-disagree' },
      [/that may read it/],
    ],
    ['timeout', { anonymous: 'timeout' }, []],
  ])('%s, of %j', async (expected, told, besides) => {
    const { answer } = await ask(
      told,
      Object.keys(told).filter((name) => name !== 'anonymous'),
    );
    if (answer.ok || expected === 'ok') throw new Error('expected a problem');
    expect(answer.problem.main).toEqual(problems[expected]);
    expect(answer.problem.others).toEqual(besides.map((pattern) => expect.stringMatching(pattern)));
  });

  it('which cloud gave no token', async () => {
    const { answer } = await ask({ a: 'unauthorized', anonymous: 'not asked' }, ['a'], [source('cloud', 'none')]);
    expect(answer).toMatchObject({ problem: { main: problems.unauthorized, others: ['cloud gave no token'] } });
  });
});
