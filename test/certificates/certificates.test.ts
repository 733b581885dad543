import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServingCertificate } from '../../src/certificates/certificate.ts';
import { loadGivenCertificate } from '../../src/certificates/files/load-certificate.ts';
import { writeCa } from '../../src/certificates/files/write-ca.ts';
import { makeCertificate } from '../../src/certificates/self-signed.ts';
import { openCertificateSource } from '../../src/certificates/source.ts';
import { parseConfig } from '../../src/config/parse.ts';

const now = new Date('2026-06-01T12:00:00Z');
const hosts = ['localhost', '127.0.0.1', '::1', 'clockout.mesh.svc'];
const folder = mkdtempSync(join(tmpdir(), 'clockout-certificates-'));
const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};
afterAll(() => rmSync(folder, { recursive: true }));

let made: ServingCertificate;
beforeAll(async () => {
  made = await makeCertificate(hosts, now);
});

describe('makeCertificate', () => {
  it('signs the certificate with a CA that may sign, for the given hosts', () => {
    const [leaf, ca] = [new X509Certificate(made.cert), new X509Certificate(made.ca ?? '')];
    expect(ca.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
    expect(['localhost', 'clockout.mesh.svc'].map((host) => leaf.checkHost(host))).not.toContain(undefined);
    expect(['127.0.0.1', '::1'].map((ip) => leaf.checkIP(ip))).not.toContain(undefined);
    expect(leaf.checkHost('example.com')).toBeUndefined();
  });

  it('is valid from an hour ago', () => {
    for (const pem of [made.cert, made.ca ?? '']) {
      const { validFrom, validTo } = new X509Certificate(pem);
      expect(new Date(validFrom)).toEqual(new Date('2026-06-01T11:00:00Z'));
      expect(new Date(validTo)).toEqual(made.notAfter);
    }
  });

  it('makes new keys and serial numbers each time', async () => {
    const other = await makeCertificate(hosts, now);
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

describe('loadGivenCertificate', () => {
  const load = (certFile: string, keyFile: string, at = now, hosts: string[] = []) =>
    loadGivenCertificate({ certFile, keyFile, hosts }, at);
  const problemsOf = async (...args: Parameters<typeof load>) => {
    const loaded = await load(...args);
    return loaded.ok ? [] : loaded.problems;
  };
  const files = () => [write('tls.crt', made.cert), write('tls.key', made.key)] as const;

  it('takes a pair that fits, and a chain after it', async () => {
    const [, key] = files();
    const chain = write('chain.crt', `${made.cert}${made.ca}`);
    expect(await load(chain, key)).toMatchObject({
      ok: true,
      value: { notBefore: made.notBefore, notAfter: made.notAfter, key: made.key },
    });
  });

  it('says which file cannot be read, for both of them', async () => {
    expect(await problemsOf(path('no.crt'), path('no.key'))).toEqual([
      `The certificate file ${path('no.crt')} cannot be read (ENOENT).`,
      `The private key file ${path('no.key')} cannot be read (ENOENT).`,
    ]);
  });

  it('says that a file is no PEM', async () => {
    const [cert, key] = files();
    expect(await problemsOf(key, cert)).toEqual([
      expect.stringContaining(`${key} holds no certificate in PEM`),
      expect.stringContaining(`${cert} holds no private key in PEM`),
    ]);
  });

  it('finds a key of another certificate', async () => {
    const [cert] = files();
    const other = write('other.key', (await makeCertificate(hosts, now)).key);
    expect(await problemsOf(cert, other)).toEqual([
      expect.stringContaining('does not belong to the first certificate'),
    ]);
  });

  it('finds a certificate that is over or not yet valid', async () => {
    const [cert, key] = files();
    expect(await problemsOf(cert, key, new Date('2030-01-01'))).toEqual([expect.stringContaining('expired on 2027-')]);
    expect(await problemsOf(cert, key, new Date('2020-01-01'))).toEqual([
      expect.stringContaining('is not valid before 2026-06-01T11:00:00.000Z'),
    ]);
  });

  it('finds a certificate for other names than the webhook is called by', async () => {
    const [cert, key] = files();
    expect(await load(cert, key, now, hosts)).toMatchObject({ ok: true });
    const loaded = await load(cert, key, now, ['clockout.other.svc', 'localhost', '10.0.0.1']);
    expect(loaded).toMatchObject({
      ok: false,
      problems: [
        expect.stringContaining('is not for clockout.other.svc, only for DNS:localhost, '),
        expect.stringContaining('is not for 10.0.0.1, only for '),
      ],
    });
  });

  it('finds a certificate without names, and all else that is wrong with it', async () => {
    const nameless = await makeCertificate([], now);
    const cert = write('nameless.crt', nameless.cert);
    expect(await problemsOf(cert, write('nameless.key', nameless.key), new Date('2030-01-01'))).toEqual([
      expect.stringContaining('expired'),
      expect.stringContaining('has no subjectAltName'),
    ]);
  });
});

it.each([
  ['a chain that was cut', ({ cert }: ServingCertificate) => `${cert}${cert.slice(0, 300)}`],
  [
    'a chain with rubbish in it',
    ({ cert }: ServingCertificate) => `${cert}${cert.replace(/[A-Z]{4}\n/, 'AAAA\n').replace('MII', 'AII')}`,
  ],
])('a given certificate that TLS would refuse is a problem: %s', async (_, spoil) => {
  const files = { certFile: write('spoilt.crt', spoil(made)), keyFile: write('spoilt.key', made.key), hosts: [] };
  expect(await loadGivenCertificate(files, now)).toMatchObject({
    ok: false,
    problems: [
      expect.stringMatching(/^The certificates in .*spoilt\.crt cannot be served \(.+\); check all of them\.$/),
    ],
  });
});

describe('openCertificateSource', () => {
  const open = (env: Record<string, string>) => {
    const parsed = parseConfig(env);
    if (!parsed.ok) throw new Error('expected a good configuration');
    return openCertificateSource(parsed.config, { renewed: () => {}, repaired: () => {}, failed: () => {} });
  };

  it('makes a certificate for this machine and the given hosts, where none is given', async () => {
    const opened = await open({ CLOCKOUT_TLS_HOSTS: '10.1.2.3,webhook' });
    const leaf = new X509Certificate((opened.ok && opened.source.current().cert) || '');
    expect(leaf.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.1.2.3, DNS:webhook',
    );
  });

  it('takes the given one, and has no CA then', async () => {
    const { cert, key } = await makeCertificate(hosts, new Date());
    const env = { CLOCKOUT_TLS_CERT_FILE: write('g.crt', cert), CLOCKOUT_TLS_KEY_FILE: write('g.key', key) };
    const opened = await open(env);
    expect(opened.ok && opened.source.current()).toMatchObject({ cert, key });
    expect(opened.ok && opened.source.current().ca).toBeUndefined();
    if (opened.ok) opened.source.close();
  });
});

describe('writeCa', () => {
  it('replaces the file as a whole and leaves nothing else behind', async () => {
    const file = write('out.pem', 'old');
    chmodSync(file, 0o400);
    await writeCa(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  it('leaves nothing behind when it fails', async () => {
    const target = mkdtempSync(path('folder-'));
    writeFileSync(join(target, 'occupied'), '');
    await expect(writeCa(target, 'new')).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});
