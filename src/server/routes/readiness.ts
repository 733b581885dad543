/** What `/readyz` says: whether this replica answers the API server, as far as it can know. Pure. */
import { type CertificateState, checkPeriod, type ServingCertificate } from '../../certificates/certificate.ts';
import { type ClientCas, checkClientCas } from '../../certificates/files/client-ca.ts';

/** A warning says what is wrong although the replica answers. */
export type Readiness = { isReady: true; warning?: string } | { isReady: false; reason: string };

type Server = {
  phase: 'starting' | 'serving' | 'draining';
  source: { current: () => ServingCertificate; state: () => CertificateState };
  clientCas?: { current: () => ClientCas; problems: () => string[] } | undefined;
};

export function checkReadiness({ phase, source, clientCas }: Server, now: Date): Readiness {
  if (phase !== 'serving') return { isReady: false, reason: `the server is ${phase}` };
  const { isAccepted, problem } = source.state();
  if (!isAccepted) return { isReady: false, reason: problem };
  const reason = checkPeriod(source.current(), now) ?? (clientCas && checkClientCas(clientCas.current(), now));
  if (reason !== undefined) return { isReady: false, reason };
  const warnings = [...(problem === undefined ? [] : [problem]), ...(clientCas?.problems() ?? [])];
  return { isReady: true, ...(warnings.length > 0 && { warning: warnings.join(' ') }) };
}
