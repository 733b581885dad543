import { expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { patchToJson } from '../../src/inject/patch-json.ts';
import type { Pod } from '../../src/types.ts';
import { app, classicPod, settings } from '../pods.ts';

const patchOf = async (pod: Pod) => {
  const outcome = await admitPod(pod, { from: 'server' }, settings);
  if (outcome.kind !== 'patched') throw new Error(`expected a patch, found ${outcome.kind}`);
  return outcome;
};

it.each([
  ['a pod', classicPod()],
  ['a pod with an init container', classicPod({ spec: { initContainers: [app({ name: 'first' })] } })],
  ['text as long as a script', classicPod({ spec: { containers: [app({ args: ['$(é"\n'.repeat(5000)] })] } })],
])('is what JSON.stringify makes of the patch: %s', async (_, pod) => {
  const { patch } = await patchOf(pod);
  expect(patchToJson(patch).toString()).toBe(JSON.stringify(patch));
});

it('is so where our init container is put back', async () => {
  const { patched } = await patchOf(classicPod());
  const [init] = patched.spec.initContainers ?? [];
  const forged = {
    ...patched,
    spec: { ...patched.spec, initContainers: [{ ...init, args: ['x'], name: 'clockout-init' }] },
  };
  const { patch } = await patchOf(forged);
  expect(patchToJson(patch).toString()).toBe(JSON.stringify(patch));
});
