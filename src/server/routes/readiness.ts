/** What `/readyz` says: whether this replica answers the API server, as far as it can know. Pure. */
import { type CertificateState, checkPeriod, type ServingCertificate } from '../../certificates/certificate.ts';
import { type ClientCas, checkClientCas } from '../../certificates/files/client-ca.ts';

/** A warning says what is wrong although the replica answers. */
export type Readiness = { isReady: true; warning?: string } | { isReady: false; reason: string };

type Server = {
  phase: 'starting' | 'serving' | 'draining';
  source: { current: () => ServingCertificate; state: () => CertificateState };
  clientCas?: { current: () => ClientCas; problems: () => string[] } | undefined;
  versions?: Followed | undefined;
  namespaces?: Followed | undefined;
};

/** What is followed in the cluster: its versions, or its namespaces. Left out if nothing depends on it. */
export type Followed = { state: () => 'awaited' | 'known' | 'unknown' };

export function checkReadiness({ phase, source, clientCas, versions, namespaces }: Server, now: Date): Readiness {
  if (phase !== 'serving') return { isReady: false, reason: `the server is ${phase}` };
  const { isAccepted, problem } = source.state();
  if (!isAccepted) return { isReady: false, reason: problem };
  const reason = checkPeriod(source.current(), now) ?? (clientCas && checkClientCas(clientCas.current(), now));
  if (reason !== undefined) return { isReady: false, reason };
  // Until then, this replica would skip pods that ask for native sidecars.
  if (versions?.state() === 'awaited')
    return { isReady: false, reason: 'the versions of the cluster have not been read yet' };
  if (namespaces?.state() === 'awaited')
    return { isReady: false, reason: 'the annotations of the namespaces have not been read yet' };
  const warnings = [
    ...(problem === undefined ? [] : [problem]),
    ...(clientCas?.problems() ?? []),
    ...(versions?.state() === 'unknown' ? [unknownVersions] : []),
    ...(namespaces?.state() === 'unknown' ? [unknownNamespaces] : []),
  ];
  return { isReady: true, ...(warnings.length > 0 && { warning: warnings.join(' ') }) };
}

// --- internal ---

const unknownNamespaces =
  'The annotations of the namespaces could not be read, so their defaults have no effect (see the log).';

/** Wrapping needs no version, so the replica serves without them. */
const unknownVersions =
  'The versions of the cluster are not known, so pods with the strategy native may be skipped, and those with auto are wrapped (see the log).';
