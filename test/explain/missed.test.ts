import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/admission/outcome.ts';
import type { MeshView } from '../../src/explain/live/mesh-view.ts';
import { whyMissed } from '../../src/explain/missed.ts';
import { parseManifests } from '../../src/manifests/find-pods.ts';
import { classicPod } from '../support/pods.ts';

const pod = classicPod({ metadata: { uid: '1', creationTimestamp: '2026-11-21T12:00:00Z' } as object });
const parsed = parseManifests('x', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod }));
const template = parsed.ok ? parsed.value.documents[0]?.templates[0] : undefined;
const patched = { kind: 'patched', plan: { strategy: 'native' } } as unknown as Outcome;

const caller = (failurePolicy: 'Fail' | 'Ignore', created?: string): MeshView => ({
  clockout: {
    installed: true,
    caller: { configuration: 'c', webhook: 'w', failurePolicy, because: [], isSure: true, ...(created && { created }) },
  },
});

describe('whyMissed', () => {
  it.each<[what: string, mesh: MeshView, causes: string]>([
    ['without Clockout', { clockout: { installed: false } }, 'but is not installed'],
    ['with no webhook for it', { clockout: { installed: true } }, 'but none of its webhooks is called for it'],
    [
      'older than the webhook',
      caller('Fail', '2026-11-21T12:00:01Z'),
      'but was not called for it; likely cause: the pod is older than the webhook',
    ],
    [
      'younger than a webhook that may not fail',
      caller('Fail', '2026-11-20T12:00:00Z'),
      'but was not called for it; likely cause: the label that selects it is younger than the pod',
    ],
    [
      'younger than a webhook that may fail',
      caller('Ignore', '2026-11-20T12:00:00Z'),
      'but was not called for it; likely causes: the label that selects it is younger than the pod, or the webhook was not reached',
    ],
    [
      'of an unknown age',
      caller('Ignore'),
      'but was not called for it; likely causes: the pod is older than Clockout, or the webhook was not reached',
    ],
  ])('a pod %s', (_, mesh, causes) => {
    if (!template) throw new Error('expected a pod');
    expect(whyMissed(template, patched, {}, mesh)).toBe(`Clockout would make its sidecars native, ${causes}`);
  });
});
