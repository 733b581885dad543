/** What `/readyz` says: whether the API server gets an answer here, as far as this process can know. Pure. */
import { type CertificateState, type ServingCertificate, validityProblem } from '../../certificates/certificate.ts';
import { authorityProblem, type ClientAuthority } from '../../certificates/files/client-ca.ts';

/** `but`: what is wrong without being in the way. */
export type Readiness = { ready: true; but?: string } | { ready: false; because: string };

type Server = {
  phase: 'starting' | 'serving' | 'draining';
  source: { current: () => ServingCertificate; state: () => CertificateState };
  clientAuthority?: { current: () => ClientAuthority; problems: () => string[] } | undefined;
};

export function readinessOf({ phase, source, clientAuthority }: Server, now: Date): Readiness {
  if (phase !== 'serving') return { ready: false, because: `the server is ${phase}` };
  const { isAccepted, problem } = source.state();
  if (!isAccepted) return { ready: false, because: problem };
  const because =
    validityProblem(source.current(), now) ?? (clientAuthority && authorityProblem(clientAuthority.current(), now));
  if (because !== undefined) return { ready: false, because };
  const flaws = [...(problem === undefined ? [] : [problem]), ...(clientAuthority?.problems() ?? [])];
  return { ready: true, ...(flaws.length > 0 && { but: flaws.join(' ') }) };
}
