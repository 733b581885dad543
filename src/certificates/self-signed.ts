/** A certificate that needs no cluster: Clockout makes a CA at its start, and signs with it once. */
import type { ServingCertificate } from './certificate.ts';
import { createCa, signServingCertificate } from './x509.ts';

const lifetimeMilliseconds = 365 * 24 * 3_600_000;

/** The key of the CA is not kept, so it can sign nothing else. */
export async function createSelfSignedCertificate(hosts: readonly string[], now: Date): Promise<ServingCertificate> {
  const ca = await createCa({ now, lifetimeMilliseconds });
  return signServingCertificate(ca, hosts, { now, lifetimeMilliseconds });
}
