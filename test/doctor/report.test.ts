import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fault, fine, warn } from '../../src/doctor/check.ts';
import { checks, type Found } from '../../src/doctor/checks.ts';
import { asDocument, formatReport } from '../../src/doctor/report.ts';

const found: Found[] = [
  ['api-server-version', fine('the API server is Kubernetes v1.35.4')],
  ['order', warn('zz-clockout is called before the webhook of somebody else', 'Give it another name.')],
  [
    'turned-on',
    fault('zz-clockout has no webhooks', 'Turn it on again.', 'helm upgrade clockout charts/clockout --reuse-values'),
  ],
].flatMap(([id, finding]) => checks.filter((check) => check.id === id).map((check) => ({ check, finding }) as Found));

describe('the report', () => {
  it('has a line for each check, what to do, and where to read about it', () =>
    expect(formatReport(found, { width: 50, color: false })).toBe(`Cluster
✓ the API server is Kubernetes v1.35.4

Installation
✗ zz-clockout has no webhooks
  Turn it on again.
    helm upgrade clockout charts/clockout --reuse-values
  see docs/doctor.md#turned-on

Webhook configuration
! zz-clockout is called before the webhook of
  somebody else
  Give it another name.
  see docs/doctor.md#order

1 fault, 1 warning; 1 fine.
`));

  it('is the same in color', () =>
    expect(stripVTControlCharacters(formatReport(found, { width: 50, color: true }))).toBe(
      formatReport(found, { width: 50, color: false }),
    ));

  it('is JSON for programs', () => {
    const { ok, counts, checks: listed } = JSON.parse(JSON.stringify(asDocument(found)));
    expect({ ok, counts }).toEqual({ ok: false, counts: { ok: 1, warning: 1, fault: 1, unknown: 0 } });
    expect(listed[0]).toEqual({
      check: 'api-server-version',
      group: 'Cluster',
      state: 'ok',
      says: 'the API server is Kubernetes v1.35.4',
      docs: 'docs/doctor.md#api-server-version',
    });
  });
});

describe('the checks', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8');
  const anchors = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);

  it('have a section each in the docs', () => expect(anchors).toEqual(checks.map(({ id }) => `\`${id}\``)));

  it('have names of their own', () => expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length));
});
