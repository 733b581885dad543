/**
 * With which credentials mirrors are asked: those of the install, as a mirror serves the whole cluster. Those of a pod are
 * for the registry that it names.
 */

import type { RegistrySettings } from '../oci/client.ts';
import type { Credential } from '../oci/credentials/credential.ts';
import { type ConfigEntry, credentialsFor } from '../oci/credentials/docker-config.ts';
import type { CredentialSource } from '../oci/credentials/source.ts';
import { type Source, sourcesOf } from '../oci/mirrors.ts';
import type { Reference } from '../oci/reference.ts';
import { type Budget, startBudget } from '../util/budget.ts';

type Place = Pick<Source, 'registry' | 'repository'>;

export type InstallCredentials = {
  defaultEntries: () => readonly ConfigEntry[];
  /** Of the clouds. */
  sources: readonly CredentialSource[];
};

/** @returns what gives the credential for a mirror of that image, if there is one */
export async function findMirrorCredentials(
  reference: Reference,
  { mirrors = [], plainHttp = [] }: RegistrySettings,
  install: InstallCredentials,
  budget: Budget,
): Promise<(mirror: Place) => Credential | undefined> {
  const places = sourcesOf(reference, mirrors, plainHttp).filter(({ isMirror }) => isMirror);
  const found = new Map<string, Credential>();
  const find = async (place: Source) => {
    const credential = await credentialAt(place, install, budget);
    if (credential) found.set(nameOf(place), credential);
  };
  await Promise.all(places.map(find));
  return (mirror) => found.get(nameOf(mirror));
}

// --- internal ---

const nameOf = ({ registry, repository }: Place) => `${registry}/${repository}`;

async function credentialAt(
  place: Place,
  { defaultEntries, sources }: InstallCredentials,
  budget: Budget,
): Promise<Credential | undefined> {
  const [given] = credentialsFor(place, defaultEntries());
  const source = sources.find(({ matches }) => matches(place.registry));
  if (given || !source) return given;
  // Time must be left for asking without.
  const sourced = await source.credential(place.registry, startBudget(budget.remaining() / 2, budget.signal).signal);
  return sourced.ok ? sourced.credential : undefined;
}
