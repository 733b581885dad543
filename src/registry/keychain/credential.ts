/** What a registry is told about who asks; nothing at all for anonymous clients. */
export type Credential =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'identity-token'; token: string };
