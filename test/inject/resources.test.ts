import { describe, expect, it } from 'vitest';
import { initResources } from '../../src/inject/resources.ts';
import type { Container, Pod, Resources } from '../../src/pod/schema.ts';
import { app } from '../support/pods.ts';

const at = (containers: Container[]) => containers.map((container, index) => ({ index, container }));
/** In a pod with a sidecar that asks for something. */
const init = (...all: (Resources | undefined)[]) => {
  const apps = all.map((resources) => app(resources ? { resources } : {}));
  return initResources({ containers: [...apps, app({ resources: { requests: { cpu: '10m' } } })] }, at(apps));
};
const same = (quantities: Record<string, string>): Resources => ({ requests: quantities, limits: quantities });

describe("the init container's resources", () => {
  it.each<[string, Resources, Resources]>([
    ['none on the app', init(undefined), { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '32Mi' } }],
    ['empty on the app', init({}), { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '32Mi' } }],
    ['Guaranteed stays so', init(same({ cpu: '1', memory: '64Mi' })), same({ cpu: '1', memory: '64Mi' })],
    [
      'ephemeral storage',
      init(same({ 'ephemeral-storage': '1Gi', memory: '1Gi' })),
      same({ memory: '1Gi', 'ephemeral-storage': '1Gi' }),
    ],
    [
      'little ephemeral storage is raised',
      init(same({ 'ephemeral-storage': '1Mi', memory: '1Gi' })),
      same({ memory: '1Gi', 'ephemeral-storage': '16Mi' }),
    ],
    [
      "another container's limit of ephemeral storage is the pod's",
      init(same({ memory: '1Gi' }), { limits: { 'ephemeral-storage': '1Mi' } }),
      { requests: { memory: '1Gi' }, limits: { memory: '1Gi', 'ephemeral-storage': '16Mi' } },
    ],
    ['no GPUs', init(same({ memory: '1Gi', 'nvidia.com/gpu': '1' })), same({ memory: '1Gi' })],
    [
      'only a GPU',
      init(same({ 'nvidia.com/gpu': '1' })),
      { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '32Mi' } },
    ],
    ['little memory is raised', init(same({ cpu: '5m', memory: '10Mi' })), same({ cpu: '5m', memory: '32Mi' })],
    ['a request alone is raised alone', init({ requests: { memory: '16Mi' } }), { requests: { memory: '32Mi' } }],
    [
      'a limit that suffices stays',
      init({ requests: { memory: '16Mi' }, limits: { memory: '64Mi' } }),
      { requests: { memory: '32Mi' }, limits: { memory: '64Mi' } },
    ],
    ['a manifest’s numbers', init({ limits: { cpu: 2, memory: 1_000_000 } }), { limits: { cpu: 2, memory: '32Mi' } }],
    [
      'the app that asks for most',
      init(same({ memory: '64Mi' }), same({ memory: '0.1Gi' }), undefined),
      same({ memory: '0.1Gi' }),
    ],
    [
      'a limit alone is the request, too',
      init(same({ memory: '64Mi' }), { limits: { memory: '1Gi' } }),
      { limits: { memory: '1Gi' } },
    ],
    ['no memory at all', init({ requests: { cpu: '1' } }), { requests: { cpu: '1' } }],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected));
});

describe('where the app asks for nothing', () => {
  const least = { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '32Mi' } };
  const cpu = { resources: { requests: { cpu: '10m' } } };
  const gpu = { resources: { limits: { 'nvidia.com/gpu': '1' } } };
  it.each<[string, Omit<Pod['spec'], 'containers'> & { others?: Container[] }, Resources]>([
    ['nothing in the pod does: it stays BestEffort', {}, {}],
    ['only a GPU is asked for, which makes no class', { others: [app(gpu)] }, {}],
    ['a sidecar asks', { others: [app(cpu)] }, least],
    [
      'a sidecar has a limit of ephemeral storage, which makes no class',
      { others: [app({ resources: { limits: { 'ephemeral-storage': '1Mi' } } })] },
      { limits: { 'ephemeral-storage': '16Mi' } },
    ],
    ['an init container asks', { initContainers: [app(cpu)] }, least],
    ['the pod as a whole asks', cpu, least],
    ['a null is nothing', { resources: { requests: null }, others: [app({ resources: null })] }, {}],
  ])('%s', (_, { others = [], ...spec }, expected) => {
    const apps = [app()];
    expect(initResources({ ...spec, containers: [...apps, ...others] }, at(apps))).toEqual(expected);
  });
});
