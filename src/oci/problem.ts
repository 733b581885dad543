/**
 * What can go wrong at a registry, as values and as sentences. Each is safe to show to the owner of a pod: it has no word that
 * a registry chose, except those that http/show.ts lets through. `address` is what the sentence is about: a URL without user
 * and query, or words.
 */
import type { Result } from '../util/result.ts';
import { describeRefusal, type RefusalProblem } from './http/http-statuses.ts';

export type RegistryProblem =
  | RefusalProblem
  | { kind: 'unreachable' | 'untrusted-certificate'; address: string; reason: string }
  | { kind: 'no-tls' | 'timeout' | 'off-limits'; address: string }
  | { kind: 'untrusted-realm'; address: string; realm: string; reason: string }
  | { kind: 'redirect'; address: string; status: number; to: string; reason?: string }
  | { kind: 'invalid-answer'; address: string; status?: number; expected: string; found: string }
  | { kind: 'too-large'; address: string; limit: number; unit: 'bytes' | 'values' | 'depth' }
  | { kind: 'too-many-images'; address: string; limit: number }
  | { kind: 'wrong-digest'; address: string; expected: string; found: string }
  | { kind: 'unsupported'; address: string; found: string }
  | { kind: 'no-platform'; address: string; wanted: string[]; found: string[] }
  | { kind: 'platforms-disagree'; address: string; platforms: [string, string] };

/** What a registry answered, or why there is no good answer. */
export type RegistryResult<T> = Result<T, RegistryProblem>;

/** One sentence without its full stop: what was expected, what was found, and what to do. */
export function describeProblem(problem: RegistryProblem): string {
  const { kind, address } = problem;
  switch (kind) {
    case 'unauthorized':
    case 'forbidden':
    case 'not-found':
    case 'rate-limited':
    case 'unavailable':
    case 'refused':
      return describeRefusal(problem);
    case 'unreachable':
      return `${address} cannot be reached (${problem.reason}); check the registry's name, network policies and the proxy`;
    case 'untrusted-certificate':
      return `the certificate of ${address} is not trusted (${problem.reason}); add its CA to those Clockout trusts`;
    case 'no-tls':
      return `${address} does not speak TLS; use https there, or list the registry as one that speaks plain http`;
    case 'off-limits':
      return `${address} leads to a loopback, link-local or metadata address; correct the image's name, or list the host as a mirror or as one that speaks plain http`;
    case 'timeout':
      return `${address} did not answer in time; try again later, or set up a mirror`;
    case 'untrusted-realm':
      return `${address} wants a token fetched from ${problem.realm}, ${problem.reason}; list that host as a trusted realm if it is the registry's own`;
    case 'redirect':
      return `${address} redirects to ${problem.to}${problem.reason ? `, ${problem.reason}` : ''} (${problem.status}); expected a registry or its storage, over https`;
    case 'invalid-answer':
      return `${address} answered with ${problem.found} where ${problem.expected} was expected; check that it is a registry, and the image with another client`;
    case 'too-large':
      return `${address} ${problem.unit === 'depth' ? `is nested deeper than the ${problem.limit} levels` : `is larger than the ${problem.limit} ${problem.unit}`} expected; check the image with another client`;
    case 'wrong-digest':
      return `${address} has the digest ${problem.found} where ${problem.expected} was expected; the registry, or a proxy before it, serves the wrong content`;
    case 'unsupported':
      return `${address} is ${problem.found} where an OCI or Docker image was expected; push it again with a current tool`;
    case 'no-platform':
      return `${address} has no image for ${problem.wanted.join(', ')}, only for ${problem.found.join(', ') || 'nothing'}; push one for that platform`;
    case 'too-many-images':
      return `${address} has more than ${problem.limit} images to compare; choose a platform by the pod's nodeSelector kubernetes.io/arch`;
    case 'platforms-disagree':
      return `${address} has a different ENTRYPOINT or CMD for ${problem.platforms.join(' than for ')}; choose one by the pod's nodeSelector kubernetes.io/arch`;
    default:
      return kind satisfies never;
  }
}
