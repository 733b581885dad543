import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { createAccount } from '../../src/telemetry/account.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { classicPod, withStrategy } from '../support/pods.ts';

const pod = classicPod({ spec: { volumes: [{ name: 'kube-api-access-abcde' }] } });

/** As a webhook leaves it that does not know the field. */
const strip = ({ spec, ...more }: Pod): Pod => ({
  ...more,
  spec: { ...spec, initContainers: (spec.initContainers ?? []).map(({ restartPolicy: _, ...each }) => each) },
});

/** Asks about a pod, and again about what a webhook after Clockout makes of it. */
async function askTwice(change: (pod: Pod) => Pod) {
  const lines: { level: string; msg: string; repaired?: string[] }[] = [];
  const logger = createLogger('info', { write: (line: string) => lines.push(JSON.parse(line)) });
  const metrics = createMetrics({ version: '1.2.3', certificateExpiry: () => new Date() });
  const account = createAccount({ logger, metrics });
  let asked = pod;
  for (const uid of ['first', 'second']) {
    const outcome = await admitPod(asked, { from: 'server' }, withStrategy('native'));
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    account({ request: { uid, kind, operation: 'CREATE', object: asked }, pod: asked, outcome, treatment: 'admitted' });
    if (outcome.kind === 'patched') asked = change(outcome.patched);
  }
  return { lines, counts: (await metrics.read()).split('\n') };
}

describe('a pod about which the API server asks twice', () => {
  it('is told of once', async () => {
    const { lines, counts } = await askTwice((same) => same);
    expect(lines.map(({ msg }) => msg)).toEqual(['made the sidecars native of the pod']);
    expect(counts).toContain('clockout_converted_pods_total{nodes="new"} 1');
  });

  it('is told of again if its sidecar was repaired, and is still one pod', async () => {
    const { lines, counts } = await askTwice(strip);
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      msg: 'repaired the native sidecars of the same pod',
      repaired: ['istio-proxy'],
    });
    expect(counts).toContain('clockout_converted_pods_total{nodes="new"} 1');
    expect(counts).toContain('clockout_repaired_pods_total{sidecar="istio-proxy"} 1');
  });
});
