/**
 * Where the webhook's certificate comes from: files from the operator, the CA that the replicas share, or a self-signed
 * certificate. The server knows only `CertificateSource`.
 */
import type { Config } from '../config/parse.ts';
import { ok, type Result } from '../util/result.ts';
import type { CertificateState, ServingCertificate } from './certificate.ts';
import { type CertificateFiles, openCertificateFiles } from './files/load-certificate.ts';

export type CertificateSource = {
  current: () => ServingCertificate;
  state: () => CertificateState;
  /** Sets the listener that hears of each new certificate; there is one. */
  onRenewal: (listener: (certificate: ServingCertificate) => void) => void;
  close: () => void;
};

/** What a source reports to the log and the metrics. */
export type CertificateEvents = {
  renewed: (certificate: ServingCertificate) => void;
  /** The caBundle had been changed or removed, and is correct again. */
  repaired: () => void;
  /** The Secret of the shared CA was lost or replaced by somebody else, and is usable again: a sentence that names it. */
  noticed: (sentence: string) => void;
  /** An attempt failed, for the reason in this sentence. The server keeps its current certificate. */
  failed: (problem: string) => void;
};

export type OpenedSource = Result<CertificateSource, string[]>;

/** Opens the files that the configuration names, or else makes a self-signed certificate. */
export async function openCertificateSource(
  { tlsCertFile, tlsKeyFile, tlsHosts = [] }: Config,
  events: CertificateEvents,
): Promise<OpenedSource> {
  if (tlsCertFile && tlsKeyFile) {
    return openFiles({ certFile: tlsCertFile, keyFile: tlsKeyFile, hosts: tlsHosts }, events);
  }
  // Imported only if needed: it takes the longest of all imports.
  const { createSelfSignedCertificate } = await import('./self-signed.ts');
  const certificate = await createSelfSignedCertificate([...localHosts, ...tlsHosts], new Date());
  const state = { isAccepted: true } as const;
  return ok({ current: () => certificate, state: () => state, onRenewal: () => {}, close: () => {} });
}

const localHosts = ['localhost', '127.0.0.1', '::1'];

async function openFiles(
  files: CertificateFiles,
  { renewed: changed, failed }: CertificateEvents,
): Promise<OpenedSource> {
  const opened = await openCertificateFiles(files, { changed, failed });
  if (!opened.ok) return opened;
  const { current, problems, onChange, close } = opened.value;
  // Bad new files are no reason to stop while the last good pair is valid.
  const state = () => ({ isAccepted: true, ...(problems().length > 0 && { problem: problems().join(' ') }) }) as const;
  return ok({ current, state, onRenewal: onChange, close });
}
