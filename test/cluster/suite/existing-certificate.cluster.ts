/** A certificate of its owner in a Secret, which is renewed well and badly while Clockout runs. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, expect, it } from 'vitest';
import { makeAuthority, signServing } from '../../../src/certificates/x509.ts';
import { ask, counter, hurryKubelet, installClockout, replicas } from '../install.ts';
import { eventually } from '../progress.ts';
import { api, isWrapped, shortJob as job, makeNamespace, meshed, removeNamespaces, runJob } from './kube.ts';

afterAll(async () => {
  await installClockout();
  await removeNamespaces();
});

const existing = '/api/v1/namespaces/clockout/secrets/webhook-tls';
const hosts = ['clockout.clockout.svc'];
const hour = 3_600_000;
const pairOf = ({ cert, key }: { cert: string; key: string }) => ({ 'tls.crt': cert, 'tls.key': key });
const give = async (stringData: Record<string, string>) => {
  await api.apply(existing, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'webhook-tls' }, stringData });
  await hurryKubelet(api);
};
const events = (event: string) => counter(api, 'clockout_certificate_events_total', { event });

it('takes a new one without a restart, and keeps the last good one while a pair does not fit', async () => {
  const ca = await makeAuthority({ now: new Date(), lifetime: hour });
  const sign = () => signServing(ca, hosts, { now: new Date(), lifetime: hour });
  const [one, two] = [await sign(), await sign()];
  await give(pairOf(one));
  await installClockout({ certs: { mode: 'existing', existing: { secretName: 'webhook-tls', caBundle: ca.cert } } });
  const namespace = await makeNamespace(meshed);
  expect(isWrapped((await runJob(namespace, 'first', job)).pod)).toBe(true);
  expect(await serialServed()).toBe(serialOf(one.cert));

  await give({ 'tls.crt': two.cert, 'tls.key': one.key });
  await eventually('both replicas say so', 90, async () => (await events('failed')) >= 2);
  const [pod] = await replicas(api);
  expect(await ask(pod, '/readyz')).toBe('ok\n');
  expect(await serialServed()).toBe(serialOf(one.cert));
  expect(isWrapped((await runJob(namespace, 'last-good', job)).pod)).toBe(true);

  await give(pairOf(two));
  await eventually('both replicas took it', 90, async () => (await events('renewed')) >= 2);
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
