/**
 * The CA that all replicas share in one Secret, and when the next one replaces it. A rotation has two phases, so that no
 * handshake fails: first clients learn to trust the next CA, and it signs only when every API server has heard of it.
 *
 * | signing CA | next CA | what happens |
 * |---|---|---|
 * | none, or expired | any | make a new CA |
 * | less than two thirds of its lifetime old | – | nothing |
 * | older, or made for a longer lifetime than is set | none | announce a next CA: from now on clients trust both |
 * | the same | announced for less than the overlap | nothing |
 * | the same | announced for longer | the next CA signs; clients trust the old one until it expires |
 */
import { X509Certificate } from 'node:crypto';
import { clockSkewMilliseconds, createCa, type KeyPair } from '../x509.ts';

export type SharedCa = {
  /** The CA that signs the serving certificates. */
  signing: KeyPair;
  /** The CA that signs them after it. */
  next?: KeyPair & { announced: Date };
  /** The certificates of earlier CAs that have not expired. */
  retired: string[];
};

export type Rotation = { lifetimeMilliseconds: number; overlapMilliseconds: number };

/** @returns what the CA should be now; the same object if nothing is to be done */
export async function rotate(held: SharedCa | undefined, now: Date, rotation: Rotation): Promise<SharedCa> {
  const { lifetimeMilliseconds, overlapMilliseconds } = rotation;
  if (!held || isExpired(held.signing.cert, now))
    return { signing: await createCa({ now, lifetimeMilliseconds }), retired: [] };
  const { signing, next } = held;
  if (next && now.getTime() - next.announced.getTime() >= overlapMilliseconds) {
    const retired = [signing.cert, ...held.retired].filter((cert) => !isExpired(cert, now));
    return { signing: { cert: next.cert, key: next.key }, retired };
  }
  if (!next && isDue(signing.cert, now, lifetimeMilliseconds)) {
    return { ...held, next: { ...(await createCa({ now, lifetimeMilliseconds })), announced: now } };
  }
  const retired = held.retired.filter((cert) => !isExpired(cert, now));
  return retired.length === held.retired.length ? held : { ...held, retired };
}

/** Joins all certificates that clients should trust to one PEM text, the `caBundle` of the webhook. */
export const joinCaBundle = ({ signing, next, retired }: SharedCa): string =>
  [signing.cert, ...(next ? [next.cert] : []), ...retired].map((cert) => `${cert.trim()}\n`).join('');

/**
 * Whether a certificate should be replaced: the last third of its lifetime has begun, which leaves time to replace it. Or it was
 * made for a longer lifetime than is set now, so that a shorter setting takes effect at once.
 */
export function isDue(cert: string, now: Date, lifetimeMilliseconds: number): boolean {
  const { validFrom, validTo } = new X509Certificate(cert);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const madeFor = to - from - clockSkewMilliseconds; // it begins that much in the past
  const left = to - now.getTime();
  return left <= Math.min(lifetimeMilliseconds, madeFor) / 3 || left > lifetimeMilliseconds + clockSkewMilliseconds;
}

export const isExpired = (cert: string, now: Date): boolean => now > new Date(new X509Certificate(cert).validTo);
