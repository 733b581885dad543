/** What defaults of the installation and of a namespace do to an answer. */
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { asksIstio } from '../../src/admission/ask-istio.ts';
import { admitReview } from '../../src/admission/review.ts';
import { readDefaults } from '../../src/pod/annotations/read-defaults.ts';
import { review } from '../server/helpers.ts';
import { app, classicPod, jobPod, settings, withStrategy } from '../support/pods.ts';

const defaults = (texts: Record<string, string>) => readDefaults(texts);
const bad = defaults({ 'wait-timeout': '5sec', quit: 'never', 'quit-delay': '1s' });

describe('defaults', () => {
  it('take effect in the plan', async () => {
    const outcome = await admitPod(
      classicPod(),
      { from: 'server', namespaceDefaults: defaults({ 'quit-delay': '7s' }) },
      { ...settings, defaults: defaults({ 'quit-delay': '3s', 'on-wait-timeout': 'fail' }) },
    );
    if (outcome.kind === 'skipped' || outcome.plan.strategy !== 'wrap') throw new Error('expected a wrapped pod');
    expect(outcome.plan.quitDelay).toBe(7);
    expect(outcome.plan.containers[0]?.onWaitTimeout).toBe('fail');
    expect(outcome.warnings).toEqual([]);
  });

  it.each(['admit', 'refuse'] as const)(
    'that cannot be used are a warning, and no reason to skip, with %s',
    async (onUnwrappable) => {
      const asked: string[] = [];
      const defaultsOf = (namespace: string) => {
        asked.push(namespace);
        return bad;
      };
      const answered = await admitReview(review(), { settings, onUnwrappable, defaultsOf });
      if (!answered.ok) throw new Error(answered.problem);
      expect(asked).toEqual(['team']);
      expect(answered.value.review.response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
      expect(answered.value.review.response.warnings).toEqual([
        expect.stringMatching(
          /^clockout: an annotation clockout.dev\/… of the pod's namespace has no effect: wait-timeout: expected a duration/,
        ),
        expect.stringMatching(/has no effect: quit-delay has no effect with quit: never; remove one of them$/),
      ]);
    },
  );

  it('that cannot be used do not concern a pod that Clockout skips', async () => {
    const outcome = await admitPod(jobPod(), { from: 'server', namespaceDefaults: bad }, settings);
    expect(outcome).toEqual({ kind: 'skipped', reason: 'no-sidecar', warnings: [] });
  });

  it('do not decide between the strategies', async () => {
    const auto = { ...withStrategy('auto'), defaults: defaults({ 'wait-timeout': '5m', guard: 'false' }) };
    const outcome = await admitPod(classicPod(), { from: 'server' }, auto);
    expect(outcome).toMatchObject({ kind: 'patched', plan: { strategy: 'native' }, warnings: [] });
  });

  it('do not warn the author of a pod of what another annotation of theirs would', async () => {
    const pod = classicPod({ annotations: { 'clockout.dev/start-timeout': '1m' } });
    const outcome = await admitPod(
      pod,
      { from: 'server' },
      { ...settings, defaults: defaults({ quit: 'on-success' }) },
    );
    expect(outcome.warnings).toEqual([]);
  });

  it.each([
    ['quit', 'never', 'quit-delay', '3s'],
    ['quit', 'never', 'quit-urls', 'http://localhost:8000/quit'],
    ['wait-for-proxy', 'false', 'wait-timeout', '5m'],
    ['guard', 'false', 'start-timeout', '1m'],
  ])('%s: %s warn a pod that itself sets %s', async (option, value, useless, text) => {
    const pod = classicPod({ annotations: { [`clockout.dev/${useless}`]: text } });
    const said = `clockout.dev/${useless} has no effect with ${option}: ${value}, a default of the namespace or of the installation; remove it, or set clockout.dev/${option}, too`;
    const ofNamespace = await admitPod(
      pod,
      { from: 'server', namespaceDefaults: defaults({ [option]: value }) },
      settings,
    );
    const ofInstallation = await admitPod(
      pod,
      { from: 'server' },
      { ...settings, defaults: defaults({ [option]: value }) },
    );
    for (const outcome of [ofNamespace, ofInstallation])
      expect(outcome).toMatchObject({ kind: 'patched', warnings: [said] });
  });

  it('keep a pod from being asked for that Istio would end otherwise', () => {
    const native = withStrategy('native');
    expect(asksIstio(jobPod(), native)).toBe(true);
    expect(asksIstio(jobPod(), native, { namespaceDefaults: defaults({ 'quit-delay': '5s' }) })).toBe(false);
  });

  it('leave a pod as invalid that is so by itself', async () => {
    const pod = classicPod({ annotations: { 'clockout.dev/quit': 'x' }, spec: { containers: [app()] } });
    const outcome = await admitPod(pod, { from: 'server', namespaceDefaults: defaults({ quit: 'always' }) }, settings);
    expect(outcome).toMatchObject({ kind: 'skipped', reason: 'invalid-annotation' });
  });
});
