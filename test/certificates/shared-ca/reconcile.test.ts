import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  renew,
  type Settled,
  type SharedServing,
  type SharedStore,
  settle,
} from '../../../src/certificates/shared-ca/reconcile.ts';
import { cluster } from './fake-cluster.ts';

const hour = 3_600_000;
const day = 24 * hour;
const options = {
  hosts: ['clockout.mesh.svc'],
  rotation: { lifetime: 90 * day, overlap: hour },
  servingLifetime: 7 * day,
};
const start = new Date('2026-06-01T00:00:00Z');
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds);

type Replica = Settled & { serving?: SharedServing };
const nothing: Replica = { isAccepted: false, problem: 'nothing was read yet', repaired: false };

async function pass({ authority, serving }: Replica, store: SharedStore, now: Date, by = options): Promise<Replica> {
  const settled = await settle(authority, store, by, now);
  return settled.authority ? { ...settled, serving: await renew(serving, settled.authority, by, now) } : settled;
}

describe('a replica', () => {
  it('makes the authority, has it trusted, and signs for itself', async () => {
    const { store, bundle } = cluster();
    const state = await pass(nothing, store, start);
    expect(state).toMatchObject({ repaired: true, serving: { notAfter: later(7 * day) } });
    expect(state.problem).toBeUndefined();
    expect(bundle()).toBe(state.serving?.ca);
  });

  it('has nothing to write when all is as it should be', async () => {
    const { store, version } = cluster();
    const state = await pass(nothing, store, start);
    const before = version();
    const again = await pass(state, store, later(hour));
    expect(again).toEqual({ ...state, repaired: false });
    expect(version()).toBe(before);
  });

  it('renews its own certificate when two thirds of its life are over', async () => {
    const { store } = cluster();
    const { authority, serving } = await pass(nothing, store, start);
    if (!authority || !serving) throw new Error('expected both');
    expect(await renew(serving, authority, options, later(4.6 * day))).toBe(serving);
    const renewed = await renew(serving, authority, options, later(4.8 * day));
    expect(renewed.cert).not.toBe(serving.cert);
    expect(renewed).toMatchObject({ ca: serving.ca, notAfter: later(11.8 * day) });
    expect(await renew(serving, authority, options, later(91 * day)), 'by a CA that has expired').toBe(serving);
  });

  it('stays ready while the configuration has no webhooks, keeps its CA, and is trusted again afterwards', async () => {
    const { store, turnOff, setConfiguration, bundle, owners } = cluster();
    const state = await pass(nothing, store, start);
    turnOff();
    const off = await pass(state, store, later(hour));
    expect(off).toMatchObject({
      isAccepted: true,
      repaired: false,
      problem: expect.stringContaining('Clockout is turned off'),
      serving: { ca: state.serving?.ca },
    });
    expect(owners()).toEqual(['u']);
    const started = await pass(nothing, store, later(2 * hour));
    expect(started, 'a replica that starts meanwhile').toMatchObject({ isAccepted: true });
    setConfiguration();
    const on = await pass(off, store, later(3 * hour));
    expect(on).toMatchObject({ isAccepted: true, repaired: true });
    expect(on.problem).toBeUndefined();
    expect(bundle()).toBe(state.serving?.ca);
  });

  it('puts a caBundle right that was wiped', async () => {
    const { store, setConfiguration, bundle } = cluster();
    const state = await pass(nothing, store, start);
    setConfiguration();
    const again = await pass(state, store, later(hour));
    expect(again).toMatchObject({ repaired: true });
    expect(again.problem).toBeUndefined();
    expect(bundle()).toBe(state.serving?.ca);
  });

  it.each<[string, (at: ReturnType<typeof cluster>) => void, string, boolean]>([
    ['no webhook configuration', ({ removeConfiguration }) => removeConfiguration(), 'is not there', true],
    [
      'a webhook configuration of another installation',
      ({ setConfiguration }) => setConfiguration({ service: { name: 'clockout', namespace: 'other' } }),
      'zz-clockout is another installation',
      false,
    ],
    ['a Secret that is not ours', ({ setSecret }) => setSecret({ 'tls.crt': 'eA==' }), 'tls.crt', true],
    [
      'that, and no caBundle',
      ({ setSecret, setConfiguration }) => {
        setSecret({ 'tls.crt': 'eA==' });
        setConfiguration();
      },
      'delete it, and a new one is made',
      false,
    ],
  ])(
    'says what is wrong, keeps what it serves with, and knows whether it may: %s',
    async (_, spoil, problem, isAccepted) => {
      const at = cluster();
      const state = await pass(nothing, at.store, start);
      spoil(at);
      const again = await pass(state, at.store, later(hour));
      expect(again).toMatchObject({ isAccepted, problem: expect.stringContaining(problem) });
      expect(again.serving).toEqual(state.serving);
    },
  );

  it('makes no Secret without the webhook configuration: nobody would remove it', async () => {
    const at = cluster();
    at.removeConfiguration();
    const state = await pass(nothing, at.store, start);
    expect(state).toMatchObject({ isAccepted: false, problem: expect.stringContaining('is not there') });
    expect(at.hasSecret()).toBe(false);
    at.setConfiguration();
    expect((await pass(state, at.store, start)).problem).toBeUndefined();
  });

  it('gives the Secret its new owner when the webhook configuration was made anew', async () => {
    const at = cluster();
    const state = await pass(nothing, at.store, start);
    at.setConfiguration({ uid: 'v' });
    const again = await pass(state, at.store, start);
    expect(at.owners()).toEqual(['v']);
    expect(again.serving?.ca).toBe(state.serving?.ca);
  });

  it('does not overwrite a Secret that it cannot read', async () => {
    const at = cluster();
    at.setSecret({ 'tls.crt': 'eA==' });
    const before = at.version();
    await pass(nothing, at.store, start);
    expect(at.version()).toBe(before);
  });
});

describe('replicas', () => {
  it('that start at once agree on one authority', async () => {
    const { store, bundle } = cluster();
    const states = await Promise.all(Array.from({ length: 5 }, () => pass(nothing, store, start)));
    expect(new Set(states.map(({ serving }) => serving?.ca))).toEqual(new Set([bundle()]));
    expect(states.map(({ problem }) => problem)).toEqual(Array(5).fill(undefined));
  });

  it('through a change of the CA, each looking when it likes, always serve what clients were told to trust a minute ago', async () => {
    const at = cluster();
    const states: Replica[] = [nothing, nothing, nothing];
    const authorities = new Set<string>();
    let told = '';
    const days = { ...options, rotation: { lifetime: 9 * day, overlap: hour }, servingLifetime: day };
    for (let minutes = 0; minutes < 10 * 24 * 60; minutes += 19) {
      const replica = (minutes * 31) % 3;
      const now = later(minutes * 60_000);
      states[replica] = await pass(states[replica] ?? nothing, at.store, now, days);
      for (const { serving } of states) if (serving && told) expect(told).toContain(serving.ca);
      authorities.add(states[replica].serving?.ca ?? '');
      told = at.bundle();
    }
    expect(states.every(({ serving }) => serving)).toBe(true);
    expect(authorities.size).toBe(2);
  });
});

it('a client that trusts the caBundle accepts the certificate, by the name of the Service', async () => {
  const { store, bundle } = cluster();
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
