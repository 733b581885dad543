/** Reads what an image runs from its registry. This file names every step. */
import { ok } from '../util/result.ts';
import { type AskOptions, askMirrors } from './ask-mirrors.ts';
import { isDigest } from './digest.ts';
import { readHeader } from './http/exchange.ts';
import { agreeOnCommand, fetchImages } from './images.ts';
import { fetchManifest } from './manifest.ts';
import { acceptedTypes } from './media-types.ts';
import { anyLinux, type Platform, showPlatform } from './platform.ts';
import type { RegistryResult } from './problem.ts';
import type { Reference } from './reference.ts';

/** `digest` is what the tag points to, an index or a manifest; `platforms` are those that were read, as in `linux/amd64`. */
export type PulledConfig = {
  digest: string;
  entrypoint: string[];
  cmd: string[];
  /** STOPSIGNAL as the config has it, a name or a number; at most 20 characters. */
  stopSignal?: string;
  platforms: string[];
};

/**
 * ENTRYPOINT and CMD of an image, which must be the same on all of the platforms.
 * @param options.platforms any Linux if left out
 */
export async function pullImageConfig(
  reference: Reference,
  options: AskOptions & { platforms?: readonly Platform[] },
): Promise<RegistryResult<PulledConfig>> {
  return askMirrors(reference, options, async (session): Promise<RegistryResult<PulledConfig>> => {
    const manifest = await fetchManifest(session, nameOf(reference));
    if (!manifest.ok) return manifest;
    const images = await fetchImages(session, manifest.value, options.platforms ?? anyLinux);
    if (!images.ok) return images;
    const command = agreeOnCommand(manifest.value, images.value);
    if (!command.ok) return command;
    const platforms = images.value.map(({ platform }) => showPlatform(platform));
    return ok({ digest: manifest.value.digest, ...command.value, platforms });
  });
}

/**
 * The digest that a tag points to now, by HEAD, because Docker Hub does not count that as a pull.
 * @see https://docs.docker.com/docker-hub/usage/pulls/
 */
export async function resolveDigest(reference: Reference, options: AskOptions): Promise<RegistryResult<string>> {
  if (reference.digest) return ok(reference.digest);
  return askMirrors(reference, options, async (session): Promise<RegistryResult<string>> => {
    const path = `manifests/${nameOf(reference)}`;
    const answer = await session.ask({ method: 'HEAD', path, accept: acceptedTypes, limit: 0 });
    if (!answer.ok) return answer;
    const digest = readHeader(answer.value, 'docker-content-digest');
    if (digest && isDigest(digest)) return ok(digest);
    // Registries need not send the header.
    const manifest = await fetchManifest(session, nameOf(reference));
    return manifest.ok ? ok(manifest.value.digest) : manifest;
  });
}

// --- internal ---

const nameOf = ({ tag, digest }: Reference) => digest ?? tag ?? 'latest';
