import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSharedCa, type SharedCaDeps } from '../../../src/certificates/shared-ca/keep.ts';
import type { CertificateSource } from '../../../src/certificates/source.ts';
import { stopClock } from '../../support/clock.ts';
import { createFakeCluster } from './fake-cluster.ts';
import { watchSigning } from './watch-signing.ts';

const day = 24 * 3_600_000;
const options = {
  hosts: ['clockout.mesh.svc'],
  rotation: { lifetimeMilliseconds: 90 * day, overlapMilliseconds: day },
  servingLifetimeMilliseconds: 7 * day,
};
const sources: CertificateSource[] = [];
beforeEach(() => void stopClock());
afterEach(() => {
  for (const source of sources.splice(0)) source.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function open(changes: Partial<SharedCaDeps> = {}, at = createFakeCluster()) {
  const events: string[] = [];
  let changed = () => {};
  const { isDone, live } = watchSigning();
  const source = await openSharedCa({
    store: at.store,
    onChange: (call) => {
      changed = call;
      return () => events.push('stopped');
    },
    options,
    events: {
      renewed: () => events.push('renewed'),
      repaired: () => events.push('repaired'),
      noticed: (sentence) => events.push(`noticed: ${sentence}`),
      failed: (problem) => events.push(`failed: ${problem}`),
    },
    ...changes,
  });
  sources.push(source);
  return { source, events, at, isDone, live, changed: () => changed() };
}

describe('openSharedCa', () => {
  it('serves a certificate that is not accepted until it has read the cluster', async () => {
    const { source } = await open();
    expect(source.state()).toMatchObject({ isAccepted: false, problem: expect.stringContaining('has not been read') });
    expect(source.current().cert).toContain('BEGIN CERTIFICATE');
    const first = source.current().cert;
    await expect.poll(() => source.state()).toMatchObject({ isAccepted: true });
    expect(source.current().cert).not.toBe(first);
  });

  it('calls the listener with each new certificate', async () => {
    const { source, events } = await open();
    const told: string[] = [];
    source.onRenewal(({ cert }) => told.push(cert));
    await expect.poll(() => events).toEqual(['renewed', 'repaired']);
    expect(told).toEqual([source.current().cert]);
  });

  it('repairs a removed caBundle as soon as it hears of the change', async () => {
    const { source, events, at, changed } = await open();
    await expect.poll(() => source.state()).toMatchObject({ isAccepted: true });
    at.setConfiguration();
    changed();
    await expect.poll(() => events).toEqual(['renewed', 'repaired', 'repaired']);
    expect(at.bundle()).toContain('BEGIN CERTIFICATE');
  });

  it('says once that the Secret was deleted, and repairs that', async () => {
    const { source, events, at, changed } = await open();
    await expect.poll(() => source.state()).toMatchObject({ isAccepted: true });
    at.removeSecret();
    changed();
    const notice = 'noticed: the Secret mesh/clockout-ca was deleted; Clockout has created it again, with a new CA';
    await expect.poll(() => events.slice(2)).toEqual(['renewed', notice, 'repaired']);
    changed();
    await expect.poll(() => source.state()).toEqual({ isAccepted: true });
    expect(events.filter((event) => event === notice)).toHaveLength(1);
    expect(at.bundle()).toContain(source.current().ca);
  });

  it('keeps its certificate, stays accepted and reports the problem while the API server is away', async () => {
    const at = createFakeCluster();
    let isAway = false;
    const readSecret = async () => {
      if (isAway) throw new Error('the API server cannot be reached');
      return at.store.readSecret();
    };
    const { source, events, changed } = await open({ store: { ...at.store, readSecret } }, at);
    await expect.poll(() => source.state()).toMatchObject({ isAccepted: true });
    const { cert } = source.current();
    isAway = true;
    changed();
    await expect.poll(() => events).toContain('failed: the API server cannot be reached');
    expect(source.state()).toEqual({ isAccepted: true, problem: 'the API server cannot be reached' });
    expect(source.current().cert).toBe(cert);
  });

  it.each([
    ['is away', () => Promise.reject(new Error('the API server cannot be reached'))],
    ['does not answer', () => new Promise<never>(() => {})],
  ])('renews the certificate while the API server %s', async (_, ask) => {
    const at = createFakeCluster();
    let { readConfiguration } = at.store;
    const store = { ...at.store, readConfiguration: () => readConfiguration() };
    const { source, events, isDone, live } = await open(
      { store, options: { ...options, servingLifetimeMilliseconds: 1500 } },
      at,
    );
    await isDone();
    expect(source.state()).toMatchObject({ isAccepted: true });
    const told: string[] = [];
    source.onRenewal(({ cert }) => told.push(cert));
    readConfiguration = ask;
    // Each at two thirds of its lifetime.
    await live(3100, 25);
    expect(told).toHaveLength(3);
    expect(source.current().cert).toBe(told.at(-1));
    expect(source.state().isAccepted).toBe(true);
    expect(events.filter((event) => event === 'renewed')).toHaveLength(1 + told.length);
  });

  it('tries again after a failure, without a change in the cluster', async () => {
    const at = createFakeCluster();
    let failures = 2;
    const readSecret = async () => {
      if (failures-- > 0) throw new Error('no permission');
      return at.store.readSecret();
    };
    const { source, events, isDone, live } = await open({ store: { ...at.store, readSecret } }, at);
    await isDone();
    expect(source.state()).toEqual({ isAccepted: false, problem: 'no permission' });
    await live(500 + 1000, 50);
    expect(source.state()).toMatchObject({ isAccepted: true });
    expect(events).toEqual(['failed: no permission', 'failed: no permission', 'renewed', 'repaired']);
  });

  it('rotates the CA by itself, and always serves what clients trust', async () => {
    const fast = {
      ...options,
      rotation: { lifetimeMilliseconds: 6000, overlapMilliseconds: 1000 },
      servingLifetimeMilliseconds: 1500,
    };
    const at = createFakeCluster();
    const { source, isDone, live } = await open({ options: fast }, at);
    await isDone();
    expect(source.state()).toMatchObject({ isAccepted: true });
    const cas = new Set<string>();
    await live(9000, 20, () => {
      cas.add(source.current().ca ?? '');
      expect(at.bundle()).toContain(source.current().ca);
    });
    expect(cas.size).toBeGreaterThanOrEqual(2);
    expect(source.state()).toMatchObject({ isAccepted: true });
  });

  it('does nothing more once closed', async () => {
    const { source, events, changed, live } = await open();
    await expect.poll(() => source.state()).toMatchObject({ isAccepted: true });
    source.close();
    const before = events.length;
    changed();
    await live(600_000, 60_000);
    expect(events.slice(before)).toEqual([]);
  });
});
