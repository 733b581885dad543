import { describe, expect, it } from 'vitest';
import { findKeepers } from '../../src/explain/verdict.ts';
import { createFacts } from '../../src/pod/facts.ts';
import { app, classicPod, jobPod } from '../support/pods.ts';

describe("a pod on the node's network", () => {
  const spec = { hostNetwork: true, containers: [app(), { name: 'vault-agent' }] };
  const labels = { 'sidecar.istio.io/inject': 'true' };

  it.each([
    ['its sidecars keep it running, and Istio adds none', jobPod({ labels, spec }), ['vault-agent']],
    ['Istio has added its sidecar all the same', classicPod({ spec }), ['istio-proxy', 'vault-agent']],
    ['it has none', jobPod({ labels, spec: { hostNetwork: true } }), []],
  ])('%s', (_, pod, keepers) =>
    expect(findKeepers('host-network', createFacts(pod), { from: 'cli', job: true })).toEqual(keepers),
  );
});

describe('a pod on Windows', () => {
  it('hangs with its sidecars, too', () => {
    const spec = { os: { name: 'windows' }, containers: [app(), { name: 'vault-agent' }] };
    const facts = createFacts(jobPod({ labels: { 'sidecar.istio.io/inject': 'false' }, spec }));
    expect(findKeepers('windows', facts, { from: 'cli', job: true })).toEqual(['vault-agent']);
  });
});
