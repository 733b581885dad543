/**
 * What is remembered about images: what their tags point to, what they run, and what went wrong. Each entry belongs to a
 * scope, so that no tenant can read what only another tenant's credential may read.
 */

import type { Credential } from '../../oci/credentials/credential.ts';
import { choosePause } from '../../oci/http/http-statuses.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import type { RegistryProblem } from '../../oci/problem.ts';
import type { PulledConfig } from '../../oci/pull-config.ts';
import type { Reference } from '../../oci/reference.ts';
import { type CacheBounds, createCache } from '../../util/lru.ts';
import { createScopes } from './scope.ts';

/** Times are in milliseconds. */
export type MemorySettings = CacheBounds & {
  /** How long a tag is trusted to point to the same image, for the same credential. */
  tagTtl: number;
  /** How long a successful read by digest is trusted for the same credential. */
  digestTtl: number;
  /** How long not to ask again after a failure. */
  negativeTtl: number;
};

/** An image to look up with one credential or none. */
export type ImageQuery = {
  /** The pod's. */
  namespace: string;
  reference: Reference;
  credential: Credential | undefined;
  platforms: readonly Platform[];
  /** The pod's image is always pulled, so its tag is looked up each time. */
  always: boolean;
};

/** What is known about one query, and how to add to it. */
export type Remembered = {
  /** The same for queries with the same answer; it reveals nothing about the credential. */
  key: string;
  /** `isFresh`: there is no need to ask the registry. */
  recall: () => { config: PulledConfig; isFresh: boolean } | undefined;
  failure: () => RegistryProblem | undefined;
  keep: (config: PulledConfig) => void;
  /** The tag points to that digest now. @returns what the image runs, if that is known */
  confirm: (digest: string) => PulledConfig | undefined;
  fail: (problem: RegistryProblem) => void;
};

/** @param now in milliseconds; from when on does not matter */
export function createMemory(settings: MemorySettings, now: () => number): (query: ImageQuery) => Remembered {
  const { maxEntries, maxBytes } = settings;
  const share = (part: number) => ({ maxEntries, maxBytes: Math.ceil(maxBytes * part) });
  const digests = createCache<string>(share(0.2), now);
  const commands = createCache<Omit<PulledConfig, 'digest'>>(share(0.6), now);
  // Apart, because anybody can ask for any number of images that do not exist.
  const failures = createCache<RegistryProblem>(share(0.2), now);
  const scopeOf = createScopes();

  return ({ namespace, reference, credential, platforms, always }) => {
    const scope = scopeOf(reference, credential);
    const name = `${scope} ${reference.digest ?? reference.tag}`;
    const wanted = platforms.map(formatPlatform).sort().join(' ');
    const key = `${name} ${wanted}`;
    const [ttl, isFixed] = reference.digest ? [settings.digestTtl, true] : [settings.tagTtl, false];

    // A timeout may be due to this namespace alone: to its other lookups, or to the time that its pod had left.
    const timeoutKey = `${namespace} ${key}`;

    const configOf = (digest: string): PulledConfig | undefined => {
      const command = commands.get(`${scope} ${digest} ${wanted}`);
      return command && { digest, ...command.value };
    };
    const confirm = (digest: string) => {
      digests.set(name, digest, ttl);
      return configOf(digest);
    };
    return {
      key,
      recall: () => {
        const known = digests.get(name);
        const config = known && configOf(known.value);
        return config && { config, isFresh: (isFixed || !always) && known.isFresh };
      },
      failure: () => [failures.get(key), failures.get(timeoutKey)].find((failed) => failed?.isFresh)?.value,
      keep: ({ digest, ...command }) => {
        commands.set(`${scope} ${digest} ${wanted}`, command);
        confirm(digest);
      },
      confirm,
      fail: (problem) =>
        failures.set(
          problem.kind === 'timeout' ? timeoutKey : key,
          problem,
          choosePause(problem, settings.negativeTtl, settings.tagTtl),
        ),
    };
  };
}
