/**
 * Mode certManager, with cert-manager itself: it makes the certificate, its cainjector fills in the caBundle, and Clockout has
 * no rights at all. cert-manager takes no certificate shorter than an hour, but renews one as early as it is told to.
 */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { certManagerNamespace, removeCertManager, startCertManager } from '../cert-manager.ts';
import {
  configurations,
  counter,
  deployment,
  hurryKubelet,
  installClockout,
  release,
  releaseNamespace,
  replicas,
  type Values,
} from '../install.ts';
import { eventually } from '../progress.ts';
import { doctor } from './doctor.ts';
import { api, app, isWrapped, makeNamespace, meshed, removeNamespaces, runJob } from './kube.ts';
import { startStream, summary } from './stream.ts';

const configuration = `${configurations}/zz-clockout-cert-manager`;
const group = '/apis/cert-manager.io/v1';
const ours = `${group}/namespaces/${releaseNamespace}`;
const secrets = `/api/v1/namespaces/${releaseNamespace}/secrets`;

const values = (certManager: Values = {}): Values => ({ certs: { mode: 'certManager', certManager } });

beforeAll(() => startCertManager(api), 120_000);
afterAll(async () => {
  await installClockout();
  await removeCertManager(api);
  for (const name of ['clockout-tls', 'clockout-cert-manager-ca']) await api.delete(`${secrets}/${name}`);
  await removeNamespaces();
}, 240_000);

const namesAt = async (path: string): Promise<string[]> =>
  (await api.get(path)).items.map(({ metadata }: KubeObject) => metadata.name);

const caBundles = async (): Promise<string[]> =>
  (await api.get(configuration)).webhooks.map(({ clientConfig }: KubeObject) =>
    Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
  );

/** Waits until all webhooks of the configuration have the same one. */
const caBundle = (seconds = 30): Promise<string> =>
  eventually('the caBundle is filled in', seconds, async () => {
    const [first, ...others] = await caBundles();
    return first !== '' && others.every((other) => other === first) && first;
  });

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map((each) => new X509Certificate(each));

const authorityIn = async (secret: string): Promise<X509Certificate> =>
  new X509Certificate(Buffer.from((await api.get(secret)).data['tls.crt'], 'base64'));

const pemOf = (certificate: X509Certificate): string => certificate.toString().trim();

/** One handshake, as the API server would do it with that CA; gives the serial number. */
const serialOf = (pod: KubeObject, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const servername = `clockout.${releaseNamespace}.svc`;
    const socket = connect({ host: pod.status.podIP, port: 8443, servername, ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });

const serials = async (ca: string): Promise<string[]> =>
  Promise.all((await replicas(api)).map((pod) => serialOf(pod, ca)));

/** Which pods serve, and how often each was started anew. */
const incarnations = async (): Promise<string[]> =>
  (await replicas(api))
    .map(({ metadata, status }) => `${metadata.uid} ${status.containerStatuses[0].restartCount}`)
    .sort();

/** What `cmctl renew` does; comes back when the new certificate is in its Secret. */
async function renew(name: string): Promise<void> {
  const path = `${ours}/certificates/${name}`;
  const { status } = await api.get(path);
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'A test asks for it.',
    lastTransitionTime: new Date().toISOString(),
  };
  const others = status.conditions.filter(({ type }: KubeObject) => type !== 'Issuing');
  await api.merge(`${path}/status`, { status: { conditions: [...others, issuing] } });
  await eventually(`${name} is renewed`, 30, async () => (await api.get(path)).status.revision > status.revision);
}

/** Waits until each replica serves a certificate that is not one of those before, and is signed by a CA. */
async function allServeAnother(before: string[], ca: string): Promise<void> {
  const look = async () => {
    await hurryKubelet(api);
    return (await serials(ca)).every((serial) => !before.includes(serial));
  };
  await eventually('each replica serves the new certificate', 60, look, 2000);
}

