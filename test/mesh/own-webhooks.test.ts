/** With the objects that the chart makes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findOwnCaller, isAsking, isOwn, readMode } from '../../src/mesh/own-webhooks.ts';
import { readWebhooks, type SeenPod } from '../../src/mesh/webhooks.ts';

const rendered = (name: string) =>
  parseAllDocuments(readFileSync(new URL(`../e2e/chart/golden/${name}.yaml`, import.meta.url), 'utf8'))
    .map((document) => document.toJS())
    .filter((object) => object?.kind === 'MutatingWebhookConfiguration')
    .flatMap(readWebhooks);

const pod = (of: Partial<SeenPod>): SeenPod => ({ namespace: 'jobs', labels: {}, namespaceLabels: {}, ...of });
const enabled = { 'clockout.dev/inject': 'enabled' };
const asks = { 'clockout.dev/inject': 'true' };

describe("Clockout's own webhooks", () => {
  it.each<[chart: string, pod: Partial<SeenPod>, isJob: boolean, name: string | undefined]>([
    ['default', { namespaceLabels: enabled }, true, 'namespace.clockout.dev'],
    ['default', {}, true, undefined],
    ['default', { namespaceLabels: enabled }, false, undefined],
    ['default', { labels: asks }, true, 'job.clockout.dev'],
    ['default', { labels: asks }, false, 'pod.clockout.dev'],
    ['default', { namespaceLabels: enabled, labels: { 'clockout.dev/inject': 'false' } }, true, undefined],
    [
      'default',
      { namespaceLabels: { ...enabled, 'clockout.dev/strategy': 'native' } },
      true,
      'namespace-native.clockout.dev',
    ],
    ['default', { namespace: 'kube-system', namespaceLabels: enabled }, true, undefined],
    ['cluster', { namespaceLabels: { team: 'a' } }, true, 'namespace.clockout.dev'],
    ['cluster', { namespaceLabels: { team: 'a', 'clockout.dev/inject': 'disabled' } }, true, undefined],
  ])('chart %s, %j, of a Job: %s: %s', (chart, of, isJob, name) =>
    expect(findOwnCaller(rendered(chart), pod(of), isJob)?.webhook.name).toBe(name),
  );

  it('show the mode', () => {
    expect(readMode(rendered('default'))).toBe('opt-in');
    expect(readMode(rendered('cluster'))).toBe('cluster');
    expect(readMode([])).toBe(undefined);
  });

  it('are apart from those that ask Istio', () => {
    const webhooks = rendered('ask-istio');
    expect(webhooks.filter(isAsking).every((each) => !isOwn(each))).toBe(true);
    expect(webhooks.filter(isAsking).length).toBeGreaterThan(0);
  });
});
