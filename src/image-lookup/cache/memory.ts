/**
 * What is remembered of images: what their tags point to, what they run, and what went wrong. Each entry belongs to a scope,
 * so that nobody reads here what only another's credential may read.
 */

import type { Credential } from '../../oci/credentials/credential.ts';
import { type Platform, platformName } from '../../oci/platform.ts';
import type { RegistryProblem } from '../../oci/problem.ts';
import type { PulledConfig } from '../../oci/pull-config.ts';
import type { Reference } from '../../oci/reference.ts';
import { type CacheBounds, makeCache } from '../../util/lru.ts';
import { makeScopes } from './scope.ts';

/** Times are in milliseconds. */
export type MemorySettings = CacheBounds & {
  /** How long a tag is taken to point to the same image, and its credential to be allowed to read it. */
  tagTtl: number;
  /** How long a credential is taken to be allowed to read what is named by a digest. */
  digestTtl: number;
  /** How long nobody asks again after a failure. */
  negativeTtl: number;
};

/** An image, asked for with one credential or none. */
export type Question = {
  /** Whose pod asks. */
  namespace: string;
  reference: Reference;
  credential: Credential | undefined;
  platforms: readonly Platform[];
  /** For a pod that has its image pulled always, the tag is looked at each time. */
  always: boolean;
};

/** What is known of one question, and how to know more. */
export type Remembered = {
  /** The same for questions with the same answer; it tells nothing of their credential. */
  key: string;
  /** `isFresh`: nobody needs to be asked whether it is still so. */
  recall: () => { config: PulledConfig; isFresh: boolean } | undefined;
  failure: () => RegistryProblem | undefined;
  keep: (config: PulledConfig) => void;
  /** The tag points to that digest. @returns what the image runs, if that is known */
  confirm: (digest: string) => PulledConfig | undefined;
  fail: (problem: RegistryProblem) => void;
};

/** @param now in milliseconds; from when on does not matter */
export function makeMemory(settings: MemorySettings, now: () => number): (question: Question) => Remembered {
  const { maxEntries, maxBytes } = settings;
  const share = (part: number) => ({ maxEntries, maxBytes: Math.ceil(maxBytes * part) });
  const digests = makeCache<{ digest: string; until: number }>(share(0.2));
  const commands = makeCache<Omit<PulledConfig, 'digest'>>(share(0.6));
  // Apart: anybody can ask for any number of images that do not exist.
  const failures = makeCache<{ problem: RegistryProblem; until: number }>(share(0.2));
  const scopeOf = makeScopes();

  return ({ namespace, reference, credential, platforms, always }) => {
    const scope = scopeOf(reference, credential);
    const name = `${scope} ${reference.digest ?? reference.tag}`;
    const wanted = platforms.map(platformName).sort().join(' ');
    const key = `${name} ${wanted}`;
    const [ttl, isFixed] = reference.digest ? [settings.digestTtl, true] : [settings.tagTtl, false];

    // How long an answer takes may be the doing of that namespace alone: of its other lookups, or of the time that it had.
    const timeoutKey = `${namespace} ${key}`;

    const configOf = (digest: string): PulledConfig | undefined => {
      const command = commands.get(`${scope} ${digest} ${wanted}`);
      return command && { digest, ...command };
    };
    const confirm = (digest: string) => {
      digests.set(name, { digest, until: now() + ttl });
      return configOf(digest);
    };
    return {
      key,
      recall: () => {
        const known = digests.get(name);
        const config = known && configOf(known.digest);
        return config && { config, isFresh: (isFixed || !always) && now() < known.until };
      },
      failure: () => {
        const known = [failures.get(key), failures.get(timeoutKey)];
        return known.find((failed) => failed && now() < failed.until)?.problem;
      },
      keep: ({ digest, ...command }) => {
        commands.set(`${scope} ${digest} ${wanted}`, command);
        confirm(digest);
      },
      confirm,
      fail: (problem) =>
        failures.set(problem.kind === 'timeout' ? timeoutKey : key, {
          problem,
          until: now() + pauseAfter(problem, settings),
        }),
    };
  };
}

// --- internal ---

/** As long as the registry has asked for, within reason. */
function pauseAfter(problem: RegistryProblem, { negativeTtl, tagTtl }: MemorySettings): number {
  const seconds = 'retryAfter' in problem ? (problem.retryAfter ?? 0) : 0;
  return Math.max(negativeTtl, Math.min(seconds * 1000, tagTtl));
}
