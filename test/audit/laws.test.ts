/** What the authors of objects write is hostile: none of it may stop an audit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/audit/html/markup.ts';
import { readPod } from '../../src/audit/pod-record.ts';
import { readJob, type Surrounding } from '../../src/audit/records.ts';
import { createNextRun } from '../../src/audit/runs.ts';
import { readWebhooks } from '../../src/mesh/webhooks.ts';
import { classicPod, jobPod } from '../support/pods.ts';
import { numRuns } from '../support/runs.ts';
import { cronJob, exited, istioWebhooks, job, live, now, running } from './objects.ts';

const around: Surrounding = {
  mesh: { webhooks: readWebhooks(istioWebhooks()), controlPlanes: [], oldestNode: null },
  installations: [],
  versions: {},
  namespaces: new Map([['shop', { 'istio-injection': 'enabled' }]]),
  annotations: new Map(),
  planned: { mode: 'cluster' },
  now,
  nextRun: createNextRun(now),
};

/** A deep copy in which one value, anywhere, is another one. */
const broken = (object: object) =>
  fc.tuple(fc.constantFrom(...listPaths(object)), fc.jsonValue()).map(([path, value]) => replaced(object, path, value));

function listPaths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) => listPaths(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return by;
  const entries = Object.entries(value).map(([name, child]) => [
    name,
    name === key ? replaced(child, rest, by) : child,
  ]);
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

const pod = live('shop', 'report', classicPod(), [exited('app', 0), running('istio-proxy')]);

describe('an object with any value anywhere', () => {
  it('is read as a pod', () =>
    fc.assert(
      fc.property(broken(pod), (object) => {
        const record = readPod(object, around, () => ['app']);
        expect(record === undefined || typeof record.name === 'string').toBe(true);
      }),
      { numRuns: numRuns(1000) },
    ));

  it.each([
    ['Job', job('shop', 'report')],
    ['CronJob', cronJob('shop', 'report', jobPod())],
  ] as const)('is read as a %s', (kind, object) =>
    fc.assert(
      fc.property(broken(object), (each) => {
        const record = readJob(kind, each, around);
        expect(record === undefined || typeof record.judged.fate === 'string').toBe(true);
      }),
      { numRuns: numRuns(1000) },
    ),
  );
});

it('HTML: no text gets out of its place', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(html`${text}`.html).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
  ));
