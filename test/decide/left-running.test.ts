import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Origin } from '../../src/decide/origin.ts';
import type { Strategy } from '../../src/pod/annotations/table.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, frozen, jobPod, withStrategy } from '../support/pods.ts';

const server: Origin = { from: 'server' };
const cli: Origin = { from: 'cli', job: true };
const vault = { name: 'vault-agent' };
const pod = (spec: Partial<Pod['spec']> = {}, more: Parameters<typeof jobPod>[0] = {}) =>
  jobPod({ ...more, spec: { containers: [app(), vault], ...spec } });
const node = { hostNetwork: true };
const windows = { os: { name: 'windows' } };
const declines = { labels: { 'sidecar.istio.io/inject': 'false' } };
const own = { labels: { 'clockout.dev/inject': 'true' } };

async function answer(strategy: Strategy, given: Pod, origin: Origin) {
  const outcome = await admitPod(frozen(given), origin, withStrategy(strategy));
  return { reason: outcome.kind === 'skipped' ? outcome.reason : outcome.plan.strategy, text: outcome.warnings.join() };
}

const onNode =
  "container vault-agent keeps the pod running, and Clockout does not end it, because the pod uses the node's network";
const onWindows =
  'container vault-agent keeps the pod running, and Clockout does not end it, because the pod runs on Windows';
const needsLabel =
  'container vault-agent keeps the pod running, and Clockout does not end it, because the pod has no istio-proxy; set the label clockout.dev/inject: "true" or the annotation clockout.dev/strategy: native of the pod';

describe('a pod that opts in, and whose sidecar Clockout does not end', () => {
  it.each<[string, Strategy, Pod, Origin, string, string]>([
    ['without a mesh', 'wrap', pod(), server, 'no-sidecar', needsLabel],
    ['without a mesh, in a manifest', 'wrap', pod({}, declines), cli, 'no-sidecar', needsLabel],
    ["on the node's network", 'wrap', pod(node), server, 'no-sidecar', onNode],
    ["on the node's network, and it asks itself", 'wrap', pod(node, own), server, 'host-network', onNode],
    ["on the node's network, in a manifest", 'wrap', pod(node), cli, 'host-network', onNode],
    ["on the node's network, natively", 'native', pod(node), server, 'host-network', onNode],
    ["on the node's network, with auto", 'auto', pod(node), server, 'host-network', onNode],
    ['on Windows', 'wrap', pod(windows), server, 'no-sidecar', onWindows],
    ['on Windows, natively', 'native', pod(windows), server, 'windows', onWindows],
  ])('gets a warning: %s', async (_, strategy, given, origin, reason, text) => {
    expect(await answer(strategy, given, origin)).toEqual({ reason, text: expect.stringContaining(text) });
  });

  it.each(['wrap', 'native'] as const)("names Istio's on the node's network, with %s", async (strategy) => {
    const { text } = await answer(strategy, classicPod({ spec: { containers: [app(), vault], ...node } }), server);
    expect(text).toContain('each of istio-proxy, vault-agent keeps the pod running');
  });

  it.each<[string, Pod]>([
    ['that ends by itself', pod({ containers: [app(), { name: 'kuma-sidecar' }] })],
    ['that is none', pod({ containers: [app()] })],
    ['of a pod that runs forever', pod({ restartPolicy: 'Always' })],
    ['that Argo Workflows ends', pod({}, { labels: { 'workflows.argoproj.io/workflow': 'x' } })],
    ['of a static pod', pod({}, { annotations: { 'kubernetes.io/config.mirror': 'x' } })],
    ['of a pod that has not opted in', pod({}, { labels: { 'clockout.dev/inject': 'false' } })],
  ])('gets none for one %s', async (_, given) => {
    expect((await answer('wrap', given, server)).text).toBe('');
  });
});
