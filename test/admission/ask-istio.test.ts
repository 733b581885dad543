import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { askReview, asksIstio } from '../../src/admission/ask-istio.ts';
import { joinBase64 } from '../../src/inject/patch/patch-base64.ts';
import type { Strategy } from '../../src/pod/annotations/table.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { review } from '../server/helpers.ts';
import { app, classicPod, jobPod, withStrategy } from '../support/pods.ts';

const annotated = (annotations: Record<string, string>) => jobPod({ annotations });
const labelled = (labels: Record<string, string>) => jobPod({ labels });
const withInit = (init: object) => jobPod({ spec: { initContainers: [app(init)] } });
const native = 'sidecar.istio.io/nativeSidecar';

describe('Istio is asked for a native sidecar', () => {
  it.each<[string, Pod, { native: boolean; auto: boolean }]>([
    ["for a Job's pod", jobPod(), { native: true, auto: true }],
    ['for a pod that asks for Istio', labelled({ 'sidecar.istio.io/inject': 'true' }), { native: true, auto: true }],
    [
      'not for one that declines Istio',
      labelled({ 'sidecar.istio.io/inject': 'false' }),
      { native: false, auto: false },
    ],
    ['not for one in ambient mode', labelled({ 'istio.io/dataplane-mode': 'ambient' }), { native: false, auto: false }],
    [
      'not for one that declines Clockout',
      labelled({ 'clockout.dev/inject': 'false' }),
      { native: false, auto: false },
    ],
    ['not for one that chose itself', annotated({ [native]: 'false' }), { native: false, auto: false }],
    ['not for one that has asked', annotated({ [native]: 'true' }), { native: false, auto: false }],
    ['not for one with its sidecar', classicPod(), { native: false, auto: false }],
    [
      'not for one that chose to be wrapped',
      annotated({ 'clockout.dev/strategy': 'wrap' }),
      { native: false, auto: false },
    ],
    [
      'for one with options that need a wrapper',
      annotated({ 'clockout.dev/quit': 'never' }),
      { native: true, auto: false },
    ],
    [
      'not for one with a delay, which Istio does not know',
      annotated({ 'clockout.dev/quit-delay': '3s' }),
      { native: false, auto: false },
    ],
    ['not for one with a bad annotation', annotated({ 'clockout.dev/quit': 'soon' }), { native: false, auto: false }],
    ['not for one with an init container', withInit({ name: 'init' }), { native: false, auto: false }],
    [
      'for one with a native sidecar',
      withInit({ name: 'side', restartPolicy: 'Always' }),
      { native: true, auto: true },
    ],
    ["not for one on its node's network", jobPod({ spec: { hostNetwork: true } }), { native: false, auto: false }],
    ['not for one that is no Job', { metadata: {}, spec: { containers: [app()] } }, { native: false, auto: false }],
  ])('%s', (_, pod, expected) => {
    const answer = (strategy: Strategy) => asksIstio(pod, withStrategy(strategy));
    expect({ wrap: answer('wrap'), native: answer('native'), auto: answer('auto') }).toEqual({
      wrap: false,
      ...expected,
    });
  });

  it.each<[string, Parameters<typeof withStrategy>[1], { native: boolean; auto: boolean }]>([
    ['of unknown version', {}, { native: false, auto: false }],
    ['whose API server is too old', { apiServer: 28, oldestNode: 28 }, { native: false, auto: false }],
    ['whose nodes are unknown', { apiServer: 35 }, { native: true, auto: false }],
    ['with an old node', { apiServer: 35, oldestNode: 32 }, { native: true, auto: false }],
  ])('in a cluster %s', (_, versions, expected) => {
    const answer = (strategy: Strategy) => asksIstio(jobPod(), withStrategy(strategy, versions));
    expect({ native: answer('native'), auto: answer('auto') }).toEqual(expected);
  });

  it("by the namespace's strategy, if the pod has none", () => {
    expect(asksIstio(jobPod(), withStrategy('wrap'), { strategy: 'native' })).toBe(true);
    expect(asksIstio(jobPod(), withStrategy('native'), { strategy: 'wrap' })).toBe(false);
    expect(asksIstio(jobPod(), withStrategy('native'), { strategy: null })).toBe(true);
  });

  it('with a patch of one annotation, and the review after Istio has nothing to do', async () => {
    const pod = annotated({ mine: 'x' });
    const asked = askReview(review(pod), withStrategy('native'));
    if (!asked.ok) throw new Error(asked.problem);
    const { patch, ...response } = asked.value.review.response;
    expect(response).toEqual({
      uid: 'review-1',
      allowed: true,
      patchType: 'JSONPatch',
      auditAnnotations: { 'ask-istio': 'true' },
    });
    const operations = JSON.parse(Buffer.from(patch ? joinBase64(patch) : '', 'base64').toString());
    const after: Pod = jsonPatch.applyPatch(structuredClone(pod), operations).newDocument;
    expect(after).toEqual(annotated({ mine: 'x', [native]: 'true' }));
    const injected = {
      ...after,
      spec: { ...after.spec, initContainers: [app({ name: 'istio-proxy', restartPolicy: 'Always' })] },
    };
    expect(await admitPod(injected, { from: 'server' }, withStrategy('native'))).toMatchObject({
      reason: 'native-sidecar',
    });
  });

  it('and a sidecar that Istio injects as a classic one anyway is converted', async () => {
    const injected = classicPod({ annotations: { [native]: 'true' } });
    const outcome = await admitPod(injected, { from: 'server' }, withStrategy('native'));
    expect(outcome).toMatchObject({ kind: 'patched', plan: { names: ['istio-proxy'] } });
  });
});
