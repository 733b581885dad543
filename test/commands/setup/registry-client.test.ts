import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCa } from '../../../src/certificates/x509.ts';
import { openRegistryClient, readPlatforms } from '../../../src/commands/setup/registry-client.ts';
import { type Flags, parseConfig } from '../../../src/config/parse.ts';

const folder = mkdtempSync(join(tmpdir(), 'clockout-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { cert } = await createCa({ now: new Date(), lifetimeMilliseconds: 86_400_000 });

const configOf = (flags: Flags) => {
  const parsed = parseConfig({}, flags);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.value;
};

const fileOf = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('openRegistryClient', () => {
  it('uses the settings', async () => {
    const config = configOf({
      registryCaFile: fileOf('ca.pem', `# two\n${cert}\n${cert}`),
      registryPlainHttp: 'localhost:5000,[::1]:5000',
      registryMirrors: '[{"prefix":"docker.io","locations":["mirror.example.com/hub"],"only":true}]',
      registryTrustedRealms: 'auth.example.com',
    });
    const opened = await openRegistryClient(config, { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'example.com' });
    if (!opened.ok) throw new Error(opened.problem.join());
    expect(opened.value.settings).toMatchObject({
      ca: [cert, cert],
      plainHttp: ['localhost:5000', '[::1]:5000'],
      mirrors: [{ prefix: 'docker.io', locations: ['mirror.example.com/hub'], only: true }],
      trustedRealms: ['auth.example.com'],
      proxy: { https: 'http://proxy:3128', no: 'example.com' },
      failureMilliseconds: 10_000,
    });
    await opened.value.close();
  });

  it.each([
    [
      'missing',
      () => join(folder, 'none'),
      /^CLOCKOUT_REGISTRY_CA_FILE: The CA certificate file .* cannot be read \(ENOENT\)\.$/,
    ],
    ['a key', () => fileOf('key', '-----BEGIN PRIVATE KEY-----\n'), /holds no CA certificate in PEM form/],
    [
      'half a certificate',
      () => fileOf('half', '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----'),
      /holds no CA certificate in PEM form/,
    ],
    [
      'one certificate, and another that is cut off',
      () => fileOf('cut', `${cert}${cert.slice(0, 300)}`),
      /holds no CA certificate in PEM form/,
    ],
  ])('refuses a CA file that is %s', async (_, file, problem) =>
    expect(await openRegistryClient(configOf({ registryCaFile: file() }), {})).toEqual({
      ok: false,
      problem: [expect.stringMatching(problem)],
    }),
  );

  it('compares hosts in lower case', async () => {
    const config = configOf({
      registryPlainHttp: 'LocalHost:5000',
      registryMirrors: '[{"prefix":"GHCR.io/org","locations":["Mirror.Example.com/hub"]}]',
      registryTrustedRealms: 'Auth.Example.com',
    });
    const opened = await openRegistryClient(config, {});
    if (!opened.ok) throw new Error(opened.problem.join());
    expect(opened.value.settings).toMatchObject({
      plainHttp: ['localhost:5000'],
      mirrors: [{ prefix: 'ghcr.io/org', locations: ['mirror.example.com/hub'] }],
      trustedRealms: ['auth.example.com'],
    });
    await opened.value.close();
  });

  it('reports every invalid host and mirror at once', async () => {
    const flags = {
      registryPlainHttp: 'registry:99999',
      registryMirrors: '[{"prefix":"nginx","locations":["a.example"]}]',
    };
    expect(await openRegistryClient(configOf(flags), {})).toEqual({
      ok: false,
      problem: [
        'CLOCKOUT_REGISTRY_PLAIN_HTTP: registry:99999 has no valid IP address, port or host name; correct it.',
        "CLOCKOUT_REGISTRY_MIRRORS: no image's full name begins with nginx/; expected a registry first, as in docker.io or docker.io/library, and no slash last.",
      ],
    });
  });

  it('refuses an invalid proxy without repeating its password', async () => {
    const opened = await openRegistryClient(configOf({}), { HTTPS_PROXY: 'socks5://user:secret@proxy' });
    expect(opened).toEqual({ ok: false, problem: [expect.stringMatching(/^Cannot use HTTPS_PROXY or HTTP_PROXY/)] });
    expect(JSON.stringify(opened)).not.toContain('secret');
  });
});

it('readPlatforms reads the names of platforms', () =>
  expect(readPlatforms(configOf({ registryPlatforms: 'linux/amd64,linux/arm64/v8' }))).toEqual([
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64', variant: 'v8' },
  ]));
