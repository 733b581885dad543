import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ServingCertificate } from '../../../src/certificates/certificate.ts';
import { loadCertificate } from '../../../src/certificates/files/load-certificate.ts';
import { createSelfSignedCertificate } from '../../../src/certificates/self-signed.ts';

const now = new Date('2026-06-01T12:00:00Z');
const hosts = ['localhost', '127.0.0.1', '::1', 'clockout.mesh.svc'];
const folder = mkdtempSync(join(tmpdir(), 'clockout-certificates-'));
const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};
afterAll(() => rmSync(folder, { recursive: true }));

const made = await createSelfSignedCertificate(hosts, now);

describe('loadCertificate', () => {
  const load = (certFile: string, keyFile: string, at = now, hosts: string[] = []) =>
    loadCertificate({ certFile, keyFile, hosts }, at);
  const problemsOf = async (...args: Parameters<typeof load>) => {
    const loaded = await load(...args);
    return loaded.ok ? [] : loaded.problem;
  };
  const files = () => [write('tls.crt', made.cert), write('tls.key', made.key)] as const;

  it('accepts a pair that fits, and a chain after it', async () => {
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

  it('says that a file is not PEM', async () => {
    const [cert, key] = files();
    expect(await problemsOf(key, cert)).toEqual([
      expect.stringContaining(`${key} holds no certificate in PEM`),
      expect.stringContaining(`${cert} holds no private key in PEM`),
    ]);
  });

  it('finds a key that belongs to another certificate', async () => {
    const [cert] = files();
    const other = write('other.key', (await createSelfSignedCertificate(hosts, now)).key);
    expect(await problemsOf(cert, other)).toEqual([
      expect.stringContaining('does not belong to the first certificate'),
    ]);
  });

  it('finds a certificate that has expired or is not valid yet', async () => {
    const [cert, key] = files();
    expect(await problemsOf(cert, key, new Date('2030-01-01'))).toEqual([expect.stringContaining('expired on 2027-')]);
    expect(await problemsOf(cert, key, new Date('2020-01-01'))).toEqual([
      expect.stringContaining('is not valid before 2026-06-01T11:00:00.000Z'),
    ]);
  });

  it('finds a certificate that is not valid for the given hosts', async () => {
    const [cert, key] = files();
    expect(await load(cert, key, now, hosts)).toMatchObject({ ok: true });
    const loaded = await load(cert, key, now, ['clockout.other.svc', 'localhost', '10.0.0.1']);
    expect(loaded).toMatchObject({
      ok: false,
      problem: [
        expect.stringContaining('is not for clockout.other.svc, only for DNS:localhost, '),
        expect.stringContaining('is not for 10.0.0.1, only for '),
      ],
    });
  });

  it('finds a certificate without names, and reports all problems at once', async () => {
    const nameless = await createSelfSignedCertificate([], now);
    const cert = write('nameless.crt', nameless.cert);
    expect(await problemsOf(cert, write('nameless.key', nameless.key), new Date('2030-01-01'))).toEqual([
      expect.stringContaining('expired'),
      expect.stringContaining('has no subjectAltName'),
    ]);
  });
});

it.each([
  ['a chain that is cut off', ({ cert }: ServingCertificate) => `${cert}${cert.slice(0, 300)}`],
  [
    'a chain with rubbish in it',
    ({ cert }: ServingCertificate) => `${cert}${cert.replace(/[A-Z]{4}\n/, 'AAAA\n').replace('MII', 'AII')}`,
  ],
])('finds a certificate that TLS refuses: %s', async (_, spoil) => {
  const files = { certFile: write('spoilt.crt', spoil(made)), keyFile: write('spoilt.key', made.key), hosts: [] };
  expect(await loadCertificate(files, now)).toMatchObject({
    ok: false,
    problem: [
      expect.stringMatching(/^The certificates in .*spoilt\.crt cannot be served \(.+\); check all of them\.$/),
    ],
  });
});
