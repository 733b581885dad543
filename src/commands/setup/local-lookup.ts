/** The lookup of what images run, as the command line does it: with the credentials of whoever runs it. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Config } from '../../config/parse.ts';
import { createLookup, type PodLookup } from '../../image-lookup/lookup.ts';
import { createLocalKeychain } from '../../oci/credentials/local-config.ts';
import { configuredPlatforms, type Environment, openRegistryClient } from './registry-client.ts';

type OpenedLookup = { ok: true; lookup: PodLookup; close: () => void } | { ok: false; problem: string };

/** A person waits longer than an API server does. */
const patience = 30_000;

/** As long as a command runs. */
const forGood = 86_400_000;

export async function openLocalLookup(config: Config, env: Environment): Promise<OpenedLookup> {
  const opened = await openRegistryClient(config, env);
  if (!opened.ok) return opened;
  const keychain = createLocalKeychain({ env, home: homedir(), readFile: (file) => readFile(file, 'utf8') });
  const lookup = createLookup({
    client: opened.client,
    credentialsOf: async ({ reference }) => {
      const { credentials, problems } = await keychain(reference);
      return { entries: credentials.map((credential) => ({ key: reference.registry, credential })), problems };
    },
    defaultEntries: () => [],
    sources: [],
    settings: {
      timeoutMilliseconds: patience,
      backgroundMilliseconds: patience,
      tagTtl: forGood,
      digestTtl: forGood,
      negativeTtl: forGood,
      maxEntries: config.registryCacheEntries,
      maxBytes: config.registryCacheMebibytes * 1024 * 1024,
      perRegistryConcurrency: config.registryConcurrency,
      platforms: configuredPlatforms(config),
    },
    now: () => performance.now(),
    events: { answered: () => {}, asked: () => {} },
  });
  return { ok: true, lookup, close: () => void opened.client.close() };
}
