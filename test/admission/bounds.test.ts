/** What a hostile pod makes of the answer: never more than a real one does. */
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { AdmissionResponse } from '../../src/admission/response.ts';
import { admitReview, reviewToJson } from '../../src/admission/review.ts';
import { wrapperCommand } from '../../src/pod/names.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, settings } from '../support/pods.ts';

type Sent = Omit<AdmissionResponse, 'patch'> & { patch?: string };

const kind = { group: '', version: 'v1', kind: 'Pod' };

async function answer(pod: Pod, onUnwrappable: 'admit' | 'refuse' = 'admit', request: object = {}) {
  const body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'uid-1', kind, operation: 'CREATE', object: pod, ...request },
  };
  const answered = await admitReview(body, { settings, onUnwrappable });
  if (!answered.ok) throw new Error(answered.problem);
  return JSON.parse(reviewToJson(answered.value.review).toString()).response as Sent;
}

const annotated = (annotations: Record<string, string>) => classicPod({ annotations });
const withArgs = (args: string[]) => classicPod({ spec: { containers: [app({ args })] } });
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('warnings', () => {
  const typos = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`clockout.dev/typo-${i}`, '']));

  it('are ten, and then a count', async () => {
    const { warnings } = await answer(annotated(typos));
    expect(warnings).toHaveLength(11);
    expect(warnings?.[9]).toMatch(/^clockout: "clockout\.dev\/typo-9" is not an annotation/);
    expect(warnings?.[10]).toBe('clockout: and 30 more');
  });

  it('count all names of a list', async () => {
    const { warnings } = await answer(annotated({ 'clockout.dev/containers': Array(200).fill('x').join() }));
    expect(warnings?.[10]).toBe('clockout: and 190 more');
  });

  it('name ten of the containers that there are', async () => {
    const containers = Array.from({ length: 100 }, (_, i) => app({ name: `app-${i}` }));
    const pod = classicPod({ annotations: { 'clockout.dev/containers': 'x' }, spec: { containers } });
    const { warnings } = await answer(pod);
    expect(warnings).toEqual([
      `clockout: clockout.dev/containers: expected names of app containers (${containers
        .slice(0, 10)
        .map(({ name }) => name)
        .join(', ')}, and 90 more); found "x"`,
    ]);
  });
});

describe('the message of a refusal', () => {
  it.each<[string, Record<string, string>]>([
    [
      'many problems',
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`clockout.dev/${i}${'x'.repeat(90)}`, ''])),
    ],
    ['a long one', { [`clockout.dev/${'x'.repeat(100_000)}`]: '' }],
    ['control characters', { 'clockout.dev/\u001b[2J\n\u009b\u2028\u202e': '' }],
  ])('is as long as a warning, and printable, with %s', async (_, annotations) => {
    const { allowed, status } = await answer(annotated(annotations), 'refuse');
    expect(allowed).toBe(false);
    expect(status?.message.length).toBeLessThanOrEqual(800);
    expect(status?.message).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  });
});

describe('a patch', () => {
  const most = 176_128;

  it.each([
    ['"', 'JSON escapes'],
    ['字', 'has three bytes'],
  ])(
    'as long as it may be makes an answer of at most 256 KiB, with every warning full of %s, which %s',
    async (long) => {
      const others = Array.from({ length: 12 }, (_, i) =>
        app({ name: `app-${i}`, lifecycle: { stopSignal: long.repeat(800) } }),
      );
      const pod = (length: number) =>
        classicPod({ spec: { containers: [app({ args: ['x'.repeat(length)] }), ...others] } });
      let [least, over] = [0, most];
      while (over - least > 1) {
        const length = Math.floor((least + over) / 2);
        if ((await answer(pod(length))).patch) least = length;
        else over = length;
      }
      const response = await answer(pod(least), 'admit', { uid: '\u0000'.repeat(128) });
      expect(response.warnings?.map(({ length }) => length)).toEqual([...Array(10).fill(800), 20]);
      expect(Buffer.from(`${response.patch}`, 'base64').length).toBeGreaterThan(most - 10);
      expect(bytesOf(response) + 100).toBeLessThanOrEqual(256 * 1024);
    },
  );

  it.each<[string, Pod]>([
    ['a long argument', withArgs(['x'.repeat(200_000)])],
    ['many arguments', withArgs(Array(60_000).fill('x'))],
    ['text that JSON escapes', withArgs(['\u0000'.repeat(30_000)])],
    ['text that UTF-8 makes longer', withArgs(['é'.repeat(100_000)])],
    [
      'URLs in the command of each of many wrappers',
      classicPod({
        annotations: {
          'clockout.dev/quit-urls': Array(10)
            .fill(`http://localhost/${'x'.repeat(180)}`)
            .join(),
        },
        spec: { containers: Array.from({ length: 150 }, (_, i) => app({ name: `app-${i}` })) },
      }),
    ],
  ])('that is longer is not made: %s', async (_, pod) => {
    const response = await answer(pod);
    expect(response).toEqual({
      uid: 'uid-1',
      allowed: true,
      warnings: [expect.stringMatching(/^clockout: the pod needs \d+ bytes of JSON Patch, more than 176128$/)],
      auditAnnotations: { outcome: 'skipped', reason: 'too-large' },
    });
  });
});

it.each<[string, unknown]>([
  ['a field', { spec: { containers: [{ name: 'x'.repeat(1_000_000), image: 5 }] } }],
  ['a key', { metadata: { annotations: { ['x\n'.repeat(1_000_000)]: 5 } }, spec: { containers: [] } }],
  ['100,000 errors', { spec: { containers: Array(100_000).fill(5) } }],
])('a pod that does not decode for %s is refused in one short sentence', async (_, object) => {
  await expect(answer(object as Pod)).rejects.toThrow(/^request\.object is not a Pod: .{1,790}$/);
});

it('a status annotation is believed only where all of it is one: what it says becomes a label of a metric', async () => {
  const name = 'app\nx';
  const status = { version: '1', sidecar: 'injected', containers: { [name]: { entrypoint: 'forged' } } };
  const pod = classicPod({
    annotations: { 'clockout.dev/status': JSON.stringify(status) },
    spec: { containers: [app({ name, command: [...wrapperCommand, '--'], args: ['/app'] })] },
  });
  const outcome = await admitPod(pod, { from: 'server' }, settings);
  expect(outcome).toMatchObject({ plan: { containers: [{ entrypoint: { source: 'pod' } }] } });
});
