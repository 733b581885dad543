/** How registries are reached, by the configuration and the proxy variables: for the webhook and the command line alike. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Config, milliseconds } from '../../config/parse.ts';
import { createRegistryClient, type RegistryClient } from '../../oci/client.ts';
import { proxyFromEnvironment } from '../../oci/http/proxy.ts';
import { readPlaces } from '../../oci/places.ts';
import type { Platform } from '../../oci/platform.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export async function openRegistryClient(
  config: Config,
  env: Environment,
): Promise<{ ok: true; client: RegistryClient } | { ok: false; problem: string }> {
  const ca = await readCertificates(config.registryCaFile);
  if (!ca.ok) return ca;
  const read = readPlaces({
    plainHttp: config.registryPlainHttp ?? [],
    mirrors: config.registryMirrors ?? [],
    trustedRealms: config.registryTrustedRealms ?? [],
  });
  if (!read.ok) return { ok: false, problem: read.problem.join(' ') };
  try {
    const client = createRegistryClient({
      ca: ca.certificates,
      proxy: proxyFromEnvironment({ ...env }),
      ...read.value,
      failureMilliseconds: milliseconds(config.registryFailureLifetime),
    });
    return { ok: true, client };
  } catch (error) {
    return { ok: false, problem: `HTTPS_PROXY or HTTP_PROXY cannot be used: ${(error as Error).message}.` };
  }
}

/** As in `linux/arm64/v8`. */
export const configuredPlatforms = ({ registryPlatforms = [] }: Config): Platform[] =>
  registryPlatforms.map((name) => {
    const [os = '', architecture, variant] = name.split('/');
    return { os, ...(architecture && { architecture }), ...(variant && { variant }) };
  });

// --- internal ---

const pem = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

async function readCertificates(
  file: string | undefined,
): Promise<{ ok: true; certificates: string[] } | { ok: false; problem: string }> {
  if (file === undefined) return { ok: true, certificates: [] };
  const bad = (why: string) => ({ ok: false as const, problem: `CLOCKOUT_REGISTRY_CA_FILE names ${file}, ${why}.` });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return bad(`which cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const certificates = text.match(pem) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    return bad('in which a certificate cannot be read; expected certificates in PEM');
  }
  return certificates.length > 0
    ? { ok: true, certificates }
    : bad('which holds no certificate; expected certificates in PEM');
}
