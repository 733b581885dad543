import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { checkPatched } from '../../src/admission/check-patch.ts';
import type { Container, Pod, VolumeMount } from '../../src/pod/schema.ts';
import { app, classicPod, settings } from '../support/pods.ts';

const before = classicPod({ spec: { containers: [app(), app({ name: 'other' })] } });
const outcome = await admitPod(before, { from: 'server' }, settings);
if (outcome.kind !== 'patched') throw new Error(outcome.kind);
const { plan, patched } = outcome;

const broken = (change: (pod: Pod) => void) => {
  const pod = structuredClone(patched);
  change(pod);
  return () => checkPatched(before, pod, plan);
};
const app0 = ({ spec }: Pod) => spec.containers[0] ?? app();
const steps = { name: 'clockout-state', mountPath: '/clockout-steps', subPath: 'steps', readOnly: true };
const mountIn = (container: Container, mount: VolumeMount) => container.volumeMounts?.push(mount);
const changeMount = (pod: Pod, path: string, change: Partial<VolumeMount>) =>
  Object.assign(app0(pod).volumeMounts?.find(({ mountPath }) => mountPath === path) ?? {}, change);

describe('the check', () => {
  it('lets a good patch pass', () => expect(() => checkPatched(before, patched, plan)).not.toThrow());

  it.each<[string, (pod: Pod) => void, string]>([
    ['no init container', ({ spec }) => spec.initContainers?.pop(), '0 init containers clockout-init'],
    ['two of them', ({ spec }) => spec.initContainers?.push(...spec.initContainers), '2 init containers clockout-init'],
    ['a volume twice', ({ spec }) => spec.volumes?.push({ name: 'clockout' }), '2 volumes clockout'],
    ['a container unwrapped', (pod) => Object.assign(app0(pod), { command: ['/app'] }), 'container app is not wrapped'],
    ['containers in another order', ({ spec }) => spec.containers.reverse(), 'container app is not wrapped'],
    ['nothing to run', (pod) => Object.assign(app0(pod), { args: [] }), 'container app is not wrapped'],
    ['a mount missing', (pod) => app0(pod).volumeMounts?.pop(), 'no mount at /clockout-alive in container app'],
    ['a mount twice', (pod) => mountIn(app0(pod), { ...steps }), '5 mounts of Clockout volumes in container app'],
    ['tools to be written', (pod) => changeMount(pod, '/clockout', { readOnly: false }), 'no mount at /clockout'],
    ['all steps to be written', (pod) => changeMount(pod, '/clockout-steps', { readOnly: false }), 'no mount at'],
    ["another container's steps", (pod) => changeMount(pod, '/clockout-own', { subPath: 'steps/x' }), 'no mount at'],
    ["all containers' FIFOs", (pod) => changeMount(pod, '/clockout-alive', { subPath: 'alive' }), 'no mount at'],
    [
      'a volume of ours at another path',
      (pod) => mountIn(app0(pod), { name: 'clockout-state', mountPath: '/x' }),
      '5 mounts of Clockout volumes in container app',
    ],
    [
      'a volume of ours in an init container',
      ({ spec }) => spec.initContainers?.unshift(app({ volumeMounts: [{ name: 'clockout', mountPath: '/x' }] })),
      '1 mounts of Clockout volumes in container app',
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
