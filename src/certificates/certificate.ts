/** The certificate that the server serves with, and how it serves it. */
import { constants } from 'node:crypto';

/** In PEM. `ca` is set only if Clockout made the certificate. */
export type ServingCertificate = { cert: string; key: string; ca?: string; notBefore: Date; notAfter: Date };

/**
 * The ciphers of TLS 1.2 with forward secrecy and authenticated encryption that Go's client offers.
 * @see https://www.rfc-editor.org/rfc/rfc9325#section-4.2
 */
const ciphers = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']
  .flatMap((cipher) => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`])
  .join(':');

/**
 * @returns all TLS options of the server; an option that is left out would get Node's default
 * @param clientCas in PEM, if callers must present a certificate. The server then resumes no session, because a resumed session
 *   keeps the verdict on a certificate that may have expired, or whose CA may have been removed.
 */
export const createTlsOptions = ({ cert, key }: { cert: string; key: string }, clientCas?: readonly string[]) =>
  ({
    cert,
    key,
    minVersion: 'TLSv1.2',
    // In TLS 1.3 a client may ask for new keys as often as it likes (RFC 8446, section 4.6.3), and OpenSSL sets no limit.
    maxVersion: 'TLSv1.2',
    ciphers,
    ...(clientCas && { ca: [...clientCas], secureOptions: constants.SSL_OP_NO_TICKET }),
  }) as const;

/** Whether the API server accepts the certificate, as far as Clockout can know. It may accept it in spite of a problem. */
export type CertificateState = { isAccepted: true; problem?: string } | { isAccepted: false; problem: string };

/** @returns why no client accepts the certificate at this time; undefined if it is valid */
export function checkPeriod(
  { notBefore, notAfter }: Pick<ServingCertificate, 'notBefore' | 'notAfter'>,
  now: Date,
): string | undefined {
  if (now > notAfter) return 'the certificate has expired';
  if (now >= notBefore) return undefined;
  return `the certificate is not valid before ${notBefore.toISOString()}, and this machine's clock says ${now.toISOString()}; check the clock`;
}
