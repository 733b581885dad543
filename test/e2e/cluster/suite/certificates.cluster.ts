/** Replicas that share a CA in the cluster, against its real API server: they agree, repair, rotate, and outlast it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { configurations } from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
import { root } from '../paths.ts';
import { eventually, sleep } from '../progress.ts';
import { api, makeNamespace, removeNamespaces } from './kube.ts';

const configurationName = 'zz-clockout-certificates-test';
const configurationPath = `${configurations}/${configurationName}`;
let namespace: string;

beforeAll(async () => {
  namespace = await makeNamespace({});
});
afterAll(async () => {
  await api.delete(configurationPath);
  await removeNamespaces();
});

/** Two webhooks that no pod is ever sent to. */
const configuration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: configurationName },
  webhooks: ['a', 'b'].map((name) => ({
    name: `${name}.certificates.clockout.dev`,
    clientConfig: { url: 'https://localhost:1/mutate' },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    objectSelector: { matchLabels: { 'clockout.dev/never': 'ever' } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
  })),
};

type Replica = { port: number; readyz: () => Promise<string>; log: string[]; stop: () => Promise<void> };
const replicas: Replica[] = [];
afterEach(async () => {
  await Promise.all(replicas.splice(0).map(({ stop }) => stop()));
});

async function startReplica(env: Record<string, string> = {}): Promise<Replica> {
  const child = spawn(process.execPath, [join(root, 'dist', 'clockout.mjs'), 'serve'], {
    env: {
      ...process.env,
      KUBECONFIG: kubeconfig('admin'),
      CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
      CLOCKOUT_LISTEN_PORT: '0',
      CLOCKOUT_METRICS_LISTEN_PORT: '0',
      CLOCKOUT_DRAIN_SECONDS: '0',
      CLOCKOUT_TLS_CA_SECRET: `${namespace}/clockout-ca`,
      CLOCKOUT_WEBHOOK_CONFIGURATION: configurationName,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: string[] = [];
  createInterface(child.stdout).on('line', (line) => log.push(line));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const stop = () => {
    child.kill();
    return ended;
  };
  const serving = await eventually('the replica serves', 15, async () => {
    const line = log.find((each) => each.includes('"serving"'));
    return line && JSON.parse(line);
  });
  const readyz = async () => (await fetch(new URL('/readyz', serving.metrics))).text();
  const replica = { port: Number(new URL(serving.webhook).port), readyz, log, stop };
  replicas.push(replica);
  return replica;
}

const isReady = ({ readyz }: Replica) =>
  eventually('the replica is ready', 20, async () => (await readyz()) === 'ok\n');

const bundleOf = async (): Promise<string> => {
  const { webhooks } = await api.get(configurationPath);
  const bundles = webhooks.map(({ clientConfig }: KubeObject) => clientConfig.caBundle ?? '');
  expect(new Set(bundles).size).toBe(1);
  return Buffer.from(bundles[0], 'base64').toString();
};

/** One handshake, as the API server would do it with that caBundle. */
const handshake = (port: number, ca: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });

describe('replicas that share a CA', () => {
  it('are unready without the webhook configuration, and say so; once it is there they agree on one CA', async () => {
    const [one, two] = await Promise.all([startReplica(), startReplica()]);
    await eventually('it says why', 15, async () =>
      (await one.readyz()).includes('MutatingWebhookConfiguration was not found'),
    );
    await api.create(configuration);
    await Promise.all([isReady(one), isReady(two)]);
    const bundle = await bundleOf();
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    await Promise.all([handshake(one.port, bundle), handshake(two.port, bundle)]);
    const { metadata, data } = await api.get(`/api/v1/namespaces/${namespace}/secrets/clockout-ca`);
    expect(Buffer.from(data['ca.crt'], 'base64').toString()).toBe(bundle);
    expect(metadata.ownerReferences).toMatchObject([{ name: configurationName }]);
  });

  it('take the CA that is there after a restart, and repair a wiped caBundle within 5 s', async () => {
    const before = await bundleOf();
    const replica = await startReplica();
    await isReady(replica);
    expect(await bundleOf()).toBe(before);
    const { webhooks } = await api.get(configurationPath);
    const wiped = webhooks.map(({ clientConfig: { caBundle: _, ...clientConfig }, ...rest }: KubeObject) => ({
      ...rest,
      clientConfig,
    }));
    await api.merge(configurationPath, { webhooks: wiped });
    await eventually('the caBundle is back', 5, async () => (await bundleOf()) === before);
    await handshake(replica.port, before);
  });

  it('change their CA without one handshake that fails', async () => {
    const fast = { CLOCKOUT_TLS_CA_LIFETIME: '24s', CLOCKOUT_TLS_CA_OVERLAP: '5s', CLOCKOUT_TLS_LIFETIME: '12s' };
    await api.delete(`/api/v1/namespaces/${namespace}/secrets/clockout-ca`);
    const both = await Promise.all([startReplica(fast), startReplica(fast)]);
    await Promise.all(both.map(isReady));
    const bundles = new Set<string>();
    const until = Date.now() + 45_000;
    let count = 0;
    // What an API server knows is up to a second old here.
    let known = await bundleOf();
    while (Date.now() < until) {
      bundles.add(known);
      const readAt = Date.now();
      while (Date.now() - readAt < 1000) {
        for (const { port } of both) await handshake(port, known);
        count += 2;
        await sleep(100);
      }
      known = await bundleOf();
    }
    expect(count).toBeGreaterThan(100);
    expect(bundles.size).toBeGreaterThanOrEqual(4);
    for (const { log } of both) expect(log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('leave nothing behind: their Secret goes with the webhook configuration', async () => {
    await api.delete(`/api/v1/namespaces/${namespace}/secrets/clockout-ca`);
    const replica = await startReplica();
    await isReady(replica);
    await replica.stop();
    await api.delete(configurationPath);
    await eventually('the Secret is gone', 60, () =>
      api.get(`/api/v1/namespaces/${namespace}/secrets/clockout-ca`).then(
        () => false,
        () => true,
      ),
    );
  });
});