async function expectWrapped(name: string): Promise<void> {
  const { result, pod } = await runJob(await makeNamespace(meshed), name, {
    spec: { containers: [app({ SLEEP: 0.2 })] },
  });
  expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
}

async function expectRepairOfWipedBundle(): Promise<string> {
  await caBundle();
  const { webhooks } = await api.get(configuration);
  for (const { clientConfig } of webhooks) delete clientConfig.caBundle;
  await api.merge(configuration, { webhooks });
  const start = Date.now();
  const found = await caBundle(10);
  console.log(`the caBundle was back after ${Date.now() - start} ms`);
  return found;
}

describe('mode certManager, with a CA of the release', () => {
  beforeAll(() => installClockout(values()), 120_000);

  it('becomes ready; cainjector fills in the caBundle, and a Job is wrapped and completes', async () => {
    expect((await api.get(deployment)).status.readyReplicas).toBe(2);
    const bundle = await caBundle();
    const [authority, ...others] = certificatesIn(bundle);
    expect([authority?.ca, authority?.subject, others]).toEqual([true, 'CN=clockout-ca', []]);
    expect(new Set(await serials(bundle)).size).toBe(1);
    await expectWrapped('first');
    expect((await doctor()).findings).toEqual([]);
  });

  it('gives Clockout neither rights nor a token, and leaves nothing of mode self', async () => {
    const selector = `?labelSelector=app.kubernetes.io%2Finstance%3D${release}`;
    for (const kind of ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']) {
      expect([kind, ...(await namesAt(`/apis/rbac.authorization.k8s.io/v1/${kind}${selector}`))]).toEqual([kind]);
    }
    for (const { spec } of await replicas(api)) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.volumes.map(({ name }: KubeObject) => name)).toEqual(['tls']);
    }
    expect((await namesAt(configurations)).filter((name) => name.includes('clockout'))).toEqual([
      'zz-clockout-cert-manager',
    ]);
    await eventually(
      'the Secret of mode self is gone',
      60,
      async () => !(await namesAt(secrets)).includes('clockout-ca'),
    );
  });

  it('gets a wiped caBundle back', async () => {
    const before = await caBundle();
    expect(await expectRepairOfWipedBundle()).toBe(before);
    await expectWrapped('after-wipe');
  });

  it('its CA and its certificate are renewed without a pod that is refused or unwrapped', async () => {
    const bundle = await caBundle();
    const [before, started] = [await serials(bundle), await incarnations()];
    const held = await authorityIn(`${secrets}/clockout-cert-manager-ca`);
    const stream = startStream(await makeNamespace(meshed), { count: 400, perSecond: 10 });
    await stream.until(2);
    await renew('clockout-ca');
    const next = await authorityIn(`${secrets}/clockout-cert-manager-ca`);
    expect(next.serialNumber).not.toBe(held.serialNumber);
    // So that what the old one signed stays good, and an old caBundle, too.
    expect(next.publicKey.equals(held.publicKey)).toBe(true);
    await renew('clockout');
    await allServeAnother(before, bundle);
    await allServeAnother(before, next.toString());
    await eventually('the new CA is in the caBundle', 10, async () => (await caBundle()).includes(pemOf(next)));
    expect(summary(await stream.made)).toMatchObject({ wrapped: { count: 400 } });
    expect(await incarnations()).toEqual(started);
  });
});

