/** Where an image may be asked for: mirrors of its registry, then the registry itself. */
import type { Reference } from './reference.ts';

/**
 * Other places for the images below a prefix: a registry, or a registry and the first parts of a repository, as in
 * `docker.io/library`. Locations are tried in their order, and then the registry itself, but for `only`.
 */
export type Mirror = { prefix: string; locations: readonly string[]; only?: boolean };

/** What the settings say of registries. `plainHttp` are those without TLS: `host` for all of its ports, or `host:port`. */
export type RegistryPlaces = {
  plainHttp: readonly string[];
  mirrors: readonly Mirror[];
  /** Hosts that may be told credentials to make tokens of, though they don't look like the registry's own. */
  trustedRealms: readonly string[];
};

/** One place: `registry` as in a reference, `origin` its URL without a path, as `URL.origin` has it. */
export type Source = { registry: string; repository: string; origin: string; isMirror: boolean };

/**
 * At least one. The mirrors are those of the longest prefix.
 * @param plainHttp registries spoken to without TLS: `host` for all of its ports, or `host:port`
 */
export function sourcesOf(
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  mirrors: readonly Mirror[],
  plainHttp: readonly string[],
): [Source, ...Source[]] {
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

/** As it will stand in the URL of an answer: in lower case, without its scheme's own port. */
function originOf(registry: string, plainHttp: readonly string[]): string {
  // Docker Hub's images are called docker.io/…, and served by another host.
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry.toLowerCase();
  const plain = plainHttp.includes(host) || plainHttp.includes(host.replace(/:\d+$/, ''));
  return new URL(`${plain ? 'http' : 'https'}://${host}`).origin;
}
