/** What an image runs, from its registry. This is the only file that names every step. */

import { type AskOptions, askSources } from './ask-mirrors.ts';
import { isDigest } from './digest.ts';
import { headerOf } from './http/exchange.ts';
import { agreedCommand, fetchImages } from './images.ts';
import { acceptedTypes, fetchManifest } from './manifest.ts';
import { anyLinux, type Platform, platformName } from './platform.ts';
import { cleanText, type RegistryProblem, type Result } from './problem.ts';
import type { Reference } from './reference.ts';

/** `digest` is of what the tag points to, an index or a manifest; `platforms` are those that were read, as in `linux/amd64`. */
export type PulledConfig = {
  digest: string;
  entrypoint: string[];
  cmd: string[];
  /** STOPSIGNAL as the config has it, a name or a number; at most 20 characters. */
  stopSignal?: string;
  platforms: string[];
};

/**
 * ENTRYPOINT and CMD of an image, which must be the same on every platform that the pod may run on.
 * @param options.platforms what the pod's node may be; any Linux where it is left out
 */
export async function pullImageConfig(
  reference: Reference,
  options: AskOptions & { platforms?: readonly Platform[] },
): Promise<({ ok: true } & PulledConfig) | { ok: false; problem: RegistryProblem }> {
  const pulled = await askSources(reference, options, async (session): Promise<Result<PulledConfig>> => {
    const manifest = await fetchManifest(session, nameOf(reference));
    if (!manifest.ok) return manifest;
    const images = await fetchImages(session, manifest.value, options.platforms ?? anyLinux);
    if (!images.ok) return images;
    const command = agreedCommand(manifest.value, images.value);
    if (!command.ok) return command;
    const platforms = images.value.map(({ platform }) => cleanText(platformName(platform), 60));
    return { ok: true, value: { digest: manifest.value.digest, ...command.value, platforms } };
  });
  return pulled.ok ? { ok: true, ...pulled.value } : pulled;
}

/**
 * What a tag points to now, by HEAD: Docker Hub, for one, doesn't count that as a pull.
 * @see https://docs.docker.com/docker-hub/usage/pulls/
 */
export async function resolveDigest(
  reference: Reference,
  options: AskOptions,
): Promise<{ ok: true; digest: string } | { ok: false; problem: RegistryProblem }> {
  if (reference.digest) return { ok: true, digest: reference.digest };
  const resolved = await askSources(reference, options, async (session): Promise<Result<string>> => {
    const path = `manifests/${nameOf(reference)}`;
    const answer = await session.ask({ method: 'HEAD', path, accept: acceptedTypes, limit: 0 });
    if (!answer.ok) return answer;
    const digest = headerOf(answer.value, 'docker-content-digest');
    if (digest && isDigest(digest)) return { ok: true, value: digest };
    // Registries need not send the header.
    const manifest = await fetchManifest(session, nameOf(reference));
    return manifest.ok ? { ok: true, value: manifest.value.digest } : manifest;
  });
  return resolved.ok ? { ok: true, digest: resolved.value } : resolved;
}

// --- internal ---

const nameOf = ({ tag, digest }: Reference) => digest ?? tag ?? 'latest';
