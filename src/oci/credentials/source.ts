/** Something besides pull secrets that knows credentials: the identity that Clockout itself has with a cloud. */
import type { Credential } from './credential.ts';

/** A problem is a sentence without its full stop, and holds no part of a credential. */
export type SourcedCredential = { ok: true; credential: Credential } | { ok: false; problem: string };

export type CredentialSource = {
  name: string;
  /** Whether it may know a credential for that registry, given as host[:port]. */
  matches: (registry: string) => boolean;
  /** @param signal ends the wait; a token that is on its way is kept for the next one who asks */
  credential: (registry: string, signal: AbortSignal) => Promise<SourcedCredential>;
};
