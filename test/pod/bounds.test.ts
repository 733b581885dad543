import { describe, expect, it } from 'vitest';
import { describeBound, describeProblem } from '../../src/admission/warnings.ts';
import { decide } from '../../src/decide/decide.ts';
import { checkBounds, podBounds } from '../../src/pod/bounds.ts';
import { createFacts } from '../../src/pod/facts.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, jobPod } from '../support/pods.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `app-${i}`);
const apps = (count: number) => names(count).map((name) => app({ name }));
const annotated = (name: string, value: string) => classicPod({ annotations: { [`clockout.dev/${name}`]: value } });
const many = (count: number) =>
  classicPod({ annotations: Object.fromEntries(names(count).map((name) => [`clockout.dev/${name}`, 'x'])) });
const warned = (pod: Pod) => {
  const decision = decide(createFacts(pod), { from: 'server' });
  return decision.strategy === 'none' ? [decision.reason, ...decision.problems.map(describeProblem)] : [];
};

/** A pod at the bound, and one over it. */
const rows: Record<Exclude<keyof typeof podBounds, 'patch'>, [at: Pod, over: Pod, found: number]> = {
  containers: [
    // With istio-proxy, which is a container as well.
    classicPod({ spec: { containers: apps(100), initContainers: apps(99) } }),
    classicPod({ spec: { containers: apps(100), initContainers: apps(100) } }),
    201,
  ],
  // With Istio's status.
  annotations: [many(499), many(500), 501],
  annotationText: [annotated('quit', 'x'.repeat(262_144 - 17)), annotated('quit', 'x'.repeat(262_144 - 16)), 262_145],
  names: [annotated('containers', names(200).join()), annotated('exclude-containers', names(201).join()), 201],
  containerName: [
    classicPod({ spec: { containers: [app({ name: 'x'.repeat(253) })] } }),
    classicPod({ spec: { containers: [app()], initContainers: [app({ name: 'x'.repeat(254) })] } }),
    254,
  ],
};

describe.each(Object.entries(rows))('the bound on %s', (name, [at, over, found]) => {
  const bound = podBounds[name as keyof typeof podBounds];
  it('lets pass what is at it', () => expect(warned(at)).not.toContain('too-large'));
  it('skips what is over it, with one warning that says so', () =>
    expect(warned(over)).toEqual(['too-large', describeBound(bound, found)]));
});

it('the sentence says what is over which bound', () => {
  expect(describeBound(podBounds.containers, 201)).toBe(
    'the pod has 201 containers and init containers, more than 200',
  );
  expect(describeBound(podBounds.patch, 176_129)).toBe('the pod needs 176129 bytes of JSON Patch, more than 176128');
});

it('a count at the bound is not a problem, and one over it is', () => {
  expect(checkBounds({ patch: podBounds.patch.most })).toBeUndefined();
  expect(checkBounds({ patch: 180_225 })).toEqual({ code: 'over-bound', bound: 'patch', found: 180_225 });
});

describe('a pod over a bound', () => {
  const large = { containers: apps(300) };
  it.each<[string, Pod, string]>([
    ['that belongs to no Job', classicPod({ metadata: { labels: {}, ownerReferences: [] }, spec: large }), 'not-a-job'],
    ['that opted out', classicPod({ labels: { 'clockout.dev/inject': 'false' }, spec: large }), 'opted-out'],
    ['without a sidecar', jobPod({ spec: large }), 'no-sidecar'],
    [
      'that asks by its label, and may have meant other sidecars',
      jobPod({ labels: { 'clockout.dev/inject': 'true' }, spec: large }),
      'too-large',
    ],
    ['that needs other things first', classicPod({ spec: { ...large, hostNetwork: true } }), 'too-large'],
  ])('%s', (_, pod, reason) => expect(warned(pod)[0]).toBe(reason));

  it('is read no further: none of its annotations is a problem', () => {
    const pod = classicPod({ annotations: { 'clockout.dev/quit': 'sometimes' }, spec: large });
    expect(warned(pod)).toHaveLength(2);
  });
});
