/** Tokens are fetched once for all who ask at the same time, and kept until shortly before they expire; failures, for a while. */
import type { Credential } from './credential.ts';
import type { SourcedCredential } from './source.ts';

/** `expiresAt` in milliseconds since 1970. */
export type FetchedToken = { ok: true; credential: Credential; expiresAt: number } | { ok: false; problem: string };

type TokenServer = {
  /** For a sentence. */
  name: string;
  /** Never throws. Its signal is not that of one who asks, as several may be waiting. */
  fetchToken: (key: string, signal: AbortSignal) => Promise<FetchedToken>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds. */
  timeout?: number;
};

/** @returns what asks for the token of a key, until a signal ends the wait */
export function cacheTokens({
  name,
  fetchToken,
  now,
  timeout = 10_000,
}: TokenServer): (key: string, signal: AbortSignal) => Promise<SourcedCredential> {
  const kept = new Map<string, { sourced: SourcedCredential; until: number }>();
  const underway = new Map<string, Promise<SourcedCredential>>();

  const fetchAndKeep = async (key: string): Promise<SourcedCredential> => {
    const signal = AbortSignal.timeout(timeout);
    const fetched = (await unlessAborted(fetchToken(key, signal), signal)) ?? late(name);
    kept.delete(key);
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= maxKept) kept.delete(oldest);
    const sourced: SourcedCredential = fetched.ok ? { ok: true, credential: fetched.credential } : fetched;
    const until = fetched.ok ? fetched.expiresAt - marginMilliseconds : now() + failureMilliseconds;
    kept.set(key, { sourced, until });
    return sourced;
  };

  return async (key, signal) => {
    const known = kept.get(key);
    if (known && now() < known.until) return known.sourced;
    const shared = underway.get(key) ?? fetchAndKeep(key).finally(() => underway.delete(key));
    underway.set(key, shared);
    return (await unlessAborted(shared, signal)) ?? late(name);
  };
}

// --- internal ---

/** A token that is handed out has to last for the request it is for. */
const marginMilliseconds = 60_000;

/** Anybody can write new registries' names into pods. */
const maxKept = 1000;

/** An endpoint that hangs takes half of a pod's time: not of each pod's. */
const failureMilliseconds = 10_000;

const late = (name: string) => ({
  ok: false as const,
  problem: `${name} gave no token in time; check that Clockout reaches it (network policies, the proxy)`,
});

/** @returns undefined where the signal came first */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop: () => void = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
