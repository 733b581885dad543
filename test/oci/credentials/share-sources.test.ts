import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Credential, CredentialSource } from '../../../src/oci/credentials/credential.ts';
import { shareSources } from '../../../src/oci/credentials/share-sources.ts';
import type { Result } from '../../../src/util/result.ts';

const patient = new AbortController().signal;
const good: Result<Credential, string> = { ok: true, value: { kind: 'identity-token', token: 'a' } };

/** A cloud that answers when the test says so. */
function make() {
  const asked: string[] = [];
  const releases: (() => void)[] = [];
  const source: CredentialSource = {
    name: 'cloud',
    matches: () => true,
    getCredential: async (registry) => {
      asked.push(registry);
      await new Promise<void>((resolve) => releases.push(resolve));
      return good;
    },
  };
  const sourcesFor = shareSources([source]);
  const ask = (namespace: string, registry: string, signal = patient) =>
    sourcesFor(namespace)[0]?.getCredential(registry, signal);
  return { asked, releases, ask };
}

it('a namespace that names many registries of a cloud keeps none from its token', async () => {
  const { asked, releases, ask } = make();
  for (let i = 0; i < 100; i++) void ask('greedy', `${i}.cloud`);
  await sleep(0);
  expect(asked).toEqual(['0.cloud', '1.cloud', '2.cloud', '3.cloud']);
  const other = ask('shop', 'shop.cloud');
  await sleep(0);
  expect(asked.at(-1)).toBe('shop.cloud');
  releases.at(-1)?.();
  expect(await other).toEqual(good);
});

it('a pod that waits no longer is told so', async () => {
  const { asked, ask } = make();
  for (let i = 0; i < 4; i++) void ask('greedy', `${i}.cloud`);
  expect(await ask('greedy', 'late.cloud', AbortSignal.abort())).toEqual({
    ok: false,
    problem: 'cloud was not asked for a token in time; try again later',
  });
  expect(asked).not.toContain('late.cloud');
});
