import type { Operation } from 'fast-json-patch';
import { expect, it } from 'vitest';
import { admitPod } from '../../../src/admission/admit.ts';
import { joinBase64, patchToBase64 } from '../../../src/inject/patch/patch-base64.ts';
import type { Pod } from '../../../src/pod/schema.ts';
import { app, classicPod, settings } from '../../support/pods.ts';

const patchOf = async (pod: Pod) => {
  const outcome = await admitPod(pod, { from: 'server' }, settings);
  if (outcome.kind !== 'patched') throw new Error(`expected a patch, found ${outcome.kind}`);
  return outcome;
};

/** Without the spaces between tokens. */
const sent = (patch: Operation[]) =>
  JSON.stringify(JSON.parse(Buffer.from(joinBase64(patchToBase64(patch)), 'base64').toString()));

it.each([
  ['a pod', classicPod()],
  ['a pod with an init container', classicPod({ spec: { initContainers: [app({ name: 'first' })] } })],
  [
    'what stands for a script until then',
    classicPod({ spec: { containers: [app({ args: ['clockout.dev/script-0'] })] } }),
  ],
  ['text as long as a script', classicPod({ spec: { containers: [app({ args: ['$(é"\n'.repeat(5000)] })] } })],
])('is what JSON.stringify makes of the patch: %s', async (_, pod) => {
  const { patch } = await patchOf(pod);
  expect(sent(patch)).toBe(JSON.stringify(patch));
});

it('is so where our init container is put back', async () => {
  const { patched } = await patchOf(classicPod());
  const [init] = patched.spec.initContainers ?? [];
  const forged = {
    ...patched,
    spec: {
      ...patched.spec,
      initContainers: [
        { ...init, args: ['clockout.dev/script-1'], image: 'clockout.dev/script-0', name: 'clockout-init' },
      ],
    },
  };
  const { patch } = await patchOf(forged);
  expect(sent(patch)).toBe(JSON.stringify(patch));
});