describe('a certificate that is renewed by the clock', () => {
  beforeAll(async () => {
    await installClockout(values());
    const before = await serials(await caBundle());
    // From now on each comes 40 s after the one before it.
    await installClockout(values({ duration: '1h', renewBefore: '59m20s' }));
    await allServeAnother(before, await caBundle());
  }, 240_000);

  it('is taken without a restart, and without a pod that is refused or unwrapped', async () => {
    const bundle = await caBundle();
    const [before, started] = [await serials(bundle), await incarnations()];
    const renewed = () => counter(api, 'clockout_certificate_events_total', { event: 'renewed' });
    const failed = () => counter(api, 'clockout_certificate_events_total', { event: 'failed' });
    const renewedBefore = await renewed();
    // 40 s until it is renewed, and up to 90 s until the kubelet has brought it to the pods.
    const stream = startStream(await makeNamespace(meshed), { count: 150 * 5, perSecond: 5 });
    expect(summary(await stream.made)).toMatchObject({ wrapped: { count: 150 * 5 } });
    const after = await serials(await caBundle());
    expect(after.filter((serial) => before.includes(serial))).toEqual([]);
    expect((await renewed()) - renewedBefore).toBeGreaterThanOrEqual(2);
    expect(await failed()).toBe(0);
    expect(await incarnations()).toEqual(started);
  }, 240_000);
});

describe("mode certManager, with an issuer of the user's own", () => {
  const own: [string, KubeObject][] = [
    [`${group}/clusterissuers/own-self-signed`, { kind: 'ClusterIssuer', spec: { selfSigned: {} } }],
    [
      `${group}/namespaces/${certManagerNamespace}/certificates/own-ca`,
      {
        kind: 'Certificate',
        spec: {
          isCA: true,
          commonName: 'own-ca',
          duration: '87600h',
          secretName: 'own-ca',
          issuerRef: { kind: 'ClusterIssuer', name: 'own-self-signed' },
        },
      },
    ],
    [`${group}/clusterissuers/own-ca`, { kind: 'ClusterIssuer', spec: { ca: { secretName: 'own-ca' } } }],
  ];
  const issuerRef = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'own-ca' };
  let authority: X509Certificate;

  beforeAll(async () => {
    for (const [path, object] of own) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      await api.apply(path, { apiVersion: 'cert-manager.io/v1', metadata: { name }, ...object });
    }
    authority = await eventually('the CA of the issuer', 30, () =>
      authorityIn(`/api/v1/namespaces/${certManagerNamespace}/secrets/own-ca`),
    );
    await installClockout(values({ issuerRef }));
  }, 120_000);

  it('serves a certificate of that issuer; a Job is wrapped and completes', async () => {
    await allServeAnother([], authority.toString());
    expect(await caBundle()).toContain(pemOf(authority));
    await expectWrapped('own-issuer');
  });

  it('makes no CA of the release', async () => {
    expect(await namesAt(`${ours}/issuers`)).toEqual([]);
    expect(await namesAt(`${ours}/certificates`)).toEqual(['clockout']);
  });

  it('gets a wiped caBundle back, with no other CA in it', async () => {
    const bundle = await expectRepairOfWipedBundle();
    expect(certificatesIn(bundle).map(({ serialNumber }) => serialNumber)).toEqual([authority.serialNumber]);
    await expectWrapped('own-issuer-after-wipe');
  });

  it('takes a renewed certificate without a restart, and without a pod that is refused or unwrapped', async () => {
    const bundle = await caBundle();
    const [before, started] = [await serials(bundle), await incarnations()];
    const stream = startStream(await makeNamespace(meshed), { count: 200, perSecond: 10 });
    await renew('clockout');
    await allServeAnother(before, bundle);
    expect(summary(await stream.made)).toMatchObject({ wrapped: { count: 200 } });
    expect(await incarnations()).toEqual(started);
  });
});

describe('back in mode self', () => {
  beforeAll(() => installClockout(), 120_000);

  it("nothing is left of mode certManager but cert-manager's Secrets, which it never removes", async () => {
    expect((await namesAt(configurations)).filter((name) => name.includes('clockout'))).toEqual(['zz-clockout']);
    for (const kind of ['issuers', 'certificates', 'certificaterequests']) {
      await eventually(`no ${kind} are left`, 60, async () => (await namesAt(`${ours}/${kind}`)).length === 0);
    }
    const written = `${secrets}?labelSelector=controller.cert-manager.io%2Ffao`;
    expect(await namesAt(written)).toEqual(['clockout-cert-manager-ca', 'clockout-tls']);
    await expectWrapped('self-again');
  });
});
