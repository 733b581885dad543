import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rotate } from '../../../src/certificates/shared-ca/ca-rotation.ts';
import { type Reconciled, reconcile } from '../../../src/certificates/shared-ca/reconcile.ts';
import { renewCertificate, type SharedCaCertificate } from '../../../src/certificates/shared-ca/renew-certificate.ts';
import { encodeCa } from '../../../src/certificates/shared-ca/secret.ts';
import type { SharedCaStore } from '../../../src/certificates/shared-ca/store.ts';
import { createFakeCluster } from './fake-cluster.ts';

const troubleshooting = readFileSync(join(import.meta.dirname, '../../../docs/troubleshooting.md'), 'utf8');
const hour = 3_600_000;
const day = 24 * hour;
const options = {
  hosts: ['clockout.mesh.svc'],
  rotation: { lifetimeMilliseconds: 90 * day, overlapMilliseconds: hour },
  servingLifetimeMilliseconds: 7 * day,
};
const start = new Date('2026-06-01T00:00:00Z');
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds);

type Replica = Reconciled & { serving?: SharedCaCertificate };
const nothing: Replica = { isAccepted: false, problem: 'nothing has been read yet', isRepaired: false };

async function pass({ ca, serving }: Replica, store: SharedCaStore, now: Date, by = options): Promise<Replica> {
  const reconciled = await reconcile(ca, store, by, now);
  return reconciled.ca
    ? { ...reconciled, serving: await renewCertificate(serving, reconciled.ca, by, now) }
    : reconciled;
}

