import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Treatment } from '../../src/admission/treatment.ts';
import type { Strategy } from '../../src/pod/annotations/table.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { toOffer } from '../../src/telemetry/pod-event.ts';
import { app, classicPod, jobPod, withStrategy } from '../support/pods.ts';

const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1' };
const owned = (changes = {}) => ({ ownerReferences: [{ ...owner, controller: true, ...changes }] });

type Asked = { treatment?: Treatment; request?: object; strategy?: Strategy };

async function offerOf(pod: Pod, { treatment = 'admitted', request = {}, strategy = 'wrap' }: Asked = {}) {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const outcome = await admitPod(pod, { from: 'server' }, withStrategy(strategy));
  const asked = { uid: 'u', kind, namespace: 'team', operation: 'CREATE', object: pod, ...request };
  return toOffer({ request: asked, pod, outcome, treatment });
}

describe('toOffer', () => {
  const wrapped = classicPod({ metadata: owned() });
  const bare = classicPod({ metadata: owned(), spec: { containers: [app({ command: null })] } });

  it('has an Event for a wrapped pod, which is the same for all pods of its Job', async () => {
    const offer = await offerOf(wrapped);
    expect(offer).toMatchObject({ key: 'job-1 wrapped', namespace: 'team' });
    expect(offer?.make()).toEqual({
      namespace: 'team',
      owner,
      type: 'Normal',
      reason: 'ClockoutWrapped',
      message: 'Clockout wrapped the containers app, so that the sidecars are ended after them',
    });
  });

  it('has one for a pod whose sidecars became native', async () => {
    const offer = await offerOf(wrapped, { strategy: 'native' });
    expect(offer?.key).toBe('job-1 native');
    expect(offer?.make()).toMatchObject({
      type: 'Normal',
      reason: 'ClockoutMadeNative',
      message: expect.stringContaining('istio-proxy'),
    });
  });

  it('has a warning for a pod that cannot be wrapped, with the reason and what to do', async () => {
    const offer = await offerOf(bare);
    expect(offer?.key).toBe('job-1 no-entrypoint');
    expect(offer?.make()).toMatchObject({
      type: 'Warning',
      reason: 'ClockoutCannotWrap',
      message: expect.stringMatching(
        /^Clockout cannot wrap this pod \(no-entrypoint\): container app: .*annotate the pod with/,
      ),
    });
  });

  it.each<[string, Pod, Asked?]>([
    ['needs nothing', jobPod({ metadata: owned() })],
    ['is refused: the Job controller writes one', bare, { treatment: 'refused' }],
    ['is only observed', wrapped, { treatment: 'observed' }],
    ['is a dry run', bare, { request: { dryRun: true } }],
    ['has no owner', classicPod({ metadata: { ownerReferences: [] } })],
    ['has an owner that is no controller', classicPod({ metadata: owned({ controller: false }) })],
    ['has an owner without a uid', classicPod({ metadata: owned({ uid: undefined }) })],
    ['has an owner with an endless name', classicPod({ metadata: owned({ name: 'x'.repeat(254) }) })],
    ['is in no namespace of Kubernetes', wrapped, { request: { namespace: 'a/../b' } }],
  ])('has none for a pod that %s', async (_, pod, asked) => expect(await offerOf(pod, asked)).toBeUndefined());

  it('has none for a pod that is wrapped already', async () => {
    const outcome = await admitPod(wrapped, { from: 'server' }, withStrategy('wrap'));
    if (outcome.kind !== 'patched') throw new Error('expected a patch');
    expect(await offerOf(outcome.patched)).toBeUndefined();
  });

  it('fits into an Event, whatever the pod says', async () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`clockout.dev/x${i}`, 'é'.repeat(1000)]),
    );
    const message = (await offerOf(classicPod({ metadata: owned(), annotations })))?.make().message ?? '';
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
  });
});
