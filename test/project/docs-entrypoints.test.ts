/** docs/entrypoints.md quotes what a lookup says, and its links lead somewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeLookupProblem, type LookupProblem } from '../../src/image-lookup/problem.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/entrypoints.md'), 'utf8');

const address = 'ADDRESS';
const refusal = (status: number) => ({ address, status, code: 'CODE' });
const found = 'FOUND';
const expected = 'EXPECTED';

/** As the table has them: a new kind of problem needs its row. */
const problems: { [K in LookupProblem['kind']]: Omit<LookupProblem & { kind: K }, 'kind'>[] } = {
  unauthorized: [true, false].map((credentialSent) => ({ ...refusal(401), credentialSent })),
  forbidden: [true, false].map((credentialSent) => ({ ...refusal(403), credentialSent })),
  'not-found': [refusal(404)],
  'rate-limited': [refusal(429)],
  unavailable: [refusal(503)],
  refused: [refusal(400)],
  unreachable: [{ address, reason: 'REASON' }],
  'untrusted-certificate': [{ address, reason: 'REASON' }],
  'no-tls': [{ address }],
  timeout: [{ address }],
  'off-limits': [{ address }],
  'untrusted-realm': [{ address, realm: 'REALM', reason: 'which does not belong to REGISTRY' }],
  redirect: [{ address, status: 307, to: 'TARGET', reason: 'which is not https' }],
  'invalid-answer': [{ address, expected, found }],
  'too-large': [
    { address, limit: 4 * 1024 * 1024, unit: 'bytes' },
    { address, limit: 20_000, unit: 'values' },
  ],
  'too-many-images': [{ address, limit: 16 }],
  'wrong-digest': [{ address, expected, found }],
  unsupported: [{ address, found }],
  'no-platform': [{ address, wanted: ['WANTED'], found: [found] }],
  'platforms-disagree': [{ address, platforms: ['linux/amd64', 'linux/arm64'] }],
  busy: [{ registry: 'REGISTRY' }],
  'too-many-lookups': [{ share: 16, places: 64 }],
};

const rows = Object.entries(problems).flatMap(([kind, all]) =>
  all.map((fields) => ({ kind, sentence: describeLookupProblem({ kind, ...fields } as LookupProblem) })),
);

it.each(rows)('says what to do about $kind: $sentence', ({ kind, sentence }) => {
  expect(text).toContain(`| \`${kind}\` | \`${sentence}\` |`);
});

it('has the headings that are linked to', () => {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => `#${anchorOf(heading)}`);
  const links = [...text.matchAll(/\]\((#[^)]+)\)/g)].map(([, link]) => link);
  expect(links.filter((link) => !headings.includes(link ?? ''))).toEqual([]);
});

/** As GitHub makes them. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');
