/** A certificate of its owner in a Secret, which is renewed well and badly while Clockout runs. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCa, signServingCertificate } from '../../../../src/certificates/x509.ts';
import { ask, configuration, counter, hurryKubelet, installClockout, replicas } from '../install.ts';
import { eventually } from '../progress.ts';
import { api, isWrapped, shortJob as job, makeNamespace, meshed, removeNamespaces, runJob } from './kube.ts';
import { load, startStream, summary } from './stream.ts';

afterAll(removeNamespaces);

const existing = '/api/v1/namespaces/clockout/secrets/webhook-tls';
const hosts = ['clockout.clockout.svc'];
const lifetimeMilliseconds = 3_600_000;
const ca = await createCa({ now: new Date(), lifetimeMilliseconds });
const sign = () => signServingCertificate(ca, hosts, { now: new Date(), lifetimeMilliseconds });
const pairOf = ({ cert, key }: { cert: string; key: string }) => ({ 'tls.crt': cert, 'tls.key': key });
const give = async (stringData: Record<string, string>) => {
  await api.apply(existing, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'webhook-tls' }, stringData });
  await hurryKubelet(api);
};
beforeAll(async () => give(pairOf(await sign())));

const events = (event: string) => counter(api, 'clockout_certificate_events_total', { event });
/** Until both replicas have met it, and say that they took it or why not. */
const giveUntil = async (event: string, secret: Record<string, string>) => {
  const before = await events(event);
  await give(secret);
  await eventually(`both replicas: ${event}`, 90, async () => (await events(event)) >= before + 2);
};

const withCa = (caBundle: string) => ({
  certs: { mode: 'existing', existing: { secretName: 'webhook-tls', caBundle } },
});

it('is changed to without a pod that is refused or unwrapped, where both CAs are trusted meanwhile', async () => {
  await installClockout();
  const { webhooks } = await api.get(configuration);
  const old = Buffer.from(webhooks[0].clientConfig.caBundle, 'base64').toString();
  const pods = load(800);
  const stream = startStream(await makeNamespace(meshed), pods);
  await stream.until(3);
  await installClockout(withCa(`${old}${ca.cert}`));
  const made = await stream.made;
  expect(summary(made)).toMatchObject({ wrapped: { count: pods.count } });
});

it('takes a new one without a restart, and keeps the last good one while a pair does not fit', async () => {
  const [one, two] = [await sign(), await sign()];
  await installClockout(withCa(ca.cert));
  await giveUntil('renewed', pairOf(one));
  const namespace = await makeNamespace(meshed);
  expect(isWrapped((await runJob(namespace, 'first', job)).pod)).toBe(true);
  expect(await serialServed()).toBe(serialOf(one.cert));

  await giveUntil('failed', { 'tls.crt': two.cert, 'tls.key': one.key });
  const [pod] = await replicas(api);
  expect(await ask(pod, '/readyz')).toMatch(/^Ready, with a warning: The key in .* does not belong/);
  expect(await serialServed()).toBe(serialOf(one.cert));
  expect(isWrapped((await runJob(namespace, 'last-good', job)).pod)).toBe(true);

  await giveUntil('renewed', pairOf(two));
  expect(await serialServed()).toBe(serialOf(two.cert));
  expect(isWrapped((await runJob(namespace, 'renewed', job)).pod)).toBe(true);
  expect((await replicas(api)).map(({ status }) => status.containerStatuses[0].restartCount)).toEqual([0, 0]);
  await api.delete(existing);
});

const serialOf = (cert: string) => new X509Certificate(cert).serialNumber;
/** As a client meets it. */
const serialServed = async () => {
  const [{ status }] = await replicas(api);
  const socket = connect({ host: status.podIP, port: 8443, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};
