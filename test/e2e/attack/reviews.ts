/** Bodies: an ordinary review, and what can be made of one. */
import { classicPod } from '../../support/pods.ts';

/** @param spec further fields of the pod's spec */
export function reviewOf(spec: object = {}, annotations: Record<string, string> = {}): Buffer {
  const pod = classicPod({ annotations });
  return Buffer.from(JSON.stringify(wrapped({ ...pod, spec: { ...pod.spec, ...spec } })));
}

const wrapped = (object: unknown) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'attack',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'team',
    operation: 'CREATE',
    object,
  },
});

/** A review with a text in the place of `spec.tolerations`, made without parsing that. */
export function reviewWith(json: string): Buffer {
  const [before = '', after = ''] = reviewOf({ tolerations: 'HERE' }).toString().split('"HERE"');
  return Buffer.from(before + json + after);
}

/** `one`, `between`, `one`, … in brackets, up to a number of bytes. */
export const repeated = (one: string, bytes: number, [open, close] = ['[', ']'], between = ',') =>
  `${open}${`${one}${between}`.repeat(Math.floor(bytes / (one.length + between.length)))}${one}${close}`;
