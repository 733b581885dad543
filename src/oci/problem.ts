/**
 * What can go wrong at a registry, as values and as sentences. Each that leaves the client is safe to show to the owner of a
 * pod: an address has no query and no user, and what a registry wrote itself is cleaned and short (client/present.ts).
 */

import type * as util from '../util/result.ts';

/** For what a registry is asked: its answer, or why there is none. */
export type Result<T> = util.Result<T, RegistryProblem>;

/** An answer that says no. `code` and `message` are the registry's own words; `retryAfter` is in seconds. */
type Refusal = { address: string; status: number; code?: string; message?: string; retryAfter?: number };

export type RegistryProblem =
  | ({ kind: 'unauthorized' | 'forbidden'; credentialSent: boolean } & Refusal)
  | ({ kind: 'not-found' | 'rate-limited' | 'unavailable' | 'refused' } & Refusal)
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

/** One sentence without its full stop: what was found where something else was expected, and what to do. */
export function describeProblem(problem: RegistryProblem): string {
  const { kind, address } = problem;
  switch (kind) {
    case 'unauthorized':
      return problem.credentialSent
        ? `${address} did not accept the credentials ${wordsOf(problem)}; renew the pull secret`
        : `${address} asks for credentials ${wordsOf(problem)}; check the image's name, or add a pull secret for it`;
    case 'forbidden':
      return `${address} does not let ${problem.credentialSent ? 'these credentials' : 'anonymous clients'} read it ${wordsOf(problem)}; use a pull secret that may`;
    case 'not-found':
      return `${address} does not exist ${wordsOf(problem)}; correct the image's name or tag, or add a pull secret if it is private`;
    case 'rate-limited':
      return `${address} was asked too often ${wordsOf(problem)}; try again later, with a pull secret or through a mirror`;
    case 'unavailable':
      return `${address} failed ${wordsOf(problem)}; try again later, or set up a mirror`;
    case 'refused':
      return `${address} refused the request ${wordsOf(problem)}; check the image's name`;
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
      return `${address} redirects to ${problem.to}${problem.reason ? `, ${problem.reason}` : ''} (${problem.status}); expected https and a registry or its storage there`;
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
      return `${address} has more than the ${problem.limit} images to compare; choose a platform by the pod's nodeSelector kubernetes.io/arch`;
    case 'platforms-disagree':
      return `${address} has a different ENTRYPOINT or CMD for ${problem.platforms.join(' than for ')}; choose one by the pod's nodeSelector kubernetes.io/arch`;
    default:
      return kind satisfies never;
  }
}

/** A text from outside, fit to stand in a sentence: no control or formatting characters, at most so many characters. */
export function cleanText(text: string, limit = 200): string {
  const clean = text
    .slice(0, limit * 4)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1).toWellFormed()}…` : clean;
}

// --- internal ---

const wordsOf = ({ status, code, message }: Refusal) =>
  `(${[status, code].filter((word) => word !== undefined).join(' ')}${message ? `: ${message}` : ''})`;
