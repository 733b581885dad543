/** The lookup of what images run, as the webhook does it: with pull secrets, the install's own credentials, and its cache. */
import { readFile } from 'node:fs/promises';
import { fetch as undiciFetch } from 'undici';
import { type Config, milliseconds } from '../../config/parse.ts';
import { createLookup, type LookupDeps, type LookupSettings, type PodLookup } from '../../image-lookup/lookup.ts';
import type { RegistryClient } from '../../oci/client.ts';
import { createAzureSource } from '../../oci/credentials/azure.ts';
import { openConfigFile } from '../../oci/credentials/config-file.ts';
import type { CredentialSource } from '../../oci/credentials/credential.ts';
import { createEcrSource } from '../../oci/credentials/ecr.ts';
import { createGoogleSource } from '../../oci/credentials/google.ts';
import { configuredPlatforms, type Environment, openRegistryClient } from './registry-client.ts';

export type LookupEvents = LookupDeps['events'] & {
  /** A sentence. What was known before stays in use. */
  failed: (problem: string) => void;
};

export type OpenedLookup = { ok: true; lookup: PodLookup; close: () => void } | { ok: false; problems: string[] };

export async function openLookup(config: Config, events: LookupEvents, env: Environment): Promise<OpenedLookup> {
  const opened = await openRegistryClient(config, env);
  if (!opened.ok) return { ok: false, problems: [opened.problem] };
  const { client } = opened;
  const defaults = await openDefaults(config, events);
  if (!defaults.ok) return { ok: false, problems: [defaults.problem] };
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
  return { ok: true, lookup, close };
}

// --- internal ---

const mebibyte = 1024 * 1024;

/** Longer than a pod can wait: what a slow registry says at last, the next pod finds in the cache. */
const backgroundMilliseconds = 10_000;

const lookupSettings = (config: Config): LookupSettings => ({
  timeoutMilliseconds: milliseconds(config.registryTimeout),
  backgroundMilliseconds,
  tagTtl: milliseconds(config.registryTagLifetime),
  digestTtl: milliseconds(config.registryDigestLifetime),
  negativeTtl: milliseconds(config.registryFailureLifetime),
  maxEntries: config.registryCacheEntries,
  maxBytes: config.registryCacheMebibytes * mebibyte,
  perRegistryConcurrency: config.registryConcurrency,
  platforms: configuredPlatforms(config),
});

const readText = (file: string) => readFile(file, 'utf8');

/** The kubelet swaps a mounted Secret's files within a minute or two. */
const configFileInterval = 30_000;

async function openDefaults({ registryDockerConfig: file }: Config, { failed }: LookupEvents) {
  if (file === undefined) return { ok: true as const, value: { entries: () => [], close: () => {} } };
  const effects = { readFile: readText, onProblem: failed, interval: configFileInterval };
  const opened = await openConfigFile(file, effects);
  return opened.ok ? opened : { ok: false as const, problem: `CLOCKOUT_REGISTRY_DOCKER_CONFIG: ${opened.problem}.` };
}

function cloudSources({ registryClouds = [] }: Config, client: RegistryClient, env: Environment): CredentialSource[] {
  const now = Date.now;
  // As registries are reached: through the proxy, with the same certificates.
  const fetch: typeof undiciFetch = (address, init) =>
    undiciFetch(address, { ...init, dispatcher: client.dispatcherFor(new URL(`${address}`)) });
  const sources = {
    ecr: () => createEcrSource({ now, lookup: client.lookup }),
    // The metadata server is on the node, where no proxy reaches it.
    google: () => createGoogleSource({ fetch: undiciFetch, env, now }),
    azure: () => createAzureSource({ fetch, env, readFile: readText, now }),
  };
  return registryClouds.map((cloud) => sources[cloud]());
}

async function credentialsOf({ registryPullSecrets }: Config): Promise<LookupDeps['credentialsOf']> {
  if (registryPullSecrets === 'off') {
    return async ({ pod }) => ({ entries: [], problems: pod.spec.imagePullSecrets?.length ? [notRead] : [] });
  }
  const { loadKubeConfig } = await import('../../kubernetes/config.ts');
  const { createSecretReaders } = await import('../../kubernetes/secrets.ts');
  const { createPullSecrets } = await import('../../image-lookup/pull-secrets.ts');
  return createPullSecrets({ ...createSecretReaders(loadKubeConfig()), now: () => performance.now() });
}

const notRead = "the pod's pull secrets were not read, as Clockout is set up (chart value registry.pullSecrets)";

/** Looked at again well before what is known of a tag is too old to be used: a registry may be down for the rest. */
const shareOfTagLifetime = 0.6;

/** @returns what ends it */
async function startWarmUp(config: Config, lookup: PodLookup, { failed }: LookupEvents): Promise<() => void> {
  const { registryWarmUp: mode } = config;
  if (mode === 'off') return () => {};
  const { loadKubeConfig } = await import('../../kubernetes/config.ts');
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
    everyMilliseconds: milliseconds(config.registryTagLifetime) * shareOfTagLifetime,
    againMilliseconds: milliseconds(config.registryFailureLifetime),
  });
}
