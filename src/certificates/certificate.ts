/** What the server serves with. */
import { constants } from 'node:crypto';

/** All in PEM. `ca` is there only where Clockout made the certificate. */
export type ServingCertificate = { cert: string; key: string; ca?: string; notBefore: Date; notAfter: Date };

/**
 * Those of TLS 1.2 with forward secrecy and authenticated encryption, as Go's client offers them.
 * @see https://www.rfc-editor.org/rfc/rfc9325#section-4.2
 */
const ciphers = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']
  .flatMap((cipher) => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`])
  .join(':');

/**
 * How it is served, all of it: what is left out would fall back to Node's default.
 * @param clientCas in PEM, where callers must present a certificate. No session is resumed then: it would bring along the verdict
 *   on a certificate that has expired, or is of a CA that was taken away since.
 */
export const tlsOptions = ({ cert, key }: { cert: string; key: string }, clientCas?: readonly string[]) =>
  ({
    cert,
    key,
    minVersion: 'TLSv1.2',
    // With 1.3 a client asks for new keys as often as it likes (RFC 8446, section 4.6.3), and nothing in OpenSSL counts that.
    maxVersion: 'TLSv1.2',
    ciphers,
    ...(clientCas && { ca: [...clientCas], secureOptions: constants.SSL_OP_NO_TICKET }),
  }) as const;

/** Whether the API server accepts it, as far as can be known, and what is wrong. Much can be while it still does. */
export type CertificateState = { isAccepted: true; problem?: string } | { isAccepted: false; problem: string };

/** Why no caller accepts a certificate at this time, if it is not valid then. */
export function validityProblem(
  { notBefore, notAfter }: Pick<ServingCertificate, 'notBefore' | 'notAfter'>,
  now: Date,
): string | undefined {
  if (now > notAfter) return 'the certificate has expired';
  if (now >= notBefore) return undefined;
  return `the certificate is not valid before ${notBefore.toISOString()}, and this machine's clock says ${now.toISOString()}; check the clock`;
}
