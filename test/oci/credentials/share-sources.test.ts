import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { shareSources } from '../../../src/oci/credentials/share-sources.ts';
import type { CredentialSource, SourcedCredential } from '../../../src/oci/credentials/source.ts';

const patient = new AbortController().signal;
const good: SourcedCredential = { ok: true, credential: { kind: 'identity-token', token: 'a' } };

/** A cloud that answers when the test says so. */
function make() {
  const asked: string[] = [];
  const releases: (() => void)[] = [];
  const source: CredentialSource = {
    name: 'cloud',
    matches: () => true,
    credential: async (registry) => {
      asked.push(registry);
      await new Promise<void>((resolve) => releases.push(resolve));
      return good;
    },
  };
  const sourcesFor = shareSources([source]);
  const ask = (namespace: string, registry: string, signal = patient) =>
    sourcesFor(namespace)[0]?.credential(registry, signal);
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
