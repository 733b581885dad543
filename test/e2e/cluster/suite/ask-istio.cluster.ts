/** The chart's value `native.askIstio` on the real cluster: Clockout asks the real Istio for its own native sidecar. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { configurations, counter, installClockout } from '../install.ts';
import { eventually, expectWithin } from '../progress.ts';
import {
  api,
  app,
  createJob,
  exitCode,
  makeNamespace,
  meshed,
  nativeIn,
  removeNamespaces,
  runJob,
  tryJobPod,
} from './kube.ts';

const native = 'sidecar.istio.io/nativeSidecar';
let namespace: string;

beforeAll(async () => {
  await installClockout({ strategy: 'native', native: { askIstio: true } });
  await eventually('the configuration has its caBundle', 30, async () => {
    const { webhooks } = await api.get(`${configurations}/aa-clockout`);
    return webhooks.every(({ clientConfig }: KubeObject) => clientConfig.caBundle);
  });
  namespace = await makeNamespace(meshed);
});
afterAll(removeNamespaces);

/** Istio adds this hook only to its own native sidecar. */
const hasIstioHook = ({ spec }: KubeObject): boolean =>
  spec.initContainers.some(({ name, lifecycle }: KubeObject) => name === 'istio-proxy' && lifecycle?.preStop);

it("a Job completes with Istio's own native sidecar, for which Clockout asked", async () => {
  const before = await counter(api, 'clockout_asked_pods_total');
  const { result, pod } = await runJob(namespace, 'asked', { spec: { containers: [app({ NEED_PROXY: 1 })] } });
  expect([result, nativeIn(pod), hasIstioHook(pod)]).toEqual(['Complete', ['istio-proxy'], true]);
  expect(pod.spec.containers).toMatchObject([{ name: 'app', command: ['/app'] }]);
  expect(pod.metadata.annotations).toMatchObject({ [native]: 'true' });
  expect(pod.metadata.annotations).not.toHaveProperty(['clockout.dev/native']);
  expect(exitCode(pod, 'istio-proxy')).toBe(0);
  expect(await counter(api, 'clockout_asked_pods_total')).toBe(before + 1);
});

describe('Clockout converts what Istio was not asked for', () => {
  it.each<[string, object, object]>([
    ['a pod with an init container', { initContainers: [app({}, { name: 'first' })] }, {}],
    ['a pod with a delay', {}, { 'clockout.dev/quit-delay': '1s' }],
    ['a pod that declines it', {}, { [native]: 'false' }],
  ])('%s', async (_, spec, annotations) => {
    const { object } = await tryJobPod(namespace, spec, annotations);
    expect([nativeIn(object), hasIstioHook(object)]).toEqual([['istio-proxy'], false]);
    expect(object.metadata.annotations).toHaveProperty(['clockout.dev/native'], 'istio-proxy');
  });
});

it('a Job takes at most 1.05 of the time that it takes with the annotation alone, asked and converted', async () => {
  const ways = {
    own: { labels: { 'clockout.dev/inject': 'false' }, annotations: { [native]: 'true' } },
    asked: {},
    // By the same value that it has without the annotation.
    converted: { annotations: { 'clockout.dev/quit-delay': '0s' } },
  };
  const spec = { containers: [app({ SLEEP: 2 })] };
  const taken: Record<string, number[]> = {};
  const run = async (way: keyof typeof ways, round: number) => {
    const start = performance.now();
    await createJob(namespace, `${way}-${round}`, { ...ways[way], spec });
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${way}-${round}`;
    const isComplete = async () => {
      const { status } = await api.get(path);
      return status.conditions?.some(({ type }: KubeObject) => type === 'Complete');
    };
    await eventually(`Job ${way} completes`, 60, isComplete, 50);
    taken[way] = [...(taken[way] ?? []), (performance.now() - start) / 1000];
  };
  const names = Object.keys(ways) as (keyof typeof ways)[];
  // All at once, so that what else the machine does slows them alike.
  for (let round = 0; round < 8; round++) await Promise.all(names.map((way) => run(way, round)));
  const mean = (way: string) => (taken[way] ?? []).reduce((sum, each) => sum + each, 0) / 8;
  console.log(
    Object.entries(taken)
      .map(([way, all]) => `${way}: mean ${mean(way).toFixed(2)} s of ${all.map((each) => each.toFixed(1))}`)
      .join('\n'),
  );
  for (const way of ['asked', 'converted']) expectWithin(`a Job, ${way}`, mean('own') * 1.05, mean(way));
}, 300_000);
