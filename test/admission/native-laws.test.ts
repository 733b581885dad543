/** What holds for every pod whose sidecars become native ones. */
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Outcome } from '../../src/admission/outcome.ts';
import type { NativePlan } from '../../src/inject/native/plan.ts';
import type { Container, Pod, PodSpec } from '../../src/pod/schema.ts';
import { anyPod } from '../support/arbitraries.ts';
import { frozen, withStrategy } from '../support/pods.ts';
import { numRuns } from '../support/runs.ts';

const settings = withStrategy('native');
const admit = (pod: Pod) => admitPod(frozen(pod), { from: 'server' }, settings);

/** Some of their init containers are Istio's own, and some are native sidecars. */
const pods = fc.tuple(anyPod, fc.boolean(), fc.boolean()).map(([pod, hasIstios, hasNative]): Pod => {
  const [first, ...others] = pod.spec.initContainers ?? [];
  if (!first) return pod;
  const istios = { ...first, ...(hasIstios && { name: 'istio-init' }) };
  const plain = [istios, ...others].map(withoutHooks);
  const initContainers = hasNative
    ? plain.map((each, i): Container => (i === 1 ? { ...each, restartPolicy: 'Always' } : each))
    : plain;
  return { ...pod, spec: { ...pod.spec, initContainers } };
});

/** With them, it would be a stripped sidecar. */
function withoutHooks(container: Container): Container {
  const { lifecycle: _, livenessProbe: __, readinessProbe: ___, startupProbe: ____, ...rest } = container;
  return rest;
}

type Converted = Extract<Outcome, { kind: 'patched' }> & { plan: NativePlan };

const law = (name: string, holds: (pod: Pod, outcome: Converted) => void | Promise<void>) =>
  it(name, () =>
    fc.assert(
      fc.asyncProperty(pods, async (pod) => {
        const outcome = await admit(pod);
        if (outcome.kind !== 'patched' || outcome.plan.strategy !== 'native') return;
        await holds(pod, { ...outcome, plan: outcome.plan });
      }),
      { numRuns: numRuns(200) },
    ),
  );

const namesOf = ({ spec }: Pod) => [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);

describe('for every pod whose sidecars become native', () => {
  law('the patch applies, and gives what was checked', (pod, { patch, patched }) => {
    const sent = JSON.parse(JSON.stringify(patch));
    expect(jsonPatch.applyPatch(structuredClone(pod), sent, true).newDocument).toEqual(patched);
  });

  law('a second call has nothing to do', async (_, { patched }) => {
    expect((await admit(patched)).kind).toBe('complete');
  });

  law('the apps are as they were, and so are the init containers, in their order', (pod, { patched, plan }) => {
    const moved = plan.sidecars.map(({ name }) => name);
    const others = (list: readonly Container[] | null | undefined) =>
      (list ?? []).filter(({ name }) => !moved.includes(name));
    expect(patched.spec.containers).toEqual(others(pod.spec.containers));
    expect(others(patched.spec.initContainers).map(withoutMounts)).toEqual(
      others(pod.spec.initContainers).map(withoutMounts),
    );
  });

  law('each name is there once, and none is lost', (pod, { patched }) => {
    expect(namesOf(patched).sort()).toEqual(namesOf(pod).sort());
  });

  law('the pod requests as much as before, and has the same limits and QoS class', (pod, { patched }) => {
    expect(amountsOf(patched.spec)).toEqual(amountsOf(pod.spec));
    expect(qosOf(patched.spec)).toBe(qosOf(pod.spec));
  });

  it('most pods are such pods, so that the laws speak of something', async () => {
    const kinds = await Promise.all(fc.sample(pods, 200).map(async (pod) => (await admit(pod)).kind));
    expect(kinds.filter((kind) => kind === 'patched').length).toBeGreaterThan(150);
  });
});

/** Istio's own may get the token's mount, as from the API server. */
const withoutMounts = ({ volumeMounts: _, ...container }: Container) => container;

const units: Record<string, bigint> = {
  '1': 1000n,
  '5': 5000n,
  '100m': 100n,
  '8Mi': 8000n * 1024n ** 2n,
  '64Mi': 64_000n * 1024n ** 2n,
  '1Gi': 1000n * 1024n ** 3n,
};

type Amounts = Record<string, bigint>;

/** In thousandths, and exact: Kubernetes' own formula of 1.35, PodRequests and PodLimits. */
function amountsOf(spec: PodSpec): Record<'requests' | 'limits', Amounts> {
  return { requests: amountOf(spec, requestsOf), limits: amountOf(spec, limitsOf) };
}

const limitsOf = ({ resources }: Container) => toAmounts(resources?.limits);
const requestsOf = (container: Container) => ({ ...limitsOf(container), ...toAmounts(container.resources?.requests) });

const toAmounts = (quantities: Record<string, string | number> | null | undefined): Amounts =>
  Object.fromEntries(Object.entries(quantities ?? {}).map(([name, quantity]) => [name, units[`${quantity}`] ?? 0n]));

function amountOf({ containers, initContainers }: PodSpec, of: (container: Container) => Amounts): Amounts {
  let sum = containers.map(of).reduce(plus, {});
  let [restartable, init]: [Amounts, Amounts] = [{}, {}];
  for (const container of initContainers ?? []) {
    let own = of(container);
    if (container.restartPolicy === 'Always') {
      sum = plus(sum, own);
      restartable = plus(restartable, own);
      own = restartable;
    } else {
      own = plus(own, restartable);
    }
    init = combine(init, own, (a, b) => (a > b ? a : b));
  }
  const all = combine(sum, init, (a, b) => (a > b ? a : b));
  return Object.fromEntries(Object.entries(all).filter(([, amount]) => amount > 0n));
}

const plus = (a: Amounts, b: Amounts) => combine(a, b, (x, y) => x + y);

const combine = (a: Amounts, b: Amounts, of: (a: bigint, b: bigint) => bigint): Amounts =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => [name, of(a[name] ?? 0n, b[name] ?? 0n)]),
  );

/** Kubernetes' rule: pkg/apis/core/v1/helper/qos/qos.go. */
function qosOf({ containers, initContainers }: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = [...containers, ...(initContainers ?? [])].map((each) => [requestsOf(each), limitsOf(each)] as const);
  const counted = ['cpu', 'memory'];
  if (all.every(([requests, limits]) => counted.every((name) => !requests[name] && !limits[name]))) return 'BestEffort';
  const isGuaranteed = all.every(([requests, limits]) =>
    counted.every((name) => limits[name] && requests[name] === limits[name]),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
