/** Who asks a registry, and what knows credentials besides docker's config files. */
import type { Result } from '../../util/result.ts';

/** An anonymous client has none. */
export type Credential =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'identity-token'; token: string };

/** The identity that Clockout itself has with a cloud. */
export type CredentialSource = {
  name: string;
  /** Whether it may know a credential for that registry, given as host[:port]. */
  matches: (registry: string) => boolean;
  /**
   * @param signal ends the wait; a token that is on its way is kept for the next caller
   * @returns a problem as a sentence without its full stop, and without any part of a credential
   */
  getCredential: (registry: string, signal: AbortSignal) => Promise<Result<Credential, string>>;
};

/** Of a user name, a password or a token: more than servers accept in a header. @see https://nodejs.org/api/http.html#httpmaxheadersize */
export const maxCredentialLength = 16 * 1024;
