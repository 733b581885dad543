import { describe, expect, it } from 'vitest';
import type { CertificateState } from '../../../src/certificates/certificate.ts';
import { checkReadiness } from '../../../src/server/routes/readiness.ts';

const hour = 3_600_000;
const now = new Date('2026-06-01T00:00:00Z');
const later = (hours: number) => new Date(now.getTime() + hours * hour);
const period = { notBefore: later(-1), notAfter: later(24) };
const certificate = { cert: '', key: '', ...period };
const cas = { certificates: [''], periods: [{ notBefore: later(-1), notAfter: later(48) }] };
const accepted: CertificateState = { isAccepted: true };

const source = (state: CertificateState = accepted) => ({ current: () => certificate, state: () => state });
const callers = (problems: string[] = []) => ({ current: () => cas, problems: () => problems });

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
  ])('follows the period of the certificate: %s', (_, hours, reason) => {
    const found = checkReadiness({ phase: 'serving', source: source() }, later(hours));
    expect(found).toEqual(reason === undefined ? { isReady: true } : { isReady: false, reason });
  });

  it.each(['starting', 'draining'] as const)('is off while the server is %s', (phase) => {
    expect(checkReadiness({ phase, source: source() }, now)).toEqual({
      isReady: false,
      reason: `the server is ${phase}`,
    });
  });

  it('is off while the API server does not accept the certificate', () => {
    const state: CertificateState = { isAccepted: false, problem: 'no caBundle' };
    expect(checkReadiness({ phase: 'serving', source: source(state) }, now)).toEqual({
      isReady: false,
      reason: 'no caBundle',
    });
  });

  it.each([
    ['awaited', { isReady: false, reason: 'the annotations of the namespaces have not been read yet' }],
    ['known', { isReady: true }],
    ['unknown', { isReady: true, warning: expect.stringContaining('so their defaults have no effect') }],
  ] as const)('waits for a while for the annotations of namespaces: %s', (state, expected) => {
    const namespaces = { state: () => state };
    expect(checkReadiness({ phase: 'serving', source: source(), namespaces }, now)).toEqual(expected);
  });

  it('is off while no client CA is valid, because every caller is refused', () => {
    const expired = {
      ...callers(),
      current: () => ({ ...cas, periods: [{ ...period, notAfter: later(-0.5) }] }),
    };
    expect(checkReadiness({ phase: 'serving', source: source(), clientCas: callers() }, now)).toEqual({
      isReady: true,
    });
    expect(checkReadiness({ phase: 'serving', source: source(), clientCas: expired }, now)).toEqual({
      isReady: false,
      reason: expect.stringContaining('every caller is refused'),
    });
  });

  it.each<['awaited' | 'known' | 'unknown', object]>([
    ['awaited', { isReady: false, reason: 'the versions of the cluster have not been read yet' }],
    ['known', { isReady: true }],
    ['unknown', { isReady: true, warning: expect.stringContaining('not known') }],
  ])('waits for the versions of the cluster, and does without them: %s', (state, expected) => {
    const versions = { state: () => state };
    expect(checkReadiness({ phase: 'serving', source: source(), versions }, now)).toEqual(expected);
  });

  it('stays on with problems that do not prevent answers, and lists all of them', () => {
    const state: CertificateState = { isAccepted: true, problem: 'One.' };
    expect(
      checkReadiness({ phase: 'serving', source: source(state), clientCas: callers(['Two.', 'Three.']) }, now),
    ).toEqual({ isReady: true, warning: 'One. Two. Three.' });
  });
});
