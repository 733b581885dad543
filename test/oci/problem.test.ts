import { describe, expect, it } from 'vitest';
import { describeProblem, type RegistryProblem } from '../../src/oci/problem.ts';

const address = 'https://ghcr.io/v2/org/app/manifests/1';
const digests = { expected: `sha256:${'a'.repeat(64)}`, found: `sha256:${'b'.repeat(64)}` };

const sentences: [RegistryProblem, string][] = [
  [
    {
      kind: 'unauthorized',
      credentialSent: false,
      address,
      status: 401,
      code: 'UNAUTHORIZED',
    },
    "https://ghcr.io/v2/org/app/manifests/1 asks for credentials (401 UNAUTHORIZED); check the image's name, or add a pull secret for it",
  ],
  [
    { kind: 'unauthorized', credentialSent: true, address, status: 401 },
    'https://ghcr.io/v2/org/app/manifests/1 did not accept the credentials (401); renew the pull secret',
  ],
  [
    { kind: 'forbidden', credentialSent: true, address, status: 403, code: 'DENIED' },
    'https://ghcr.io/v2/org/app/manifests/1 denied access with these credentials (403 DENIED); use a pull secret that may read it',
  ],
  [
    { kind: 'forbidden', credentialSent: false, address, status: 403 },
    'https://ghcr.io/v2/org/app/manifests/1 denied access to anonymous clients (403); use a pull secret that may read it',
  ],
  [
    { kind: 'not-found', address, status: 404, code: 'MANIFEST_UNKNOWN' },
    "https://ghcr.io/v2/org/app/manifests/1 does not exist (404 MANIFEST_UNKNOWN); correct the image's name or tag, or add a pull secret if it is private",
  ],
  [
    { kind: 'rate-limited', address, status: 429, code: 'TOOMANYREQUESTS', retryAfter: 60 },
    'https://ghcr.io/v2/org/app/manifests/1 was asked too often (429 TOOMANYREQUESTS); try again later, with a pull secret or through a mirror',
  ],
  [
    { kind: 'unavailable', address, status: 503 },
    'https://ghcr.io/v2/org/app/manifests/1 failed (503); try again later, or set up a mirror',
  ],
  [
    { kind: 'refused', address, status: 400, code: 'NAME_INVALID' },
    "https://ghcr.io/v2/org/app/manifests/1 refused the request (400 NAME_INVALID); check the image's name",
  ],
  [
    { kind: 'unreachable', address, reason: 'the connection was refused' },
    "https://ghcr.io/v2/org/app/manifests/1 cannot be reached (the connection was refused); check the registry's name, network policies and the proxy",
  ],
  [
    { kind: 'untrusted-certificate', address, reason: 'CERT_HAS_EXPIRED' },
    'the certificate of https://ghcr.io/v2/org/app/manifests/1 is not trusted (CERT_HAS_EXPIRED); add its CA to those Clockout trusts',
  ],
  [
    { kind: 'no-tls', address },
    'https://ghcr.io/v2/org/app/manifests/1 does not speak TLS; use https there, or list the registry as one that speaks plain http',
  ],
  [
    { kind: 'off-limits', address: 'https://169.254.169.254/' },
    "https://169.254.169.254/ leads to a loopback, link-local or metadata address; correct the image's name, or list the host as a mirror or as one that speaks plain http",
  ],
  [
    { kind: 'timeout', address },
    'https://ghcr.io/v2/org/app/manifests/1 did not answer in time; try again later, or set up a mirror',
  ],
  [
    {
      kind: 'untrusted-realm',
      address: 'https://ghcr.io',
      realm: 'https://evil.example/token',
      reason: 'which does not belong to ghcr.io',
    },
    "https://ghcr.io wants a token fetched from https://evil.example/token, which does not belong to ghcr.io; list that host as a trusted realm if it is the registry's own",
  ],
  [
    { kind: 'redirect', address, status: 307, to: 'http://ghcr.io/', reason: 'which is not https' },
    'https://ghcr.io/v2/org/app/manifests/1 redirects to http://ghcr.io/, which is not https (307); expected a registry or its storage, over https',
  ],
  [
    { kind: 'redirect', address, status: 302, to: 'no URL' },
    'https://ghcr.io/v2/org/app/manifests/1 redirects to no URL (302); expected a registry or its storage, over https',
  ],
  [
    { kind: 'invalid-answer', address, status: 200, expected: 'an OCI or Docker manifest', found: 'text/html' },
    'https://ghcr.io/v2/org/app/manifests/1 answered with text/html where an OCI or Docker manifest was expected; check that it is a registry, and the image with another client',
  ],
  [
    { kind: 'too-large', address, limit: 4096, unit: 'bytes' },
    'https://ghcr.io/v2/org/app/manifests/1 is larger than the 4096 bytes expected; check the image with another client',
  ],
  [
    { kind: 'too-large', address, limit: 20_000, unit: 'values' },
    'https://ghcr.io/v2/org/app/manifests/1 is larger than the 20000 values expected; check the image with another client',
  ],
  [
    { kind: 'too-large', address, limit: 100, unit: 'depth' },
    'https://ghcr.io/v2/org/app/manifests/1 is nested deeper than the 100 levels expected; check the image with another client',
  ],
  [
    { kind: 'wrong-digest', address, ...digests },
    `https://ghcr.io/v2/org/app/manifests/1 has the digest ${digests.found} where ${digests.expected} was expected; the registry, or a proxy before it, serves the wrong content`,
  ],
  [
    { kind: 'unsupported', address, found: 'an image of schema 1' },
    'https://ghcr.io/v2/org/app/manifests/1 is an image of schema 1 where an OCI or Docker image was expected; push it again with a current tool',
  ],
  [
    { kind: 'no-platform', address, wanted: ['linux/amd64', 'linux/arm64'], found: ['windows/amd64'] },
    'https://ghcr.io/v2/org/app/manifests/1 has no image for linux/amd64, linux/arm64, only for windows/amd64; push one for that platform',
  ],
  [
    { kind: 'no-platform', address, wanted: ['linux'], found: [] },
    'https://ghcr.io/v2/org/app/manifests/1 has no image for linux, only for nothing; push one for that platform',
  ],
  [
    { kind: 'too-many-images', address, limit: 16 },
    "https://ghcr.io/v2/org/app/manifests/1 has more than 16 images to compare; choose a platform by the pod's nodeSelector kubernetes.io/arch",
  ],
  [
    { kind: 'platforms-disagree', address, platforms: ['linux/amd64', 'linux/arm64'] },
    "https://ghcr.io/v2/org/app/manifests/1 has a different ENTRYPOINT or CMD for linux/amd64 than for linux/arm64; choose one by the pod's nodeSelector kubernetes.io/arch",
  ],
];

describe('a problem as a sentence', () => {
  it.each(sentences)('%j', (problem, sentence) => expect(describeProblem(problem)).toBe(sentence));
});