describe('a replica', () => {
  it('makes the CA, writes the caBundle, and signs its own certificate', async () => {
    const { store, bundle } = createFakeCluster();
    const state = await pass(nothing, store, start);
    expect(state).toMatchObject({ isRepaired: true, serving: { notAfter: later(7 * day) } });
    expect(state.problem).toBeUndefined();
    expect(bundle()).toBe(state.serving?.ca);
  });

  it('writes nothing if all is as it should be', async () => {
    const { store, version } = createFakeCluster();
    const state = await pass(nothing, store, start);
    const before = version();
    const again = await pass(state, store, later(hour));
    expect(again).toEqual({ ...state, isRepaired: false });
    expect(version()).toBe(before);
  });

  it('writes the caBundle of the configuration that asks Istio, too, and does without it', async () => {
    const main = createFakeCluster();
    const asking = createFakeCluster();
    const store = { ...main.store, asking: asking.store };
    const state = await pass(nothing, store, start);
    expect([asking.bundle(), main.bundle()]).toEqual([state.serving?.ca, state.serving?.ca]);
    asking.setConfiguration();
    expect(await pass(state, store, later(hour))).toMatchObject({ isAccepted: true, isRepaired: true });
    expect(asking.bundle()).toBe(state.serving?.ca);
    asking.removeConfiguration();
    expect((await pass(state, store, later(hour))).problem).toBeUndefined();
    const forbidden = { ...asking.store, readConfiguration: () => Promise.reject(new Error('no right')) };
    const without = await pass(nothing, { ...main.store, asking: forbidden }, later(hour));
    expect(without).toMatchObject({ isAccepted: true, problem: 'no right' });
  });

  it('leaves a configuration that asks Istio for another installation', async () => {
    const asking = createFakeCluster();
    asking.setConfiguration({ service: { name: 'clockout', namespace: 'other' } });
    await pass(nothing, { ...createFakeCluster().store, asking: asking.store }, start);
    expect(asking.bundle()).toBe('');
  });

  it('renews its own certificate after two thirds of its lifetime', async () => {
    const { store } = createFakeCluster();
    const { ca, serving } = await pass(nothing, store, start);
    if (!ca || !serving) throw new Error('expected both');
    expect(await renewCertificate(serving, ca, options, later(4.6 * day))).toBe(serving);
    const renewed = await renewCertificate(serving, ca, options, later(4.8 * day));
    expect(renewed.cert).not.toBe(serving.cert);
    expect(renewed).toMatchObject({ ca: serving.ca, notAfter: later(11.8 * day) });
    expect(await renewCertificate(serving, ca, options, later(91 * day)), 'by a CA that has expired').toBe(serving);
  });

  it('stays ready and keeps its CA while the configuration has no webhooks, and is trusted again afterwards', async () => {
    const { store, turnOff, setConfiguration, bundle, owners } = createFakeCluster();
    const state = await pass(nothing, store, start);
    turnOff();
    const off = await pass(state, store, later(hour));
    expect(off).toMatchObject({
      isAccepted: true,
      isRepaired: false,
      problem: expect.stringContaining('Clockout is turned off'),
      serving: { ca: state.serving?.ca },
    });
    expect(owners()).toEqual(['u']);
    const started = await pass(nothing, store, later(2 * hour));
    expect(started, 'a replica that starts meanwhile').toMatchObject({ isAccepted: true });
    setConfiguration();
    const on = await pass(off, store, later(3 * hour));
    expect(on).toMatchObject({ isAccepted: true, isRepaired: true });
    expect(on.problem).toBeUndefined();
    expect(bundle()).toBe(state.serving?.ca);
  });

  it('repairs a caBundle that was removed', async () => {
    const { store, setConfiguration, bundle } = createFakeCluster();
    const state = await pass(nothing, store, start);
    setConfiguration();
    const again = await pass(state, store, later(hour));
    expect(again).toMatchObject({ isRepaired: true });
    expect(again.problem).toBeUndefined();
    expect(bundle()).toBe(state.serving?.ca);
  });

  it.each<[string, (at: ReturnType<typeof createFakeCluster>) => void, string, boolean]>([
    ['no webhook configuration', ({ removeConfiguration }) => removeConfiguration(), 'was not found', true],
    [
      'a webhook configuration of another installation',
      ({ setConfiguration }) => setConfiguration({ service: { name: 'clockout', namespace: 'other' } }),
      'zz-clockout is another installation',
      false,
    ],
    [
      'a Secret that is not ours',
      ({ setSecret }) => setSecret({ 'tls.crt': 'eA==', 'tls.key': 'eA==' }),
      'the Secret mesh/clockout-ca cannot be used: expected the certificate of a CA in its key tls.crt; run "kubectl delete secret -n mesh clockout-ca", and Clockout creates a new one',
      true,
    ],
    [
      'a Secret whose data was removed',
      ({ setSecret }) => setSecret({}),
      'the Secret mesh/clockout-ca cannot be used: it has nothing in its keys tls.crt and tls.key',
      true,
    ],
    [
      'that, and no caBundle',
      ({ setSecret, setConfiguration }) => {
        setSecret({ 'tls.crt': 'eA==' });
        setConfiguration();
      },
      'and Clockout creates a new one',
      false,
    ],
  ])(
    'says what is wrong, keeps its certificate, and knows whether it is still accepted: %s',
    async (_, spoil, problem, isAccepted) => {
      const at = createFakeCluster();
      const state = await pass(nothing, at.store, start);
      spoil(at);
      const again = await pass(state, at.store, later(hour));
      expect(again).toMatchObject({ isAccepted, problem: expect.stringContaining(problem) });
      expect(again.serving).toEqual(state.serving);
    },
  );

  it.each<[string, (at: ReturnType<typeof createFakeCluster>) => Promise<void> | void, string]>([
    ['deleted', ({ removeSecret }) => removeSecret(), 'was deleted; Clockout has created it again, with a new CA'],
    [
      'replaced by the CA of another installation',
      async ({ setSecret }) => setSecret(encodeCa(await rotate(undefined, start, options.rotation))),
      'was replaced: it holds another CA than before, and Clockout uses that one; see who else writes to it',
    ],
  ])('says that the Secret was %s, and goes on with the new CA', async (_, spoil, sentence) => {
    const at = createFakeCluster();
    const state = await pass(nothing, at.store, start);
    await spoil(at);
    const again = await pass(state, at.store, later(hour));
    expect(again).toMatchObject({ isAccepted: true, notice: `the Secret mesh/clockout-ca ${sentence}` });
    expect(troubleshooting).toContain(`\`the Secret … ${sentence.split(', and')[0]}`);
    expect(again.serving?.ca).not.toBe(state.serving?.ca);
    expect(at.bundle()).toContain(again.serving?.ca);
    expect((await pass(again, at.store, later(2 * hour))).notice).toBeUndefined();
  });

  it('says nothing of a rotation', async () => {
    const at = createFakeCluster();
    let state: Replica = nothing;
    for (let days = 0; days < 100; days += 1) {
      state = await pass(state, at.store, later(days * day));
      expect(state.notice).toBeUndefined();
    }
  });

  it('makes no Secret without the webhook configuration, because an uninstall would leave it behind', async () => {
    const at = createFakeCluster();
    at.removeConfiguration();
    const state = await pass(nothing, at.store, start);
    expect(state).toMatchObject({ isAccepted: false, problem: expect.stringContaining('was not found') });
    expect(at.hasSecret()).toBe(false);
    at.setConfiguration();
    expect((await pass(state, at.store, start)).problem).toBeUndefined();
  });

  it('gives the Secret its new owner after the webhook configuration was created again', async () => {
    const at = createFakeCluster();
    const state = await pass(nothing, at.store, start);
    at.setConfiguration({ uid: 'v' });
    const again = await pass(state, at.store, start);
    expect(at.owners()).toEqual(['v']);
    expect(again.serving?.ca).toBe(state.serving?.ca);
  });

  it('does not overwrite a Secret that it cannot read', async () => {
    const at = createFakeCluster();
    at.setSecret({ 'tls.crt': 'eA==' });
    const before = at.version();
    await pass(nothing, at.store, start);
    expect(at.version()).toBe(before);
  });
});

describe('replicas', () => {
  it('agree on one CA if they start at the same time', async () => {
    const { store, bundle } = createFakeCluster();
    const states = await Promise.all(Array.from({ length: 5 }, () => pass(nothing, store, start)));
    expect(new Set(states.map(({ serving }) => serving?.ca))).toEqual(new Set([bundle()]));
    expect(states.map(({ problem }) => problem)).toEqual(Array(5).fill(undefined));
  });
});

it('a client that trusts the caBundle accepts the certificate, by the name of the Service', async () => {
  const { store, bundle } = createFakeCluster();
  const { serving } = await pass(nothing, store, new Date());
  const server = createServer({ cert: serving?.cert ?? '', key: serving?.key ?? '' }, (_, answer) => answer.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    request(
      { port, host: '127.0.0.1', servername: 'clockout.mesh.svc', ca: bundle(), agent: false },
      ({ statusCode }) => resolve(statusCode),
    )
      .on('error', reject)
      .end();
  });
  server.close();
  expect(status).toBe(200);
});
