/** Where to ask for an image: mirrors of its registry, then the registry itself. */
import type { Reference } from './reference.ts';

/**
 * Other locations for the images below a prefix: a registry, or a registry and the first parts of a repository, as in
 * `docker.io/library`. Locations are asked in their order, and then the registry itself, unless `only` is set.
 */
export type Mirror = { prefix: string; locations: readonly string[]; only?: boolean };

/** What the settings say about registries. `plainHttp` are those without TLS: `host` for all of its ports, or `host:port`. */
export type RegistryPlaces = {
  plainHttp: readonly string[];
  mirrors: readonly Mirror[];
  /** Token servers on other domains that may receive credentials. */
  trustedRealms: readonly string[];
};

/**
 * A registry or a mirror to ask for an image, as containerd's RegistryHost: `registry` as in a reference, `origin` its URL
 * without a path, as `URL.origin` has it.
 */
export type RegistryHost = { registry: string; repository: string; origin: string; isMirror: boolean };

/**
 * The mirrors of the longest matching prefix come first.
 * @param plainHttp registries without TLS: `host` for all of its ports, or `host:port`
 */
export function listHosts(
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  { mirrors = [], plainHttp = [] }: Partial<RegistryPlaces>,
): [RegistryHost, ...RegistryHost[]] {
  const name = `${registry.toLowerCase()}/${repository}`;
  const [mirror] = mirrors
    .filter(({ prefix }) => name === prefix || name.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const mirrored = (mirror?.locations ?? []).map((location) => {
    const [host = '', ...path] = `${location}${name.slice(mirror?.prefix.length)}`.split('/');
    return { registry: host, repository: path.join('/'), origin: originOf(host, plainHttp), isMirror: true };
  });
  const original = { registry, repository, origin: originOf(registry, plainHttp), isMirror: false };
  const [first = original, ...others] = mirror?.only ? mirrored : [...mirrored, original];
  return [first, ...others];
}

// --- internal ---

/** As in the URL of an answer: in lower case, without its scheme's own port. */
function originOf(registry: string, plainHttp: readonly string[]): string {
  // Docker Hub's images are called docker.io/…, and another host serves them.
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry.toLowerCase();
  const plain = plainHttp.includes(host) || plainHttp.includes(host.replace(/:\d+$/, ''));
  return new URL(`${plain ? 'http' : 'https'}://${host}`).origin;
}
