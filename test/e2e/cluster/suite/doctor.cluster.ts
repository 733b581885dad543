/** `clockout doctor` on good installations, and on faults that are made by hand, one after the other. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCa, signServingCertificate } from '../../../../src/certificates/x509.ts';
import type { KubeObject } from '../api.ts';
import { removeCertManager, startCertManager } from '../cert-manager.ts';
import {
  configuration,
  configurations,
  counter,
  deployment,
  distrustInstallation,
  hurryKubelet,
  installClockout,
  releaseNamespace,
  scale,
  uninstallClockout,
  type Values,
} from '../install.ts';
import { eventually } from '../progress.ts';
import { startStripper } from '../stripper.ts';
import { doctor, doctorInside } from './doctor.ts';
import { api, createJob, makeNamespace, meshed, podWhen, removeNamespaces, shortJob } from './kube.ts';

const namespaced = `/api/v1/namespaces/${releaseNamespace}`;
const service = `${namespaced}/services/clockout`;
const secret = `${namespaced}/secrets/webhook-tls`;
const policies = `/apis/networking.k8s.io/v1/namespaces/${releaseNamespace}/networkpolicies`;
const lifetimeMilliseconds = 3_600_000;

let namespace: string;

beforeAll(async () => {
  await installClockout();
  namespace = await makeNamespace(meshed);
});
afterAll(async () => {
  await installClockout();
  await api.delete(secret);
  await removeNamespaces();
});

/** What a test has to take away again. */
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/**
 * As a person changes it. The next installation repairs it.
 * @param back takes away what Helm does not know, and so leaves as it is
 */
async function change(path: string, body: KubeObject, back?: KubeObject): Promise<void> {
  distrustInstallation();
  undo.push(() => installClockout());
  if (back) undo.push(() => api.merge(path, back));
  await api.merge(path, body);
}

/** A Service that selects no pods. */
const unselect = () =>
  change(service, { spec: { selector: { other: 'app' } } }, { spec: { selector: { other: null } } });

async function install(values: Values): Promise<void> {
  undo.push(() => installClockout());
  await installClockout(values);
}

async function add(path: string, object: KubeObject): Promise<void> {
  undo.push(() => api.delete(`${path}/${object.metadata.name}`));
  await api.post(path, object);
}

/** Another configuration like Clockout's, which calls another Service, and is in nobody's way. */
async function addConfiguration(name: string, of: { namespace: string; name: string }): Promise<void> {
  const { webhooks } = await api.get(configuration);
  await add(configurations, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: webhooks.map((webhook: KubeObject) => ({
      ...webhook,
      failurePolicy: 'Ignore',
      timeoutSeconds: 1,
      clientConfig: { ...webhook.clientConfig, service: { ...webhook.clientConfig.service, ...of } },
    })),
  });
}

const inOtherMode = (caBundle: string, more: Values = {}): Values => ({
  certs: { mode: 'existing', existing: { secretName: 'webhook-tls', caBundle } },
  ...more,
});

async function giveSecret({ cert, key }: { cert: string; key: string }): Promise<void> {
  const stringData = { 'tls.crt': cert, 'tls.key': key };
  await api.apply(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'webhook-tls' }, stringData });
  await hurryKubelet(api);
}

const ca = await createCa({ now: new Date(), lifetimeMilliseconds });
const sign = (milliseconds = lifetimeMilliseconds) =>
  signServingCertificate(ca, [`clockout.${releaseNamespace}.svc`], {
    now: new Date(),
    lifetimeMilliseconds: milliseconds,
  });

describe('a good installation has no findings', () => {
  it.each(['Fail', 'Ignore'])('with a certificate of its own and failurePolicy %s', async (jobs) => {
    await install({ webhook: { failurePolicy: { jobs } } });
    expect((await doctor()).findings).toEqual([]);
  });

  it.each(['Fail', 'Ignore'])('with a given certificate and failurePolicy %s', async (jobs) => {
    await giveSecret(await sign());
    await install(inOtherMode(ca.cert, { webhook: { failurePolicy: { jobs } } }));
    expect((await doctor()).findings).toEqual([]);
  });

  it('with a network policy, in mode cluster, and its nodes can run wrapped pods', async () => {
    await install({ mode: 'cluster', networkPolicy: { enabled: true } });
    const { findings, checks, code } = await doctor('--node');
    expect(findings).toEqual([]);
    expect(checks.map(({ check }) => check)).toContain('nodes');
    expect(code).toBe(0);
    const { items } = await api.get(`${namespaced}/pods?labelSelector=clockout.dev%2Fdoctor`);
    expect(items).toEqual([]);
  });

  it('seen from its own pod, where most lines say which right is missing', async () => {
    const { findings, checks } = await doctorInside();
    const stateOf = (name: string) => checks.find(({ check }) => check === name)?.state;
    expect(['certificate', 'ca-bundle', 'rights', 'version-skew', 'turned-on'].map(stateOf)).toEqual(
      Array(5).fill('ok'),
    );
    expect(findings.filter((each) => !/^unknown .*(you may not|may not|from here)/.test(each))).toEqual([]);
  });
});

