/** How to reach registries, by the configuration and the proxy variables: for the webhook and the command line. */
import { parseCertificates, readPemFile } from '../../certificates/pem.ts';
import type { Config, Environment } from '../../config/parse.ts';
import { createRegistryClient, type RegistryClient } from '../../oci/client.ts';
import { readPlaces } from '../../oci/hosts-in-settings.ts';
import { proxyFromEnvironment } from '../../oci/http/proxy.ts';
import { createPlatform, type Platform } from '../../oci/platform.ts';
import { readErrorMessage } from '../../util/errors.ts';
import { fail, ok, type Result } from '../../util/result.ts';

export async function openRegistryClient(config: Config, env: Environment): Promise<Result<RegistryClient, string[]>> {
  const ca = await readCertificates(config.registryCaFile);
  if (!ca.ok) return ca;
  const read = readPlaces({
    plainHttp: config.registryPlainHttp ?? [],
    mirrors: config.registryMirrors ?? [],
    trustedRealms: config.registryTrustedRealms ?? [],
  });
  if (!read.ok) return fail(read.problem);
  try {
    const client = createRegistryClient({
      ca: ca.value,
      proxy: proxyFromEnvironment({ ...env }),
      ...read.value,
      failureMilliseconds: config.registryFailureLifetime,
    });
    return ok(client);
  } catch (error) {
    return fail([`Cannot use HTTPS_PROXY or HTTP_PROXY: ${readErrorMessage(error)}.`]);
  }
}

/** The bounds of every lookup, and the platforms to look for. */
export const readLookupBounds = (config: Config) => ({
  maxEntries: config.registryCacheEntries,
  maxBytes: config.registryCacheMebibytes * 1024 * 1024,
  perRegistryConcurrency: config.registryConcurrency,
  platforms: readPlatforms(config),
});

/** As in `linux/arm64/v8`. */
export const readPlatforms = ({ registryPlatforms = [] }: Config): Platform[] =>
  registryPlatforms.map((name) => {
    const [os = '', architecture, variant] = name.split('/');
    return createPlatform(os, architecture, variant);
  });

// --- internal ---

async function readCertificates(file: string | undefined): Promise<Result<string[], string[]>> {
  if (file === undefined) return ok([]);
  const read = await readPemFile('CA certificate', file, parseCertificates);
  if (!read.ok) return fail([`CLOCKOUT_REGISTRY_CA_FILE: ${read.problem}`]);
  return ok(read.value.parsed.map((certificate) => certificate.toString()));
}
