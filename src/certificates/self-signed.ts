/** An authority and a certificate made on the spot, for use without a cluster. */
import type { ServingCertificate } from './certificate.ts';
import { makeAuthority, signServing } from './x509.ts';

const lifetime = 365 * 24 * 3_600_000;

/** The authority's key is not kept, so that it can sign nothing else. */
export async function makeCertificate(hosts: readonly string[], now: Date): Promise<ServingCertificate> {
  const ca = await makeAuthority({ now, lifetime });
  return signServing(ca, hosts, { now, lifetime });
}
