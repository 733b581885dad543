/** Clouds are asked for tokens by a few lookups at a time: the registries that these are for are named in pods. */
import { makeTurns } from '../../util/turns.ts';
import type { CredentialSource } from './source.ts';

/** @returns the same sources, with the places that there are for a namespace */
export function shareSources(sources: readonly CredentialSource[]): (namespace: string) => CredentialSource[] {
  const enter = makeTurns(places, share);
  const ask = async (namespace: string, source: CredentialSource, registry: string, signal: AbortSignal) => {
    const leave = await enter(namespace, signal).catch(() => undefined);
    if (!leave)
      return { ok: false as const, problem: `${source.name} was not asked for a token in time; try again later` };
    try {
      return await source.credential(registry, signal);
    } finally {
      leave();
    }
  };
  return (namespace) =>
    sources.map((source) => ({
      ...source,
      credential: (registry, signal) => ask(namespace, source, registry, signal),
    }));
}

// --- internal ---

/** Of all namespaces, and of one. A token that is known takes its place for no time. */
const places = 16;
const share = 4;
