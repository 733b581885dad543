/** What the server serves with. */

/** All in PEM. `ca` is there only where Clockout made the certificate. */
export type ServingCertificate = { cert: string; key: string; ca?: string; notAfter: Date };

export type LoadedCertificate =
  | { ok: true; certificate: ServingCertificate }
  /** One sentence for each thing that is wrong. */
  | { ok: false; problems: string[] };
