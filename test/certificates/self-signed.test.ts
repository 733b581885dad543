import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../../src/certificates/self-signed.ts';

const now = new Date('2026-06-01T12:00:00Z');
const hosts = ['localhost', '127.0.0.1', '::1', 'clockout.mesh.svc'];
const folder = mkdtempSync(join(tmpdir(), 'clockout-self-signed-'));
const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};
afterAll(() => rmSync(folder, { recursive: true }));

const made = await createSelfSignedCertificate(hosts, now);

describe('createSelfSignedCertificate', () => {
  it('signs the certificate by a CA, for the given hosts', () => {
    const [leaf, ca] = [new X509Certificate(made.cert), new X509Certificate(made.ca ?? '')];
    expect(ca.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
    expect(['localhost', 'clockout.mesh.svc'].map((host) => leaf.checkHost(host))).not.toContain(undefined);
    expect(['127.0.0.1', '::1'].map((ip) => leaf.checkIP(ip))).not.toContain(undefined);
    expect(leaf.checkHost('example.com')).toBeUndefined();
  });

  it('makes it valid from an hour ago', () => {
    for (const pem of [made.cert, made.ca ?? '']) {
      const { validFrom, validTo } = new X509Certificate(pem);
      expect(new Date(validFrom)).toEqual(new Date('2026-06-01T11:00:00Z'));
      expect(new Date(validTo)).toEqual(made.notAfter);
    }
  });

  it('makes new keys and serial numbers each time', async () => {
    const other = await createSelfSignedCertificate(hosts, now);
    expect(other.key).not.toBe(made.key);
    expect(new X509Certificate(other.cert).serialNumber).not.toBe(new X509Certificate(made.cert).serialNumber);
  });

  it.skipIf(spawnSync('openssl', ['version']).error)('passes the strict checks of OpenSSL', () => {
    const [ca, cert] = [write('ca.pem', made.ca ?? ''), write('leaf.pem', made.cert)];
    const at = String(now.getTime() / 1000);
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-attime', at, '-CAfile', ca, cert];
    expect(execFileSync('openssl', args, { encoding: 'utf8' })).toContain('leaf.pem: OK');
  });
});
