import { describe, expect, it } from 'vitest';
import { admitReview, reviewToJson } from '../../src/admission/review.ts';
import { joinBase64 } from '../../src/inject/patch/patch-base64.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, jobPod, settings } from '../support/pods.ts';

const deps = { settings, onUnwrappable: 'admit' as const };

const review = (object: unknown, request = {}, rest = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'uid-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    operation: 'CREATE',
    namespace: 'jobs',
    object,
    ...request,
  },
  ...rest,
});

const answer = async (object: Pod, change: Partial<Parameters<typeof admitReview>[1]> = {}) => {
  const result = await admitReview(review(object), { ...deps, ...change });
  if (!result.ok) throw new Error(result.problem);
  return result.value.review;
};

describe('an answer', () => {
  it('carries the patch', async () => {
    const { apiVersion, kind, response: answered } = await answer(classicPod());
    const { patch, ...response } = answered;
    expect({ apiVersion, kind }).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toEqual({
      uid: 'uid-1',
      allowed: true,
      patchType: 'JSONPatch',
      auditAnnotations: { outcome: 'patched' },
    });
    expect(JSON.parse(Buffer.from(patch ? joinBase64(patch) : '', 'base64').toString())).toContainEqual(
      expect.objectContaining({ op: 'replace', path: '/spec/containers/0/command' }),
    );
  });

  it('has no warning about a pod that does not concern Clockout', async () =>
    expect((await answer(jobPod())).response).toEqual({
      uid: 'uid-1',
      allowed: true,
      auditAnnotations: { outcome: 'skipped', reason: 'no-sidecar' },
    }));

  it('says which annotation the operator does not allow: as a warning, or as a refusal', async () => {
    const pod = classicPod({ annotations: { 'clockout.dev/start-timeout': '0s' } });
    const strict = { settings: { ...settings, allowedAnnotations: new Set(['entrypoint']) } };
    const sentence =
      "clockout.dev/start-timeout is not allowed in this cluster; Clockout's operator allows only entrypoint";
    expect((await answer(pod, strict)).response).toMatchObject({
      allowed: true,
      warnings: [`clockout: ${sentence}`],
      auditAnnotations: { outcome: 'skipped', reason: 'invalid-annotation' },
    });
    const refused = await answer(pod, { ...strict, onUnwrappable: 'refuse' });
    expect(refused.response).toMatchObject({ allowed: false, status: { message: expect.stringContaining(sentence) } });
  });

  it('warns where a pod cannot be wrapped', async () =>
    expect((await answer(classicPod({ spec: { containers: [app({ command: null })] } }))).response).toEqual({
      uid: 'uid-1',
      allowed: true,
      warnings: [
        expect.stringMatching(/^clockout: container app: its entrypoint is unknown, .*clockout\.dev\/entrypoint/),
      ],
      auditAnnotations: { outcome: 'skipped', reason: 'no-entrypoint' },
    }));

  it('refuses where that was chosen', async () => {
    const { response } = await answer(classicPod({ annotations: { 'clockout.dev/quit': 'no' } }), {
      onUnwrappable: 'refuse',
    });
    expect(response).toEqual({
      uid: 'uid-1',
      allowed: false,
      status: {
        code: 422,
        message:
          'Clockout cannot wrap this pod (invalid-annotation): clockout.dev/quit: expected auto, on-success, always or never; found "no"',
      },
      auditAnnotations: { outcome: 'skipped', reason: 'invalid-annotation' },
    });
  });

  it('never refuses what needs nothing', async () =>
    expect((await answer(jobPod(), { onUnwrappable: 'refuse' })).response.allowed).toBe(true));

  it('keeps warnings printable and short', async () => {
    const { response } = await answer(classicPod({ annotations: { [`clockout.dev/${'x\n'.repeat(900)}`]: 'y' } }));
    expect(response.warnings?.every((warning) => warning.length <= 800 && !/\p{Cc}/u.test(warning))).toBe(true);
  });

  it('to a dry run is what it would be without, and registries are asked', async () => {
    const asked: string[] = [];
    const lookup = async (image: string) => {
      asked.push(image);
      return { found: true as const, digest: 'sha256:0', entrypoint: ['/app'], cmd: [] };
    };
    const pod = classicPod({ spec: { containers: [app({ command: null })] } });
    const [dry, real] = await Promise.all(
      [true, false].map((dryRun) => admitReview(review(pod, { dryRun }), { ...deps, lookup })),
    );
    expect(dry?.ok && dry.value.review).toEqual(real?.ok && real.value.review);
    expect(asked).toHaveLength(2);
  });

  it('a failing lookup is our failure, not an answer', () =>
    expect(
      admitReview(review(classicPod({ spec: { containers: [app({ command: null })] } })), {
        ...deps,
        lookup: () => Promise.reject(new Error('socket')),
      }),
    ).rejects.toThrow('socket'));
});

