/**
 * Where the webhook's certificate comes from. The server asks a source and knows no files and no authorities; a source
 * whose certificate changes can say so here one day, and the server then calls `setSecureContext`.
 */
import type { Config } from '../config.ts';
import type { LoadedCertificate, ServingCertificate } from './certificate.ts';
import { loadGivenCertificate } from './given.ts';

export type CertificateSource = { current: () => ServingCertificate };

/** The files that the configuration names, or else a certificate made on the spot. */
export async function openCertificateSource(
  config: Config,
  now: Date,
): Promise<{ ok: true; source: CertificateSource } | { ok: false; problems: string[] }> {
  const loaded = await loadCertificate(config, now);
  return loaded.ok ? { ok: true, source: { current: () => loaded.certificate } } : loaded;
}

async function loadCertificate(config: Config, now: Date): Promise<LoadedCertificate> {
  const { tlsCertFile, tlsKeyFile, tlsHosts = [] } = config;
  if (tlsCertFile && tlsKeyFile) return loadGivenCertificate(tlsCertFile, tlsKeyFile, now);
  // On demand: it is the heaviest of the imports, and a server with a given certificate has no use for it.
  const { makeCertificate } = await import('./self-made.ts');
  return { ok: true, certificate: await makeCertificate([...ownHosts, ...tlsHosts], now) };
}

const ownHosts = ['localhost', '127.0.0.1', '::1'];
