/** The short-lived certificate that a replica serves with, and signs for itself with the shared CA. */
import type { ServingCertificate } from '../certificate.ts';
import { type KeyPair, signServingCertificate } from '../x509.ts';
import { isDue, isExpired } from './ca-rotation.ts';
import type { SharedCaOptions } from './reconcile.ts';

export type SharedCaCertificate = ServingCertificate & { ca: string };

/** @returns the certificate to serve with, signed by the CA: a new one if that is due. This needs no API server. */
export async function renewCertificate(
  serving: SharedCaCertificate | undefined,
  ca: KeyPair,
  { hosts, servingLifetimeMilliseconds: lifetimeMilliseconds }: SharedCaOptions,
  now: Date,
): Promise<SharedCaCertificate> {
  const isSignedByCa = serving?.ca === ca.cert;
  if (isSignedByCa && (isExpired(ca.cert, now) || !isDue(serving.cert, now, lifetimeMilliseconds))) return serving;
  return await signServingCertificate(ca, hosts, { now, lifetimeMilliseconds });
}