describe('a body that is not a review', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected an AdmissionReview of admission.k8s.io/v1; the body must be object'],
    ['a list', [], 'expected an AdmissionReview of admission.k8s.io/v1; the body must be object'],
    [
      'an old version',
      review({}, {}, { apiVersion: 'admission.k8s.io/v1beta1' }),
      'expected an AdmissionReview of admission.k8s.io/v1; /apiVersion must be "admission.k8s.io/v1"',
    ],
    [
      'an answer',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: {} },
      'expected an AdmissionReview of admission.k8s.io/v1; the body must have required properties request',
    ],
    [
      'a uid that is a number',
      review({}, { uid: 5 }),
      'expected an AdmissionReview of admission.k8s.io/v1; /request/uid must be string',
    ],
    [
      'an update',
      review({}, { operation: 'UPDATE' }),
      "expected a review of CREATE of v1/Pod, found UPDATE of v1/Pod; check the webhook's rules",
    ],
    [
      'another kind',
      review({}, { kind: { group: 'batch', version: 'v1', kind: 'Job' } }),
      "expected a review of CREATE of v1/Pod, found CREATE of batch/v1/Job; check the webhook's rules",
    ],
    [
      'a subresource',
      review({}, { subResource: 'ephemeralcontainers' }),
      "expected a review of CREATE of v1/Pod, found CREATE of v1/Pod/ephemeralcontainers; check the webhook's rules",
    ],
    ['no object', review(null), 'request.object is not a Pod: the pod must be object; found null'],
    [
      'a pod without containers',
      review({ spec: {} }),
      'request.object is not a Pod: /spec must have required properties containers; found {}',
    ],
    [
      'containers that are no list',
      review({ spec: { containers: 'app' } }),
      'request.object is not a Pod: /spec/containers must be array; found "app"',
    ],
    [
      'a command that is no list',
      review({ spec: { containers: [{ name: 'a', command: 'x' }] } }),
      'request.object is not a Pod: /spec/containers/0/command must be array; found "x"',
    ],
    [
      'an annotation that is a number',
      review({ metadata: { annotations: { a: 1 } }, spec: { containers: [] } }),
      'request.object is not a Pod: /metadata/annotations/a must be string; found 1',
    ],
  ])('%s', async (_, body, problem) => expect(await admitReview(body, deps)).toEqual({ ok: false, problem }));
});

it.each([
  ['patched', classicPod()],
  ['patched again', classicPod({ annotations: { 'clockout.dev/quit': 'never' } })],
  ['skipped', { spec: { containers: [] } }],
])('the JSON of an answer is that of JSON.stringify: %s', async (_, pod) => {
  const answered = await answer(pod);
  const { patch, ...response } = answered.response;
  expect(JSON.parse(reviewToJson(answered).toString())).toEqual({
    ...answered,
    response: { ...response, ...(patch && { patch: joinBase64(patch) }) },
  });
});
