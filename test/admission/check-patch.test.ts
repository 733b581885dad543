import fc from 'fast-check';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { applyPatch, checkPatched } from '../../src/admission/check-patch.ts';
import type { Container, Pod, VolumeMount } from '../../src/pod/schema.ts';
import { app, classicPod, frozen, settings } from '../support/pods.ts';

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
/** What it returns; undefined where it throws. */
const attempt = <T>(what: () => T): T | undefined => {
  try {
    return what();
  } catch {
    return undefined;
  }
};

const app0 = ({ spec }: Pod) => spec.containers[0] ?? app();
const steps = { name: 'clockout-state', mountPath: '/clockout-steps', subPath: 'steps', readOnly: true };
const mountIn = (container: Container, mount: VolumeMount) => container.volumeMounts?.push(mount);
const changeMount = (pod: Pod, path: string, change: Partial<VolumeMount>) =>
  Object.assign(app0(pod).volumeMounts?.find(({ mountPath }) => mountPath === path) ?? {}, change);

describe('the check', () => {
  it('lets a good patch pass', () => expect(() => checkPatched(patched, plan)).not.toThrow());

  it.each<[string, (pod: Pod) => void, string]>([
    ['no init container', ({ spec }) => spec.initContainers?.pop(), '0 init containers clockout-init'],
    ['two of them', ({ spec }) => spec.initContainers?.push(...spec.initContainers), '2 init containers clockout-init'],
    ['a volume twice', ({ spec }) => spec.volumes?.push({ name: 'clockout' }), '2 volumes clockout'],
    ['a container unwrapped', (pod) => Object.assign(app0(pod), { command: ['/app'] }), 'container app is not wrapped'],
    ['containers in another order', ({ spec }) => spec.containers.reverse(), 'container app is not wrapped'],
    ['nothing to run', (pod) => Object.assign(app0(pod), { args: [] }), 'container app is not wrapped'],
    ['a mount missing', (pod) => app0(pod).volumeMounts?.pop(), 'no mount at /clockout-alive in container app'],
    ['a mount twice', (pod) => mountIn(app0(pod), { ...steps }), '5 mounts of our volumes in container app'],
    ['tools to be written', (pod) => changeMount(pod, '/clockout', { readOnly: false }), 'no mount at /clockout'],
    ['all steps to be written', (pod) => changeMount(pod, '/clockout-steps', { readOnly: false }), 'no mount at'],
    ["another container's steps", (pod) => changeMount(pod, '/clockout-own', { subPath: 'steps/x' }), 'no mount at'],
    ["all containers' FIFOs", (pod) => changeMount(pod, '/clockout-alive', { subPath: 'alive' }), 'no mount at'],
    [
      'a volume of ours at another path',
      (pod) => mountIn(app0(pod), { name: 'clockout-state', mountPath: '/x' }),
      '5 mounts of our volumes in container app',
    ],
    [
      'a volume of ours in an init container',
      ({ spec }) => spec.initContainers?.unshift(app({ volumeMounts: [{ name: 'clockout', mountPath: '/x' }] })),
      '1 mounts of our volumes in container app',
    ],
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

  it('changes nothing of the patch', () => {
    const patch = frozen<Operation[]>([
      { op: 'replace', path: '/spec/containers/0/args', value: ['x'] },
      { op: 'add', path: '/spec/containers/0/args/-', value: 'z' },
      { op: 'add', path: '/spec/containers/0/args/1', value: 'y' },
    ]);
    const pod = frozen(classicPod({ spec: { containers: [app({ args: ['w'] })] } }));
    expect(applyPatch(pod, patch).spec.containers[0]?.args).toEqual(['x', 'y', 'z']);
  });

  it('removes keys', () => {
    const after = applyPatch(frozen(classicPod()), [{ op: 'remove', path: '/spec/containers/0/name' }]);
    expect(Object.keys(after.spec.containers[0] ?? {})).not.toContain('name');
  });

  it('does what fast-json-patch does', () => {
    const key = fc.constantFrom('a', 'b/c~d', '0', '1', '-');
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(1, 'x'),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b/c~d'), tie('node')),
      ),
    })).node;
    const path = fc
      .array(key, { minLength: 1, maxLength: 4 })
      .map((keys) => `/${keys.map(jsonPatch.escapePathComponent).join('/')}`);
    const operation = fc.record({ op: fc.constantFrom('add', 'replace'), path, value });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b/c~d'), value),
        fc.array(operation, { maxLength: 6 }),
        (before, patch) => {
          const pod = frozen(before) as unknown as Pod;
          const theirs = attempt(
            () =>
              jsonPatch.applyPatch(structuredClone(before), structuredClone(patch) as Operation[], true).newDocument,
          );
          const ours = attempt(() => applyPatch(pod, frozen(patch) as Operation[]));
          expect(ours).toEqual(theirs);
        },
      ),
    );
  });

  it.each([
    ['remove', '/spec/nowhere'],
    ['remove', '/spec/containers/0'],
    ['add', '/spec/containers/7'],
    ['add', '/spec/containers/x'],
    ['test', '/spec/containers'],
    ['replace', '/spec/nowhere/x'],
    ['replace', '/spec/nowhere'],
    ['replace', '/spec/containers/7'],
    ['add', '/spec/nowhere/x'],
    ['add', '/spec/nowhere/-'],
  ] as const)('throws where the patch does not apply: %s %s', (op, path) =>
    expect(() => applyPatch(classicPod(), [{ op, path, value: 1 }])).toThrow(/^expected .* at? ?.*\/spec/),
  );

  it('finds keys that are escaped in a path', () => {
    const pod = classicPod({ annotations: { 'a/b~c': 'x' } });
    const after = applyPatch(pod, [{ op: 'replace', path: '/metadata/annotations/a~1b~0c', value: 'y' }]);
    expect(after.metadata?.annotations?.['a/b~c']).toBe('y');
  });
});
