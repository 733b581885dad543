/** What a registry is told about who asks; nothing at all for anonymous clients. */
export type Credential =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'identity-token'; token: string };

/** Of a user name, a password or a token: more than servers take as a header. @see https://nodejs.org/api/http.html#httpmaxheadersize */
export const maxCredentialLength = 16 * 1024;
