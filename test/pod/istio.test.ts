import { describe, expect, it } from 'vitest';
import { findSidecarBar } from '../../src/pod/istio.ts';

describe('the label because of which Istio adds no sidecar', () => {
  const ambient = { 'istio.io/dataplane-mode': 'ambient' };
  const revision = { 'istio.io/rev': 'stable' };
  const injection = (value: string) => ({ 'istio-injection': value });
  type Labels = Record<string, string>;
  it.each<[what: string, namespace: Labels | undefined, pod: Labels, undecided?: string, requested?: string]>([
    ['none, where the namespace is not known', undefined, {}],
    ['none, where the namespace has none', {}, {}],
    ['none in a namespace with injection', injection('enabled'), {}],
    ['none in a namespace with injection, for a pod in ambient mode', injection('enabled'), ambient],
    ['none in a namespace of a revision or its tag', revision, {}],
    ['none where a revision beats ambient mode', { ...revision, ...ambient }, ambient],
    ['injection turned off', injection('disabled'), {}, 'namespace istio-injection', 'namespace istio-injection'],
    [
      'it wins over a revision',
      { ...injection('disabled'), ...revision },
      {},
      'namespace istio-injection',
      'namespace istio-injection',
    ],
    [
      'a value that Istio does not know',
      injection('true'),
      {},
      'namespace istio-injection',
      'namespace istio-injection',
    ],
    ['ambient mode of the namespace', ambient, {}, 'namespace istio.io/dataplane-mode'],
    ['ambient mode of the pod', undefined, ambient, 'pod istio.io/dataplane-mode'],
    ['another dataplane mode', { 'istio.io/dataplane-mode': 'none' }, {}],
  ])('%s', (_, namespace, pod, undecided, requested) => {
    const bar = (state: 'undecided' | 'requested' | 'injected') => {
      const found = findSidecarBar(state, pod, namespace);
      return found && `${found.of} ${found.key}`;
    };
    expect([bar('undecided'), bar('requested'), bar('injected')]).toEqual([undecided, requested, undefined]);
  });
});
