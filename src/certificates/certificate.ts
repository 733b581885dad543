/** What the server serves with. */

/** All in PEM. `ca` is there only where Clockout made the certificate. */
export type ServingCertificate = { cert: string; key: string; ca?: string; notAfter: Date };

/** How it is served, all of it: what is left out would fall back to Node's default. */
export const tlsOptions = ({ cert, key }: { cert: string; key: string }) =>
  ({ cert, key, minVersion: 'TLSv1.2' }) as const;

/** Whether the API server accepts it, as far as can be known, and what is wrong. Much can be while it still does. */
export type CertificateState = { isAccepted: true; problem?: string } | { isAccepted: false; problem: string };

export type LoadedCertificate =
  | { ok: true; certificate: ServingCertificate }
  /** One sentence for each thing that is wrong. */
  | { ok: false; problems: string[] };
