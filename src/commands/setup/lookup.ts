/** The lookup of the webhook: with pull secrets, Clockout's own credentials, and a cache. */
import { readFile } from 'node:fs/promises';
import { fetch as undiciFetch } from 'undici';
import type { Config, Environment } from '../../config/parse.ts';
import type { LookupImageConfig } from '../../entrypoint/resolve.ts';
import { createLookup, type LookupDeps, type LookupSettings } from '../../image-lookup/lookup.ts';
import type { RegistryClient } from '../../oci/client.ts';
import { createAzureSource } from '../../oci/credentials/azure.ts';
import { openConfigFile } from '../../oci/credentials/config-file.ts';
import type { CredentialSource } from '../../oci/credentials/credential.ts';
import { createEcrSource } from '../../oci/credentials/ecr.ts';
import { createGoogleSource } from '../../oci/credentials/google.ts';
import type { LookupEvents, OpenedLookup } from '../../server/run-server.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { openRegistryClient, readLookupBounds } from './registry-client.ts';

export async function openLookup(
  config: Config,
  events: LookupEvents,
  env: Environment,
): Promise<Result<OpenedLookup, string[]>> {
  const opened = await openRegistryClient(config, env);
  if (!opened.ok) return opened;
  const client = opened.value;
  const defaults = await openDefaults(config, events);
  if (!defaults.ok) return fail([defaults.problem]);
  const lookup = createLookup({
    client,
    credentialsOf: await credentialsOf(config),
    defaultEntries: defaults.value.entries,
    sources: cloudSources(config, client, env),
    settings: lookupSettings(config),
    now: () => performance.now(),
    events,
  });
  const stopWarmUp = await startWarmUp(config, lookup, events);
  const close = () => {
    stopWarmUp();
    defaults.value.close();
    void client.close();
  };
  return ok({ lookup, close });
}

// --- internal ---

/** Longer than a pod can wait: the next pod finds the answer of a slow registry in the cache. */
const backgroundMilliseconds = 10_000;

const lookupSettings = (config: Config): LookupSettings => ({
  timeoutMilliseconds: config.registryTimeout,
  backgroundMilliseconds,
  tagTtl: config.registryTagLifetime,
  digestTtl: config.registryDigestLifetime,
  negativeTtl: config.registryFailureLifetime,
  ...readLookupBounds(config),
});

const readText = (file: string) => readFile(file, 'utf8');

/** The kubelet updates the files of a mounted Secret within a minute or two. */
const configFileInterval = 30_000;

async function openDefaults({ registryDockerConfig: file }: Config, { failed }: LookupEvents) {
  if (file === undefined) return ok({ entries: () => [], close: () => {} });
  const effects = { readFile: readText, onProblem: failed, interval: configFileInterval };
  const opened = await openConfigFile(file, effects);
  return opened.ok ? opened : fail(`CLOCKOUT_REGISTRY_DOCKER_CONFIG: ${opened.problem}.`);
}

function cloudSources({ registryClouds = [] }: Config, client: RegistryClient, env: Environment): CredentialSource[] {
  const now = Date.now;
  // The same proxy and certificates as for registries.
  const fetch: typeof undiciFetch = (address, init) =>
    undiciFetch(address, { ...init, dispatcher: client.dispatcherFor(new URL(`${address}`)) });
  const sources = {
    ecr: () => createEcrSource({ now, lookup: client.lookup }),
    // The metadata server is on the node, which a proxy can't reach.
    google: () => createGoogleSource({ fetch: undiciFetch, env, now }),
    azure: () => createAzureSource({ fetch, env, readFile: readText, now }),
  };
  return registryClouds.map((cloud) => sources[cloud]());
}

async function credentialsOf({ registryPullSecrets }: Config): Promise<LookupDeps['credentialsOf']> {
  if (registryPullSecrets === 'off') {
    return async ({ pod }) => ({ entries: [], problems: pod.spec.imagePullSecrets?.length ? [notRead] : [] });
  }
  const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
  const { createSecretReaders } = await import('../../kubernetes/secrets.ts');
  const { createPullSecrets } = await import('../../image-lookup/pull-secrets.ts');
  return createPullSecrets({ ...createSecretReaders(loadKubeConfig()), now: () => performance.now() });
}

const notRead = "the pod's pull secrets were not read, as Clockout is set up (chart value registry.pullSecrets)";

/** When to look up a tag again: early enough that a registry may be down for the rest of the tag's lifetime. */
const shareOfTagLifetime = 0.6;

/** @returns a function that stops it */
async function startWarmUp(config: Config, lookup: LookupImageConfig, { failed }: LookupEvents): Promise<() => void> {
  const { registryWarmUp: mode } = config;
  if (mode === 'off') return () => {};
  const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
  const { followTemplates } = await import('../../kubernetes/templates.ts');
  const { startWarmUp } = await import('../../image-lookup/warm-up.ts');
  const kubeConfig = loadKubeConfig();
  return startWarmUp({
    follow: (events) => followTemplates(kubeConfig, { mode, onError: failed, ...events }),
    look: async ({ namespace, pod }) => {
      const images = new Set(pod.spec.containers.map(({ image }) => image ?? ''));
      const found: boolean[] = [];
      for (const image of images) found.push((await lookup(image, pod, { namespace, isTemplate: true })).found);
      return !found.includes(false);
    },
    onError: failed,
    everyMilliseconds: config.registryTagLifetime * shareOfTagLifetime,
    againMilliseconds: config.registryFailureLifetime,
  });
}
