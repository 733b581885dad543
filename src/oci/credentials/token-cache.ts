/** Fetches a token once for all who ask at the same time, and keeps it until shortly before it expires; a failure for a while. */
import { unlessAborted } from '../../util/abort.ts';
import { createRemember } from '../../util/remember.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import type { Credential } from './credential.ts';

/** `expiresAt` is in milliseconds since 1970; a problem is a sentence without its full stop. */
export type FetchedToken = Result<{ credential: Credential; expiresAt: number }, string>;

type TokenServer = {
  /** For a sentence. */
  name: string;
  /** Must not reject. Its signal is not that of one caller, as several may wait. */
  fetchToken: (key: string, signal: AbortSignal) => Promise<FetchedToken>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds. */
  timeout?: number;
};

/** @returns a function that gets the token of a key, until a signal ends the wait */
export function createTokenCache({
  name,
  fetchToken,
  now,
  timeout = 10_000,
}: TokenServer): (key: string, signal: AbortSignal) => Promise<Result<Credential, string>> {
  const remember = createRemember<Result<Credential, string>>(bounds, now);
  const late: FetchedToken & { ok: false } = fail(
    `${name} gave no token in time; check that Clockout reaches it (network policies, the proxy)`,
  );

  const fetchInTime = async (key: string) => {
    const signal = AbortSignal.timeout(timeout);
    const fetched = (await unlessAborted(fetchToken(key, signal), signal)) ?? late;
    if (!fetched.ok) return { value: fetched, milliseconds: failureMilliseconds, bytes };
    const { credential, expiresAt } = fetched.value;
    return {
      value: ok(credential),
      milliseconds: expiresAt - marginMilliseconds - now(),
      bytes,
    };
  };

  return async (key, signal) => {
    const token = remember(key, () => fetchInTime(key));
    return (await unlessAborted(token, signal)) ?? late;
  };
}

// --- internal ---

/** A token that is handed out has to last for the request that it is for. */
const marginMilliseconds = 60_000;

/** Tokens have a few KiB. Anybody can write new registries' names into pods, so there is a bound on how many are kept. */
const bytes = 8 * 1024;
const bounds = { maxEntries: 1000, maxBytes: 1000 * bytes };

/** A token server that hangs then delays one pod by half of its time, and not each pod. */
const failureMilliseconds = 10_000;
