/** The lookup of the command line: with the credentials of the user who runs the command. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Config, Environment } from '../../config/parse.ts';
import { createLookup, type LookupDeps } from '../../image-lookup/lookup.ts';
import { createLocalKeychain } from '../../oci/credentials/local-config.ts';
import type { OpenedLookup } from '../../server/run-server.ts';
import { ok, type Result } from '../../util/result.ts';
import { openRegistryClient, readLookupBounds } from './registry-client.ts';

/** A person waits longer than an API server does. */
const patience = 30_000;

/** As long as a command runs. */
const forGood = 86_400_000;

/** @param answered hears how each lookup ended */
export async function openLocalLookup(
  config: Config,
  env: Environment,
  answered: LookupDeps['events']['answered'] = () => {},
): Promise<Result<OpenedLookup, string[]>> {
  const opened = await openRegistryClient(config, env);
  if (!opened.ok) return opened;
  const client = opened.value;
  const keychain = createLocalKeychain({ env, home: homedir(), readFile: (file) => readFile(file, 'utf8') });
  const lookup = createLookup({
    client,
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
      ...readLookupBounds(config),
    },
    now: () => performance.now(),
    events: { answered, asked: () => {} },
  });
  return ok({ lookup, close: () => void client.close() });
}
