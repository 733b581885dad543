/** How to reach registries, by the configuration and the proxy variables: for the webhook and the command line. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config, Environment } from '../../config/parse.ts';
import { createRegistryClient, type RegistryClient } from '../../oci/client.ts';
import { proxyFromEnvironment } from '../../oci/http/proxy.ts';
import { readPlaces } from '../../oci/places.ts';
import type { Platform } from '../../oci/platform.ts';
import { readErrorCode } from '../../util/errors.ts';
import type { Result } from '../../util/result.ts';

export async function openRegistryClient(config: Config, env: Environment): Promise<Result<RegistryClient, string[]>> {
  const ca = await readCertificates(config.registryCaFile);
  if (!ca.ok) return ca;
  const read = readPlaces({
    plainHttp: config.registryPlainHttp ?? [],
    mirrors: config.registryMirrors ?? [],
    trustedRealms: config.registryTrustedRealms ?? [],
  });
  if (!read.ok) return { ok: false, problem: read.problem };
  try {
    const client = createRegistryClient({
      ca: ca.value,
      proxy: proxyFromEnvironment({ ...env }),
      ...read.value,
      failureMilliseconds: config.registryFailureLifetime,
    });
    return { ok: true, value: client };
  } catch (error) {
    return { ok: false, problem: [`Cannot use HTTPS_PROXY or HTTP_PROXY: ${(error as Error).message}.`] };
  }
}

/** As in `linux/arm64/v8`. */
export const readPlatforms = ({ registryPlatforms = [] }: Config): Platform[] =>
  registryPlatforms.map((name) => {
    const [os = '', architecture, variant] = name.split('/');
    return { os, ...(architecture && { architecture }), ...(variant && { variant }) };
  });

// --- internal ---

const pem = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

async function readCertificates(file: string | undefined): Promise<Result<string[], string[]>> {
  if (file === undefined) return { ok: true, value: [] };
  const bad = (why: string) => ({ ok: false as const, problem: [`CLOCKOUT_REGISTRY_CA_FILE names ${file}, ${why}.`] });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return bad(`which cannot be read (${readErrorCode(error)})`);
  }
  const certificates = text.match(pem) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    return bad('which has a certificate that cannot be read; expected certificates in PEM');
  }
  if (certificates.length === 0) return bad('which has no certificate; expected certificates in PEM');
  return { ok: true, value: certificates };
}