it('before an install, nothing is wrong with the cluster', async () => {
  undo.push(() => installClockout());
  await uninstallClockout();
  const { findings } = await doctor('--pre', '--node', '--wrapper-image', 'localhost/busybox:1');
  expect(findings).toEqual([]);
  expect((await doctor()).findings).toEqual([expect.stringContaining('fault installed:')]);
});

describe('a fault is found', () => {
  const rows: [title: string, finding: RegExp, make: () => Promise<unknown>][] = [
    ['a Service without endpoints', /^fault endpoints: /, unselect],
    [
      'a Service with a wrong port',
      /^fault service: port 443 of the Service leads to 8444/,
      () => change(service, { spec: { ports: [{ name: 'webhook', port: 443, targetPort: 8444 }] } }),
    ],
    [
      'no replicas, and failurePolicy Fail',
      /^fault replicas: Clockout is scaled to 0 replicas: the API server refuses/,
      async () => {
        distrustInstallation();
        undo.push(() => installClockout());
        await scale(api, 0);
      },
    ],
    [
      'one replica without a disruption budget, and failurePolicy Fail',
      /^warning failure-policy: .* it has one replica/,
      () => install({ replicas: 1, podDisruptionBudget: { enabled: false } }),
    ],
    [
      "a configuration that sorts before Istio's",
      /^warning order: aa-first is called before Istio/,
      () => install({ webhook: { name: 'aa-first' } }),
    ],
    [
      'a selector that matches no namespace',
      /^fault selectors: .* the label clockout\.dev\/inject: enabled, but (is|are) not selected/,
      () => install({ webhook: { namespaceMatchExpressions: [{ key: 'team', operator: 'In', values: ['nobody'] }] } }),
    ],
    [
      'kube-system that is not excluded',
      /^fault excluded-namespaces: pods of kube-system/,
      () => install({ webhook: { excludedNamespaces: ['kube-public'] } }),
    ],
    [
      'a wrapper image that nodes cannot pull',
      /^fault wrapper-image: 1 pod cannot start, .*registry\.invalid/,
      async () => {
        await install({ wrapper: { image: 'registry.invalid/busybox:1' } });
        undo.push(() => api.delete(`/apis/batch/v1/namespaces/${namespace}/jobs/stuck`));
        await createJob(namespace, 'stuck', shortJob);
        await podWhen(namespace, 'stuck', 'cannot pull', ({ status }) =>
          (status.initContainerStatuses ?? []).some(({ state }: KubeObject) =>
            /ImagePull/.test(state.waiting?.reason ?? ''),
          ),
        );
      },
    ],
    [
      'a missing right on the Secret',
      /^fault rights: the service account may not get secrets\/clockout-ca/,
      () => change(`/apis/rbac.authorization.k8s.io/v1/namespaces/${releaseNamespace}/roles/clockout`, { rules: [] }),
    ],
    [
      'a chart of another version',
      /^warning version-skew: the chart is for Clockout 9\.9\.9, and replicas run/,
      () => change(deployment, { metadata: { labels: { 'app.kubernetes.io/version': '9.9.9' } } }),
    ],
    [
      'a network policy that lets nothing in',
      /^fault network-policy: walls lets nothing reach port 8443/,
      () =>
        add(policies, {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'walls', namespace: releaseNamespace },
          spec: { podSelector: {}, policyTypes: ['Ingress'] },
        }),
    ],
    [
      'a second installation',
      /^warning second-installation: there is another installation of Clockout: zz-second/,
      async () => {
        await add(`${namespaced}/services`, {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'second', namespace: releaseNamespace },
          spec: { ports: [{ port: 443 }] },
        });
        await addConfiguration('zz-second', { namespace: releaseNamespace, name: 'second' });
      },
    ],
    [
      'a leftover configuration',
      /^fault leftover-configuration: the Service of zz-left does not exist/,
      () => addConfiguration('zz-left', { namespace: 'gone', name: 'gone' }),
    ],
    [
      'Clockout turned off',
      /^fault turned-on: zz-clockout has no webhooks/,
      () => change(configuration, { webhooks: [] }),
    ],
    [
      'a namespace without Istio',
      /^warning namespaces-in-mesh: Istio injects no sidecars in test-/,
      async () => {
        const outside = await makeNamespace({ 'clockout.dev/inject': 'enabled' });
        undo.push(() =>
          api.merge(`/api/v1/namespaces/${outside}`, { metadata: { labels: { 'clockout.dev/inject': null } } }),
        );
      },
    ],
    ['a webhook that drops restartPolicy', /^fault dropped-fields: /, addStripper],
    [
      'a certificate of another CA',
      /^fault certificate: the API server does not trust the certificate/,
      async () => {
        await giveSecret(await sign());
        await install(inOtherMode((await createCa({ now: new Date(), lifetimeMilliseconds })).cert));
      },
    ],
    [
      'a certificate that expires while it is used',
      /^fault certificate: the certificate of clockout-.* expired on/,
      async () => {
        await giveSecret(await sign());
        await install(inOtherMode(ca.cert));
        const renewed = () => counter(api, 'clockout_certificate_events_total', { event: 'renewed' });
        const before = await renewed();
        const short = await sign(60_000);
        await giveSecret(short);
        await eventually('a replica has it', 90, async () => (await renewed()) > before);
        await eventually('it has expired', 90, async () => Date.now() > short.notAfter.getTime() + 1000);
      },
    ],
  ];

  it.each(rows)('%s', async (_, finding, make) => {
    await make();
    const { findings, code } = await doctor();
    expect(findings).toContainEqual(expect.stringMatching(finding));
    expect(code).toBe(findings.some((each) => each.startsWith('fault')) ? 3 : 0);
  });
});

