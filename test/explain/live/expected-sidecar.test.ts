import { describe, expect, it } from 'vitest';
import { findWitness, readForm } from '../../../src/explain/live/expected-sidecar.ts';

const pod = (name: string, spec: object, annotations: Record<string, string> = {}) => ({
  metadata: { name, annotations },
  spec,
});
const proxy = { name: 'istio-proxy' };
const [classic, native, none] = [
  { containers: [{ name: 'app' }, proxy] },
  { initContainers: [{ ...proxy, restartPolicy: 'Always' }], containers: [{ name: 'app' }] },
  { containers: [{ name: 'app' }] },
];

describe('the form of a sidecar', () => {
  it.each([
    [classic, 'classic'],
    [native, 'native'],
    [none, 'none'],
    [{ initContainers: [proxy] }, 'none'],
    [{ containers: 'none' }, 'none'],
    [undefined, 'none'],
  ])('%j: %s', (spec, form) => expect(readForm({ spec })).toBe(form));
});

describe('findWitness', () => {
  it.each<[what: string, pods: object[], witness: object | undefined]>([
    ['no pod', [], undefined],
    [
      'a pod with a sidecar rather than one without',
      [pod('a', none), pod('b', classic)],
      { name: 'b', form: 'classic' },
    ],
    ['only pods without a sidecar', [pod('a', none)], { name: 'a', form: 'none' }],
    [
      'a pod that Clockout has made native',
      [pod('a', native, { 'clockout.dev/native': 'istio-proxy' })],
      { name: 'a', form: 'classic' },
    ],
  ])('%s', (_, pods, witness) => expect(findWitness(pods)).toEqual(witness));
});
