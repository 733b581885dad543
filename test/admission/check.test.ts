import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { applyPatch, checkPatched } from '../../src/admission/check.ts';
import type { Pod } from '../../src/types.ts';
import { app, classicPod, frozen, settings } from '../pods.ts';

const outcome = await admitPod(
  classicPod({ spec: { containers: [app(), app({ name: 'other' })] } }),
  { from: 'server' },
  settings,
);
if (outcome.kind !== 'patched') throw new Error(outcome.kind);
const { plan, patched } = outcome;

const broken = (change: (pod: Pod) => void) => {
  const pod = structuredClone(patched);
  change(pod);
  return () => checkPatched(pod, plan);
};
const app0 = ({ spec }: Pod) => spec.containers[0] ?? app();

describe('the check', () => {
  it('lets a good patch pass', () => expect(() => checkPatched(patched, plan)).not.toThrow());

  it.each<[string, (pod: Pod) => void, string]>([
    ['no init container', ({ spec }) => spec.initContainers?.pop(), '0 init containers clockout-init'],
    ['two of them', ({ spec }) => spec.initContainers?.push(...spec.initContainers), '2 init containers clockout-init'],
    ['a volume twice', ({ spec }) => spec.volumes?.push({ name: 'clockout' }), '2 volumes clockout'],
    ['a container unwrapped', (pod) => Object.assign(app0(pod), { command: ['/app'] }), 'container app is not wrapped'],
    ['containers in another order', ({ spec }) => spec.containers.reverse(), 'container app is not wrapped'],
    ['nothing to run', (pod) => Object.assign(app0(pod), { args: [] }), 'container app has nothing to run'],
    ['a mount missing', (pod) => app0(pod).volumeMounts?.pop(), '0 mounts of clockout-state in container app'],
    [
      'no guard',
      ({ spec }) => Object.assign(spec.containers[2] ?? {}, { lifecycle: null }),
      'istio-proxy does not start the guard',
    ],
  ])('finds %s', (_, change, found) =>
    expect(broken(change)).toThrow(`the patch failed its own check: found ${found}`),
  );
});

describe('applying a patch', () => {
  it('shares what it does not touch, and changes nothing of the pod', () => {
    const pod = frozen(classicPod({ spec: { containers: [app(), app({ name: 'other' })] } }));
    const after = applyPatch(pod, [
      { op: 'add', path: '/spec/containers/0/args', value: ['x'] },
      { op: 'add', path: '/spec/containers/0/command/-', value: 'y' },
    ]);
    expect(after.spec.containers[0]).toMatchObject({ command: ['/app', 'y'], args: ['x'] });
    expect(after.spec.containers[1]).toBe(pod.spec.containers[1]);
    expect(after.metadata).toBe(pod.metadata);
  });

  it.each([
    ['replace', '/spec/nowhere/x'],
    ['replace', '/spec/nowhere'],
    ['replace', '/spec/containers/7'],
    ['add', '/spec/nowhere/x'],
    ['add', '/spec/nowhere/-'],
  ] as const)('throws where the patch does not apply: %s %s', (op, path) =>
    expect(() => applyPatch(classicPod(), [{ op, path, value: 1 }])).toThrow(),
  );

  it('finds keys that are escaped in a path', () => {
    const pod = classicPod({ annotations: { 'a/b~c': 'x' } });
    const after = applyPatch(pod, [{ op: 'replace', path: '/metadata/annotations/a~1b~0c', value: 'y' }]);
    expect(after.metadata?.annotations?.['a/b~c']).toBe('y');
  });
});