describe('mode certManager', () => {
  const group = `/apis/cert-manager.io/v1/namespaces/${releaseNamespace}`;
  const inMode = (jobs = 'Fail') =>
    installClockout({ certs: { mode: 'certManager' }, webhook: { failurePolicy: { jobs } } });
  /** cert-manager and its cainjector take a while. */
  const fine = () =>
    eventually('doctor finds nothing', 60, async () => {
      return (await doctor()).findings.length === 0;
    });

  beforeAll(() => startCertManager(api), 120_000);
  afterAll(async () => {
    await installClockout();
    await removeCertManager(api);
    for (const name of ['clockout-tls', 'clockout-cert-manager-ca']) await api.delete(`${namespaced}/secrets/${name}`);
  }, 240_000);

  it.each(['Fail', 'Ignore'])('a good installation has no findings with failurePolicy %s', async (jobs) => {
    await inMode(jobs);
    await fine();
  });

  it.each([
    ['certificates/clockout', /^fault cert-manager: the Certificate clockout .* does not exist/],
    ['issuers/clockout-ca', /^fault cert-manager: the Issuer clockout-ca .* does not exist/],
  ])('without %s, a fault is found', async (path, finding) => {
    await inMode();
    await fine();
    distrustInstallation();
    await api.delete(`${group}/${path}`);
    await eventually('doctor finds the fault', 60, async () =>
      (await doctor()).findings.some((each) => finding.test(each)),
    );
  });
});

it('waits until nothing is wrong', async () => {
  await unselect();
  const waiting = doctor('--wait', '60s');
  await api.merge(service, { spec: { selector: { other: null } } });
  expect(await waiting).toMatchObject({ code: 0, findings: [] });
});

/** A webhook after Clockout's, built with a library that does not know the field. */
async function addStripper(): Promise<void> {
  // Only what doctor creates as a dry run.
  const objectSelector = { matchLabels: { 'batch.kubernetes.io/job-name': 'clockout-doctor' } };
  const options = { name: 'zzz-strip', selectors: { objectSelector }, reinvocationPolicy: 'IfNeeded' } as const;
  undo.push(await startStripper(api, options));
}
