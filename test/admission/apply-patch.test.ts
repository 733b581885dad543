import fc from 'fast-check';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../src/admission/apply-patch.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, frozen } from '../support/pods.ts';

/** Its result; undefined if it throws. */
const attempt = <T>(what: () => T): T | undefined => {
  try {
    return what();
  } catch {
    return undefined;
  }
};

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
    ['remove', '/spec/containers/7'],
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
