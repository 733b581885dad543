import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../../src/certificates/self-signed.ts';
import { openCertificateSource } from '../../src/certificates/source.ts';
import { parseConfig } from '../../src/config/parse.ts';

const folder = mkdtempSync(join(tmpdir(), 'clockout-source-'));
const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};
afterAll(() => rmSync(folder, { recursive: true }));

describe('openCertificateSource', () => {
  const open = (env: Record<string, string>) => {
    const parsed = parseConfig(env);
    if (!parsed.ok) throw new Error('expected a good configuration');
    return openCertificateSource(parsed.value, {
      renewed: () => {},
      repaired: () => {},
      noticed: () => {},
      failed: () => {},
    });
  };

  it('makes a self-signed certificate for this machine and the given hosts by default', async () => {
    const opened = await open({ CLOCKOUT_TLS_HOSTS: '10.1.2.3,webhook' });
    const leaf = new X509Certificate((opened.ok && opened.value.current().cert) || '');
    expect(leaf.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.1.2.3, DNS:webhook',
    );
  });

  it('uses the files of the operator, and has no CA then', async () => {
    const { cert, key } = await createSelfSignedCertificate(['localhost'], new Date());
    const env = { CLOCKOUT_TLS_CERT_FILE: write('g.crt', cert), CLOCKOUT_TLS_KEY_FILE: write('g.key', key) };
    const opened = await open(env);
    expect(opened.ok && opened.value.current()).toMatchObject({ cert, key });
    expect(opened.ok && opened.value.current().ca).toBeUndefined();
    if (opened.ok) opened.value.close();
  });
});
