/** By the webhooks of Istio's own charts, in four ways to install it. */
import { describe, expect, it } from 'vitest';
import { findInjection, type MeshPod } from '../../src/mesh/istio-injection.ts';
import { readWebhooks } from '../../src/mesh/webhooks.ts';
import installations from './testdata/istio-configurations.json' with { type: 'json' };

type Installation = keyof typeof installations;

const pod = (of: Partial<MeshPod>): MeshPod => ({
  namespace: 'shop',
  namespaceLabels: {},
  labels: {},
  annotations: {},
  hostNetwork: false,
  ...of,
});

const find = (installation: Installation, of: Partial<MeshPod>) =>
  findInjection(installations[installation].flatMap(readWebhooks), pod(of));

const enabled = { 'istio-injection': 'enabled' };
const revision = (value: string) => ({ 'istio.io/rev': value });
const asks = (value: string) => ({ 'sidecar.istio.io/inject': value });

describe('findInjection', () => {
  it.each<[installation: Installation, pod: Partial<MeshPod>, by: string, because: string]>([
    ['default', { namespaceLabels: enabled }, 'default', 'namespace istio-injection=enabled'],
    ['default', { namespaceLabels: { ...enabled, ...revision('x') } }, 'default', 'namespace istio-injection=enabled'],
    ['default', { namespaceLabels: revision('default') }, 'default', 'namespace istio.io/rev=default'],
    ['default', { labels: asks('true') }, 'default', 'pod sidecar.istio.io/inject=true'],
    ['default', { labels: revision('default') }, 'default', 'pod istio.io/rev=default'],
    ['canary', { namespaceLabels: revision('1-29-0') }, '1-29-0', 'namespace istio.io/rev=1-29-0'],
    [
      'canary',
      { namespaceLabels: revision('1-29-0'), labels: revision('2') },
      '1-29-0',
      'namespace istio.io/rev=1-29-0',
    ],
    ['canary-with-tags', { namespaceLabels: revision('prod') }, '1-29-0 by prod', 'namespace istio.io/rev=prod'],
    ['canary-with-tags', { namespaceLabels: enabled }, '1-29-0 by default', 'namespace istio-injection=enabled'],
    ['canary-with-tags', { labels: asks('true') }, '1-29-0 by default', 'pod sidecar.istio.io/inject=true'],
    ['all-namespaces', {}, 'default', ''],
    [
      'default',
      { namespaceLabels: enabled, labels: asks('true'), annotations: asks('false') },
      'default',
      'namespace istio-injection=enabled',
    ],
  ])('%s, %j: by %s, because of %s', (installation, of, by, because) => {
    const found = find(installation, of);
    if (!found.injects) throw new Error(`expected an injection; found ${found.why}`);
    expect(found.revision + (found.tag ? ` by ${found.tag}` : '')).toBe(by);
    expect(found.because.map((each) => `${each.of} ${each.key}=${each.value}`).join(', ')).toBe(because);
    expect(found).toMatchObject({ isSure: true, also: [] });
  });

  const label = (of: 'pod' | 'namespace', key: string, value: string) => ({ of, key, value });

  it.each<[what: string, installation: Installation, pod: Partial<MeshPod>, expected: object]>([
    ['nobody asks', 'default', {}, { why: 'not-asked' }],
    ['the annotation alone asks', 'default', { annotations: asks('true') }, { why: 'not-asked' }],
    [
      'the namespace declines',
      'default',
      { namespaceLabels: { 'istio-injection': 'disabled' }, labels: asks('true') },
      { why: 'declined', by: label('namespace', 'istio-injection', 'disabled') },
    ],
    [
      'the pod declines',
      'default',
      { namespaceLabels: enabled, labels: asks('false') },
      { why: 'declined', by: label('pod', 'sidecar.istio.io/inject', 'false') },
    ],
    [
      'its annotation declines',
      'default',
      { namespaceLabels: enabled, annotations: asks('false') },
      { why: 'declined', isAnnotation: true },
    ],
    [
      'no default revision',
      'canary',
      { namespaceLabels: enabled },
      { why: 'no-revision', by: label('namespace', 'istio-injection', 'enabled'), revisions: ['1-29-0'] },
    ],
    [
      'no such revision',
      'canary',
      { namespaceLabels: revision('1-28-0') },
      { why: 'no-revision', by: label('namespace', 'istio.io/rev', '1-28-0'), nearest: '1-29-0' },
    ],
    [
      'no such revision for the pod',
      'default',
      { labels: revision('canary') },
      { why: 'no-revision', revisions: ['default'] },
    ],
    ["the node's network", 'default', { namespaceLabels: enabled, hostNetwork: true }, { why: 'host-network' }],
    [
      'a namespace of the system',
      'default',
      { namespace: 'kube-system', namespaceLabels: enabled },
      { why: 'system-namespace' },
    ],
    [
      'ambient',
      'default',
      { namespaceLabels: { 'istio.io/dataplane-mode': 'ambient' } },
      { why: 'not-asked', ambient: label('namespace', 'istio.io/dataplane-mode', 'ambient') },
    ],
  ])('says why not: %s', (_, installation, of, expected) =>
    expect(find(installation, of)).toMatchObject({ injects: false, ...expected }),
  );

  it('is not in ambient mode if its pod declines that, or has a sidecar', () => {
    const namespaceLabels = { 'istio.io/dataplane-mode': 'ambient' };
    expect(find('default', { namespaceLabels, labels: { 'istio.io/dataplane-mode': 'none' } })).not.toHaveProperty(
      'ambient',
    );
    expect(find('default', { namespaceLabels, labels: asks('true') })).toMatchObject({ injects: true });
  });

  it('knows that there is no Istio', () =>
    expect(findInjection([], pod({ namespaceLabels: enabled }))).toEqual({ injects: false, why: 'no-istio' }));

  it('is not sure if the labels of the namespace are not known', () =>
    expect(find('default', { namespaceLabels: undefined })).toMatchObject({ injects: true, isSure: false }));

  it('names the other revisions that see the pod', () => {
    const both = [...installations.default, ...installations.canary].flatMap(readWebhooks);
    const seen = pod({ namespaceLabels: enabled });
    const alike = both.map((webhook) =>
      webhook.labels['istio.io/rev'] === '1-29-0' ? { ...webhook, namespaces: [] } : webhook,
    );
    expect(findInjection(alike, seen)).toMatchObject({ revision: 'default', also: ['1-29-0'] });
    expect(findInjection(both, seen)).toMatchObject({ revision: 'default', also: [] });
  });
});
