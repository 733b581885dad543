import { describe, expect, it } from 'vitest';
import type { CertificateState } from '../../../src/certificates/certificate.ts';
import { readinessOf } from '../../../src/server/routes/readiness.ts';

const hour = 3_600_000;
const now = new Date('2026-06-01T00:00:00Z');
const later = (hours: number) => new Date(now.getTime() + hours * hour);
const period = { notBefore: later(-1), notAfter: later(24) };
const certificate = { cert: '', key: '', ...period };
const authority = { certificates: [''], periods: [{ notBefore: later(-1), notAfter: later(48) }] };
const accepted: CertificateState = { isAccepted: true };

const source = (state: CertificateState = accepted) => ({ current: () => certificate, state: () => state });
const callers = (problems: string[] = []) => ({ current: () => authority, problems: () => problems });

describe('readiness', () => {
  it.each([
    ['within the period', 0, undefined],
    ['at its first moment', -1, undefined],
    [
      'with the clock 400 days back',
      -400 * 24,
      `the certificate is not valid before ${later(-1).toISOString()}, and this machine's clock says ${later(-400 * 24).toISOString()}; check the clock`,
    ],
    ['after its end', 25, 'the certificate has expired'],
  ])('follows the period of the certificate: %s', (_, hours, because) => {
    const found = readinessOf({ phase: 'serving', source: source() }, later(hours));
    expect(found).toEqual(because === undefined ? { ready: true } : { ready: false, because });
  });

  it.each(['starting', 'draining'] as const)('is off while the server is %s', (phase) => {
    expect(readinessOf({ phase, source: source() }, now)).toEqual({ ready: false, because: `the server is ${phase}` });
  });

  it('is off while the API server does not accept the certificate', () => {
    const state: CertificateState = { isAccepted: false, problem: 'no caBundle' };
    expect(readinessOf({ phase: 'serving', source: source(state) }, now)).toEqual({
      ready: false,
      because: 'no caBundle',
    });
  });

  it('is off while no client CA is valid, as every caller is refused', () => {
    const expired = {
      ...callers(),
      current: () => ({ ...authority, periods: [{ ...period, notAfter: later(-0.5) }] }),
    };
    expect(readinessOf({ phase: 'serving', source: source(), clientAuthority: callers() }, now)).toEqual({
      ready: true,
    });
    expect(readinessOf({ phase: 'serving', source: source(), clientAuthority: expired }, now)).toEqual({
      ready: false,
      because: expect.stringContaining('every caller is refused'),
    });
  });

  it('stays on with what is wrong beside that, and says all of it', () => {
    const state: CertificateState = { isAccepted: true, problem: 'One.' };
    expect(
      readinessOf({ phase: 'serving', source: source(state), clientAuthority: callers(['Two.', 'Three.']) }, now),
    ).toEqual({ ready: true, but: 'One. Two. Three.' });
  });
});
