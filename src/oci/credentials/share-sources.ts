/** Lets a few lookups at a time ask clouds for tokens: pods name the registries that these are for. */
import { createLimiter } from '../../util/limiter.ts';
import { fail } from '../../util/result.ts';
import type { CredentialSource } from './credential.ts';

/** @returns the same sources, with the places that there are for a namespace */
export function shareSources(sources: readonly CredentialSource[]): (namespace: string) => CredentialSource[] {
  const enter = createLimiter(bounds);
  const ask = async (namespace: string, source: CredentialSource, registry: string, signal: AbortSignal) => {
    const leave = await enter({ party: namespace, signal });
    if (!leave) return fail(`${source.name} was not asked for a token in time; try again later`);
    try {
      return await source.getCredential(registry, signal);
    } finally {
      leave();
    }
  };
  return (namespace) =>
    sources.map((source) => ({
      ...source,
      getCredential: (registry, signal) => ask(namespace, source, registry, signal),
    }));
}

// --- internal ---

/** For all namespaces, and for one. A token that is in the cache takes its place for no time. */
const bounds = { places: 16, share: 4 };
