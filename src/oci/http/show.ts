/**
 * What a problem may say of a server's answer. A server can send back a credential or a token that it was told, in any
 * spelling and in any field. So nothing is searched for secrets: a problem says only words that are on a list, numbers,
 * digests, and addresses that were chosen before anything secret was sent.
 * @see https://github.com/google/go-containerregistry/blob/main/internal/redact/redact.go for the same idea
 */
import { shortened } from '../../util/text.ts';

/** @returns scheme, host and path; without user, query and fragment, which may be secret */
export function showUrl(url: URL): string {
  const shown = new URL(url);
  [shown.username, shown.password, shown.search, shown.hash] = ['', '', '', ''];
  return shortened(shown.href, 400);
}

/** @returns undefined for a code that no specification has */
export const showCode = (code: unknown): string | undefined => codes.find((known) => known === code);

/** @param pointer to a value that a schema does not allow @returns it without keys that the server may choose */
export const showPointer = (pointer: string): string =>
  pointer.replace(/\/annotations\/.*/s, '/annotations') || 'whole';

// --- internal ---

const codes: readonly string[] = [
  // https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DENIED',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'TOOMANYREQUESTS',
  'UNAUTHORIZED',
  'UNSUPPORTED',
  // https://github.com/distribution/distribution/blob/v3.0.0/registry/api/errcode/register.go
  'MANIFEST_UNVERIFIED',
  'TAG_INVALID',
  'UNAVAILABLE',
  'UNKNOWN',
  // https://github.com/goharbor/harbor/blob/v2.14.0/src/lib/errors/const.go
  'FORBIDDEN',
  'NOT_FOUND',
  'PRECONDITION',
  // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
  'access_denied',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
];
