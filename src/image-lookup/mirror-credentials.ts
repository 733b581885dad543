/**
 * The credentials for mirrors. They are those of the installation, because a mirror serves the whole cluster; a pod's own are
 * for the registry that it names.
 */
import type { RegistrySettings } from '../oci/client.ts';
import type { Credential, CredentialSource } from '../oci/credentials/credential.ts';
import type { ConfigEntry } from '../oci/credentials/docker-config.ts';
import { selectCredentials } from '../oci/credentials/select-credentials.ts';
import { listHosts, type RegistryHost } from '../oci/mirrors.ts';
import type { Reference } from '../oci/reference.ts';
import type { Deadline } from '../util/deadline.ts';
import { askSource } from './try-credentials.ts';

type Place = Pick<RegistryHost, 'registry' | 'repository'>;

export type InstallCredentials = {
  defaultEntries: () => readonly ConfigEntry[];
  /** The clouds. */
  sources: readonly CredentialSource[];
};

/** @returns a function that gets the credential for a mirror of that image, if there is one */
export async function findMirrorCredentials(
  reference: Reference,
  settings: RegistrySettings,
  install: InstallCredentials,
  deadline: Deadline,
): Promise<(mirror: Place) => Credential | undefined> {
  const places = listHosts(reference, settings).filter(({ isMirror }) => isMirror);
  const found = new Map<string, Credential>();
  const find = async (place: RegistryHost) => {
    const credential = await credentialAt(place, install, deadline);
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
  deadline: Deadline,
): Promise<Credential | undefined> {
  const [given] = selectCredentials(place, defaultEntries());
  const source = sources.find(({ matches }) => matches(place.registry));
  if (given || !source) return given;
  const sourced = await askSource(source, place.registry, deadline);
  return sourced.ok ? sourced.value : undefined;
}
