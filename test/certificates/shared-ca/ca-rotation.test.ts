import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { splitPem } from '../../../src/certificates/pem.ts';
import { isExpired, joinCaBundle, rotate, type SharedCa } from '../../../src/certificates/shared-ca/ca-rotation.ts';
import { signServingCertificate } from '../../../src/certificates/x509.ts';

const hour = 3_600_000;
const rotation = { lifetimeMilliseconds: 90 * 24 * hour, overlapMilliseconds: hour };
const start = new Date('2026-06-01T00:00:00Z');
const hoursLater = (hours: number, from = start) => new Date(from.getTime() + hours * hour);
const first = await rotate(undefined, start, rotation);
const old = hoursLater(61 * 24);
const announced = await rotate(first, old, rotation);
const promoted = await rotate(announced, hoursLater(1, old), rotation);

describe('the shared CA', () => {
  it('begins as one CA without a next one', () => {
    expect(new X509Certificate(first.signing.cert).ca).toBe(true);
    expect(first).toEqual({ signing: first.signing, retired: [] });
  });

  it('stays the same object while nothing is to be done', async () => {
    expect(await rotate(first, hoursLater(59 * 24), rotation)).toBe(first);
    expect(await rotate(announced, hoursLater(0.9, old), rotation)).toBe(announced);
    expect(await rotate(promoted, hoursLater(2, old), rotation)).toBe(promoted);
  });

  it('gets a next CA after two thirds of its lifetime, which clients trust and which does not sign yet', () => {
    expect(announced.signing).toEqual(first.signing);
    expect(announced.next?.announced).toEqual(old);
    expect(splitPem(joinCaBundle(announced))).toEqual([first.signing.cert, announced.next?.cert]);
  });

  it('gets a next CA when a shorter lifetime is set than it was made for', async () => {
    const now = hoursLater(2);
    const next = await rotate(first, now, { ...rotation, lifetimeMilliseconds: 30 * 24 * hour });
    expect(next.next?.announced).toEqual(now);
    expect(new X509Certificate(next.next?.cert ?? '').validTo).toBe('Jul  1 02:00:00 2026 GMT');
  });

  it.each([
    ['30 seconds', 30_000],
    ['a day', 24 * hour],
  ])(
    'with a lifetime of %s it stays for two thirds of that, even if another clock is an hour behind',
    async (_, lifetime) => {
      const short = { lifetimeMilliseconds: lifetime, overlapMilliseconds: lifetime / 10 };
      const ca = await rotate(undefined, start, short);
      for (const share of [0, 0.3, 0.65]) {
        const now = new Date(start.getTime() + lifetime * share);
        expect(await rotate(ca, now, short)).toBe(ca);
        expect(await rotate(ca, hoursLater(-1, now), short)).toBe(ca);
      }
      const due = new Date(start.getTime() + lifetime * 0.67);
      expect((await rotate(ca, due, short)).next).toBeDefined();
    },
  );

  it('is replaced by the next CA after the overlap, and clients still trust it', () => {
    expect(promoted.signing.cert).toBe(announced.next?.cert);
    expect(promoted.next).toBeUndefined();
    expect(splitPem(joinCaBundle(promoted))).toEqual([promoted.signing.cert, first.signing.cert]);
  });

  it('is no longer trusted after it has expired', async () => {
    const later = await rotate(promoted, hoursLater(91 * 24), rotation);
    expect(splitPem(joinCaBundle(later))).toEqual([promoted.signing.cert]);
  });

  it('is made again if all have expired', async () => {
    const fresh = await rotate(announced, hoursLater(200 * 24), rotation);
    expect(fresh.signing.cert).not.toBe(first.signing.cert);
    expect(fresh.next).toBeUndefined();
  });

  it('always signs with a CA that clients have trusted for an hour, through eight rotations', async () => {
    const days = { lifetimeMilliseconds: 9 * 24 * hour, overlapMilliseconds: hour };
    let held: SharedCa = await rotate(undefined, start, days);
    const untrusted: string[] = [];
    const seen = new Set<string>();
    for (let hours = 0; hours < 50 * 24; hours += 1) {
      const now = hoursLater(hours);
      const next = await rotate(held, now, days);
      seen.add(next.signing.cert);
      const trusts = (bundle: SharedCa, { signing }: SharedCa) => joinCaBundle(bundle).includes(signing.cert);
      // The bundle of an hour ago includes the CA that signs now.
      const isTrusted = trusts(next, next) && trusts(next, held) && trusts(held, next);
      if (!isTrusted || isExpired(next.signing.cert, now)) untrusted.push(`after ${hours} hours`);
      held = next;
    }
    expect(untrusted).toEqual([]);
    expect(seen.size).toBe(9);
  });
});

describe('a serving certificate', () => {
  it('is signed by the shared CA, and expires no later than the CA', async () => {
    const { cert } = await signServingCertificate(first.signing, ['clockout.mesh.svc'], {
      now: hoursLater(80 * 24),
      lifetimeMilliseconds: 30 * 24 * hour,
    });
    const [leaf, ca] = [new X509Certificate(cert), new X509Certificate(first.signing.cert)];
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.validTo).toBe(ca.validTo);
  });
});
