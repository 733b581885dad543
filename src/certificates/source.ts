/**
 * Where the webhook's certificate comes from. The server asks a source, and knows no files, authorities and clusters.
 */
import type { Config } from '../config/parse.ts';
import type { CertificateState, ServingCertificate } from './certificate.ts';
import { type GivenFiles, watchCertificateFiles } from './files/load-certificate.ts';

export type CertificateSource = {
  current: () => ServingCertificate;
  state: () => CertificateState;
  /** The one who is told of each new certificate. */
  onRenewal: (listener: (certificate: ServingCertificate) => void) => void;
  close: () => void;
};

/** What a source tells of itself, for the log and the metrics. */
export type CertificateEvents = {
  renewed: (certificate: ServingCertificate) => void;
  /** The caBundle had been changed or wiped, and is right again. */
  repaired: () => void;
  /** At each attempt. A sentence; the certificate in use stays. */
  failed: (problem: string) => void;
};

export type OpenedSource = { ok: true; source: CertificateSource } | { ok: false; problems: string[] };

/** The files that the configuration names, or else a certificate made on the spot. */
export async function openCertificateSource(
  { tlsCertFile, tlsKeyFile, tlsHosts = [] }: Config,
  events: CertificateEvents,
): Promise<OpenedSource> {
  if (tlsCertFile && tlsKeyFile) {
    return openFiles({ certFile: tlsCertFile, keyFile: tlsKeyFile, hosts: tlsHosts }, events);
  }
  // On demand: it is the heaviest of the imports, and a server with a given certificate has no use for it.
  const { makeCertificate } = await import('./self-signed.ts');
  const certificate = await makeCertificate([...ownHosts, ...tlsHosts], new Date());
  const state = { isAccepted: true } as const;
  return {
    ok: true,
    source: { current: () => certificate, state: () => state, onRenewal: () => {}, close: () => {} },
  };
}

const ownHosts = ['localhost', '127.0.0.1', '::1'];

async function openFiles(given: GivenFiles, events: CertificateEvents): Promise<OpenedSource> {
  let listener: (certificate: ServingCertificate) => void = () => {};
  const renewed = (certificate: ServingCertificate) => {
    listener(certificate);
    events.renewed(certificate);
  };
  const failed = (problems: string[]) => {
    for (const problem of problems) events.failed(problem);
  };
  const opened = await watchCertificateFiles(given, renewed, failed);
  if (!opened.ok) return opened;
  const { current, problems, close } = opened.watched;
  return {
    ok: true,
    source: {
      current,
      // A bad new pair is no reason to stop while the old one is good.
      state: () => ({ isAccepted: true, ...(problems().length > 0 && { problem: problems().join(' ') }) }),
      onRenewal: (next) => {
        listener = next;
      },
      close,
    },
  };
}
