/** Checks registries and prefixes in the settings, and writes them as references are compared. */
import { fail, ok, type Result } from '../util/result.ts';
import type { Mirror, RegistryPlaces } from './mirrors.ts';
import { parseReference } from './reference.ts';

/** @returns the same with all hosts in lower case; or a sentence for each entry that can match no image */
export function readPlaces(given: RegistryPlaces): Result<RegistryPlaces, string[]> {
  const places = {
    plainHttp: given.plainHttp.map((host) => host.toLowerCase()),
    trustedRealms: given.trustedRealms.map((host) => host.toLowerCase()),
    mirrors: given.mirrors.map((mirror): Mirror => {
      const locations = mirror.locations.map(lowerHost);
      return { ...mirror, prefix: lowerHost(mirror.prefix), locations };
    }),
  };
  const { plainHttp, trustedRealms, mirrors } = places;
  const problems = [
    ...plainHttp.filter((host) => !isHost(host)).map((host) => `CLOCKOUT_REGISTRY_PLAIN_HTTP: ${noHost(host)}`),
    ...trustedRealms.filter((host) => !isHost(host)).map((host) => `CLOCKOUT_REGISTRY_TRUSTED_REALMS: ${noHost(host)}`),
    ...mirrors.flatMap(mirrorProblems).map((problem) => `CLOCKOUT_REGISTRY_MIRRORS: ${problem}`),
  ];
  return problems.length > 0 ? fail(problems) : ok(places);
}

// --- internal ---

const lowerHost = (place: string) => place.replace(/^[^/]*/, (host) => host.toLowerCase());

const isHost = (host: string) => URL.canParse(`https://${host}`);

const noHost = (host: string) => `${host} has no valid IP address, port or host name; correct it.`;

function mirrorProblems({ prefix, locations }: Mirror): string[] {
  const wrong = locations.filter((location) => {
    const [host = '', ...path] = location.split('/');
    return !isHost(host) || path.includes('');
  });
  return [
    ...(isPrefix(prefix) ? [] : [`no image's full name begins with ${prefix}/; expected ${prefixForm}.`]),
    ...wrong.map(
      (location) => `${location} is not a location of images; expected a host, as in mirror.example.com/hub.`,
    ),
  ];
}

/** Prefixes are compared with full names, so parsing must add nothing to a name that begins with one. */
function isPrefix(prefix: string): boolean {
  const parsed = parseReference(`${prefix}/x/x`);
  return parsed.ok && `${parsed.value.registry}/${parsed.value.repository}` === `${prefix}/x/x`;
}

const prefixForm = 'a registry first, as in docker.io or docker.io/library, and no slash last';
