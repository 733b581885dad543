/** Tokens are fetched once for all who ask at the same time, and kept until shortly before they expire. */
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
  const kept = new Map<string, FetchedToken & { ok: true }>();
  const underway = new Map<string, Promise<SourcedCredential>>();

  const fetchAndKeep = async (key: string): Promise<SourcedCredential> => {
    const signal = AbortSignal.timeout(timeout);
    const fetched = await unlessAborted(fetchToken(key, signal), signal);
    kept.delete(key);
    if (!fetched?.ok) return fetched ?? late(name);
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= maxKept) kept.delete(oldest);
    kept.set(key, fetched);
    return { ok: true, credential: fetched.credential };
  };

  return async (key, signal) => {
    const token = kept.get(key);
    if (token && now() < token.expiresAt - marginMilliseconds) return { ok: true, credential: token.credential };
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

const late = (name: string): SourcedCredential => ({ ok: false, problem: `${name} gave no token in time` });

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
