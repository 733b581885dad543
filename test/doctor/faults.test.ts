/** Faults that people make by hand, one in a row: each is found, by the check whose name the row has. */
import { describe, expect, it } from 'vitest';
import { createCa } from '../../src/certificates/x509.ts';
import type { Facts, ReplicaFacts, ServedCertificate } from '../../src/doctor/facts.ts';
import { fail, ok } from '../../src/util/result.ts';
import { admit, examine, type Loose, now, type StandIn } from './cluster.ts';

const day = 86_400_000;

const configuration = ({ find }: StandIn) => find('MutatingWebhookConfiguration', 'zz-clockout');
const eachWebhook = (cluster: StandIn, change: (webhook: Loose) => void) =>
  configuration(cluster).webhooks.forEach(change);

const withReplicas = (change: (replica: ReplicaFacts) => void) => (cluster: StandIn) => {
  cluster.changeFacts = ({ installation }: Facts) => {
    if (installation?.replicas.ok) installation.replicas.value.forEach(change);
  };
};
const withCertificate = (change: Partial<ServedCertificate>) =>
  withReplicas((replica) => {
    if (replica.certificate.ok) replica.certificate = ok({ ...replica.certificate.value, ...change });
  });

/** @param value of the container of the Deployment */
function setVariable({ find }: StandIn, name: string, value: string) {
  const { env } = find('Deployment').spec.template.spec.containers[0];
  const found = env.find((each: Loose) => each.name === name);
  if (found) found.value = value;
  else env.push({ name, value });
}

const later = (change: Loose = {}) => ({
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'zzz-late' },
  webhooks: [
    {
      name: 'late.example.com',
      clientConfig: { service: { namespace: 'late', name: 'late' } },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      ...change,
    },
  ],
});

const policy = (spec: Loose) => ({
  kind: 'NetworkPolicy',
  metadata: { name: 'walls', namespace: 'mesh-jobs' },
  spec: { podSelector: {}, ...spec },
});

const waiting = (reason: string, message: string, image: string) => ({
  kind: 'Pod',
  metadata: { name: 'report-1', namespace: 'shop' },
  spec: { initContainers: [{ name: 'clockout-init', image }] },
  status: {
    phase: 'Pending',
    initContainerStatuses: [{ name: 'clockout-init', state: { waiting: { reason, message } } }],
  },
});

const callFailed = (text: string) =>
  `Internal error occurred: failed calling webhook "job.clockout.dev": failed to call webhook: Post "https://clockout.mesh-jobs.svc:443/mutate?timeout=5s": ${text}`;

type Row = [fault: string, check: string, state: 'fault' | 'warning', says: RegExp, change: (cluster: StandIn) => void];

const rows: Row[] = [
  [
    'a caBundle that is not of the certificate',
    'certificate',
    'fault',
    /does not trust the certificate of clockout-1/,
    withCertificate({ problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
  ],
  [
    'a caBundle without a certificate',
    'ca-bundle',
    'fault',
    /no certificates that can be read/,
    (cluster) =>
      eachWebhook(cluster, ({ clientConfig }) => {
        clientConfig.caBundle = btoa('nothing');
      }),
  ],
  [
    'an empty caBundle',
    'ca-bundle',
    'fault',
    /is empty/,
    (cluster) =>
      eachWebhook(cluster, ({ clientConfig }) => {
        delete clientConfig.caBundle;
      }),
  ],
  ['an expired certificate', 'certificate', 'fault', /expired on 2026-11-20/, withCertificate({ notAfter: now - day })],
  [
    'a version that is none of Kubernetes',
    'api-server-version',
    'warning',
    /does not tell its version as Kubernetes does: expected Kubernetes 1\.28 or newer, found edge-2026$/,
    (cluster) => {
      cluster.version = { gitVersion: 'edge-2026' };
    },
  ],
  [
    'no version at all',
    'api-server-version',
    'warning',
    /expected Kubernetes 1\.28 or newer, found none$/,
    (cluster) => {
      cluster.version = {};
    },
  ],
  [
    'a certificate that nobody renewed',
    'certificate',
    'warning',
    /expires on 2026-11-21, and was not renewed/,
    withCertificate({ notBefore: now - 30 * day, notAfter: now + day / 3 }),
  ],
  [
    'a certificate of somebody else',
    'certificate',
    'fault',
    /is for other\.svc; the API server expects clockout\.mesh-jobs\.svc/,
    withCertificate({ names: ['other.svc'] }),
  ],
  [
    'a Service without endpoints',
    'endpoints',
    'fault',
    /no ready endpoints/,
    ({ find, remove }) => {
      find('Service').spec.selector = { app: 'other' };
      remove('EndpointSlice', 'clockout-abc');
    },
  ],
  [
    'a Service without the port',
    'service',
    'fault',
    /calls port 443 of the Service, which has 8443, 9090/,
    ({ find }) => {
      find('Service').spec.ports[0].port = 8443;
    },
  ],
  [
    'a Service that leads to a wrong port',
    'service',
    'fault',
    /port 443 of the Service leads to 8444, at which no replica listens/,
    ({ find }) => {
      find('Service').spec.ports[0].targetPort = 8444;
    },
  ],
  [
    'a Service that leads to the metrics',
    'service',
    'fault',
    /leads to the port of the metrics, 9090/,
    ({ find }) => {
      find('Service').spec.ports[0].targetPort = 'metrics';
    },
  ],
  [
    'no replicas under Fail',
    'replicas',
    'fault',
    /scaled to 0 replicas: the API server refuses Job pods/,
    ({ find }) => {
      Object.assign(find('Deployment'), { status: {} });
      find('Deployment').spec.replicas = 0;
    },
  ],
  [
    'no replicas under Ignore',
    'replicas',
    'fault',
    /Job pods are admitted unchanged, and hang/,
    (cluster) => {
      cluster.find('Deployment').spec.replicas = 0;
      eachWebhook(cluster, (webhook) => {
        webhook.failurePolicy = 'Ignore';
      });
    },
  ],
  [
    'replicas that are not ready',
    'replicas',
    'fault',
    /no replica is ready.*\(ImagePullBackOff\)/,
    ({ find }) => {
      find('Deployment').status = {};
      find('Pod', 'clockout-1').status = {
        containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }],
      };
    },
  ],
  [
    'a replica that warns',
    'replicas',
    'warning',
    /the CA is old/,
    withReplicas((replica) => {
      replica.readiness = ok({ isReady: true, says: 'Ready, with a warning: the CA is old.' });
    }),
  ],
  [
    'one replica under Fail',
    'failure-policy',
    'warning',
    /it has one replica/,
    ({ find }) => {
      find('Deployment').spec.replicas = 1;
    },
  ],
  [
    'no disruption budget under Fail',
    'failure-policy',
    'warning',
    /no PodDisruptionBudget/,
    ({ remove }) => remove('PodDisruptionBudget'),
  ],
  [
    "a configuration that sorts before Istio's",
    'order',
    'warning',
    /aa-clockout is called before Istio's istio-sidecar-injector/,
    (cluster) => {
      configuration(cluster).metadata.name = 'aa-clockout';
    },
  ],
  [
    'the same, without a second call',
    'order',
    'fault',
    /is not called again: it never sees Istio's sidecar/,
    (cluster) => {
      eachWebhook(cluster, (webhook) => {
        webhook.reinvocationPolicy = 'Never';
      });
      configuration(cluster).metadata.name = 'aa-clockout';
    },
  ],
  [
    'a webhook that is called later, without a second call',
    'later-webhooks',
    'warning',
    /zzz-late can change Job pods after Clockout/,
    (cluster) => {
      cluster.objects.push(later());
      eachWebhook(cluster, (webhook) => {
        webhook.reinvocationPolicy = 'Never';
      });
    },
  ],
  [
    'a webhook that takes the wrapper back',
    'admission',
    'fault',
    /a later webhook took a part of that back/,
    (cluster) => {
      cluster.objects.push(later());
      cluster.admit = (pod) => {
        const admitted = admit(pod);
        delete admitted.spec.initContainers;
        return admitted;
      };
    },
  ],
  [
    'a webhook that drops restartPolicy',
    'dropped-fields',
    'fault',
    /a webhook drops restartPolicy/,
    (cluster) => {
      cluster.admit = (pod) =>
        pod.spec.initContainers
          ? 'Pod "x" is invalid: spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always'
          : admit(pod);
    },
  ],
  [
    'selectors that match no namespace',
    'selectors',
    'fault',
    /shop has the label clockout\.dev\/inject: enabled, but is not selected/,
    (cluster) =>
      eachWebhook(cluster, ({ namespaceSelector }) => {
        namespaceSelector.matchExpressions.push({ key: 'team', operator: 'In', values: ['nobody'] });
      }),
  ],
  [
    'an objectSelector that matches no pod',
    'selectors',
    'fault',
    /pods with the label clockout\.dev\/inject: "true" are selected in no namespace/,
    (cluster) =>
      eachWebhook(cluster, (webhook) => {
        if (webhook.objectSelector.matchLabels) webhook.objectSelector.matchLabels = { 'clockout.dev/inject': 'yes' };
      }),
  ],
  [
    'a namespace that nobody has opted in',
    'selectors',
    'warning',
    /no namespace has opted in/,
    ({ find }) => {
      delete find('Namespace', 'shop').metadata.labels['clockout.dev/inject'];
    },
  ],
  [
    'rules for other objects',
    'selectors',
    'fault',
    /no webhook of the configuration is for new pods/,
    (cluster) =>
      eachWebhook(cluster, ({ rules }) => {
        rules[0].resources = ['jobs'];
      }),
  ],
  [
    'kube-system that is not excluded',
    'excluded-namespaces',
    'fault',
    /pods of kube-system are sent to Clockout, and refused/,
    (cluster) =>
      eachWebhook(cluster, ({ namespaceSelector }) => {
        namespaceSelector.matchExpressions = namespaceSelector.matchExpressions.map((each: Loose) =>
          each.key === 'kubernetes.io/metadata.name' ? { ...each, values: ['mesh-jobs'] } : each,
        );
      }),
  ],
  [
    'a namespace without Istio',
    'namespaces-in-mesh',
    'warning',
    /Istio injects no sidecars in shop/,
    ({ find }) => {
      delete find('Namespace', 'shop').metadata.labels['istio-injection'];
    },
  ],
  [
    'a wrapper image that nodes cannot pull',
    'wrapper-image',
    'fault',
    /1 pod cannot start.*ErrImagePull: no such host/,
    (cluster) => {
      setVariable(cluster, 'CLOCKOUT_WRAPPER_IMAGE', 'registry.example.com/busybox:1');
      cluster.objects.push(waiting('ErrImagePull', 'no such host', 'registry.example.com/busybox:1'));
    },
  ],
  [
    'a wrapper image that its registry does not have',
    'wrapper-image',
    'fault',
    /cannot be pulled: the registry has no/,
    ({ options }) => {
      options.lookUp = async () => fail({ isSure: true, message: 'the registry has no such image' });
    },
  ],
  [
    'a wrapper image for other nodes',
    'wrapper-image',
    'fault',
    /is not for linux\/arm64/,
    ({ options }) => {
      options.lookUp = async () => ok({ platforms: ['linux/amd64'] });
    },
  ],
  [
    'a missing right on the Secret',
    'rights',
    'fault',
    /may not update secrets\/clockout-ca in mesh-jobs/,
    (cluster) => {
      cluster.allows = ({ verb, resource }) => !(verb === 'update' && resource === 'secrets');
    },
  ],
  [
    'a missing right on the configuration',
    'rights',
    'fault',
    /may not patch mutatingwebhookconfigurations/,
    (cluster) => {
      cluster.allows = ({ verb }) => verb !== 'patch';
    },
  ],
  [
    'replicas of another version than the chart',
    'version-skew',
    'warning',
    /the chart is for Clockout 0\.1\.0, and replicas run 0\.0\.9/,
    withReplicas((replica) => {
      replica.version = ok('0.0.9');
    }),
  ],
  [
    'another version of this program',
    'version-skew',
    'warning',
    /this program is Clockout 0\.9\.0, and the installation is 0\.1\.0/,
    ({ options }) => {
      options.version = '0.9.0';
    },
  ],
  [
    'a network policy that lets nothing in',
    'network-policy',
    'fault',
    /walls lets nothing reach port 8443/,
    ({ objects }) => {
      objects.push(policy({ policyTypes: ['Ingress'] }));
    },
  ],
  [
    'a network policy that lets only pods in',
    'network-policy',
    'warning',
    /no address of the API server or of a node is among them/,
    (cluster) => {
      cluster.objects.push(policy({ policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] }));
      cluster.admit = () => callFailed('context deadline exceeded');
    },
  ],
  [
    'a network policy that keeps Clockout from the API server',
    'network-policy',
    'fault',
    /does not let Clockout reach the API server at port 6443/,
    ({ objects }) => {
      objects.push(policy({ policyTypes: ['Egress'], egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] }));
    },
  ],
  [
    'a second installation',
    'second-installation',
    'warning',
    /there is another installation of Clockout: zz-other\. Both are called for Job pods, or for those with a label of their own, in/,
    (cluster) => {
      const other = structuredClone(configuration(cluster));
      other.metadata.name = 'zz-other';
      for (const { clientConfig } of other.webhooks) clientConfig.service.name = 'other';
      cluster.objects.push(other, { kind: 'Service', metadata: { name: 'other', namespace: 'mesh-jobs' }, spec: {} });
    },
  ],
  [
    'a configuration of another certificate mode',
    'second-installation',
    'fault',
    /zz-clockout and zz-clockout-existing call the same Service/,
    (cluster) => {
      const other = structuredClone(configuration(cluster));
      other.metadata.name = 'zz-clockout-existing';
      cluster.objects.push(other);
    },
  ],
  [
    'a leftover configuration',
    'leftover-configuration',
    'fault',
    /the Service of zz-clockout does not exist/,
    ({ remove }) => remove('Service'),
  ],
  [
    'Clockout turned off',
    'turned-on',
    'fault',
    /zz-clockout has no webhooks: Clockout is turned off/,
    (cluster) => {
      configuration(cluster).webhooks = [];
    },
  ],
  [
    'no configuration',
    'installed',
    'fault',
    /has no webhook configuration/,
    ({ remove }) => remove('MutatingWebhookConfiguration', 'zz-clockout'),
  ],
  [
    'no Deployment',
    'replicas',
    'fault',
    /Clockout has no Deployment in the namespace mesh-jobs/,
    ({ remove }) => remove('Deployment'),
  ],
  [
    'no Istio',
    'istio',
    'warning',
    /has no injector/,
    ({ remove }) => remove('MutatingWebhookConfiguration', 'istio-sidecar-injector'),
  ],
  [
    'native sidecars',
    'native-already',
    'warning',
    /Istio injects native sidecars in the namespace shop/,
    (cluster) => {
      cluster.admit = (pod) =>
        pod.metadata.labels['sidecar.istio.io/inject'] === 'false'
          ? admit(pod)
          : { ...pod, spec: { ...pod.spec, initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }] } };
    },
  ],
  [
    'a webhook for opted-in namespaces that is not reached, though the one for pods with a label is',
    'admission',
    'fault',
    /a Job pod in the namespace shop is refused .*failed calling webhook/,
    (cluster) => {
      cluster.admit = (pod) =>
        pod.metadata.labels['clockout.dev/inject'] === undefined && pod.spec.containers.length > 1
          ? 'Internal error occurred: failed calling webhook "namespace.clockout.dev": not found'
          : admit(pod);
    },
  ],
  [
    'the same the other way round',
    'admission',
    'fault',
    /a Job pod with a label of its own in the namespace \S+ comes back unchanged/,
    (cluster) => {
      cluster.admit = (pod) => (pod.metadata.labels['clockout.dev/inject'] === 'true' ? pod : admit(pod));
    },
  ],
  [
    'a right that only a flag needs',
    'rights',
    'fault',
    /may not list pods/,
    (cluster) => {
      cluster.find('Deployment').spec.template.spec.containers[0].args.push('--sweep-minutes', '5');
      cluster.allows = ({ resource, verb }) => resource !== 'pods' || verb !== 'list';
    },
  ],
  [
    'an image that is on every node and pulled nevertheless',
    'wrapper-image',
    'fault',
    /cannot be pulled: no such tag/,
    (cluster) => {
      setVariable(cluster, 'CLOCKOUT_WRAPPER_IMAGE', 'busybox:1');
      setVariable(cluster, 'CLOCKOUT_WRAPPER_PULL_POLICY', 'Always');
      cluster.find('Node').status.images = [{ names: ['docker.io/library/busybox:1'] }];
      cluster.options = { lookUp: async () => fail({ isSure: true, message: 'no such tag' }) };
    },
  ],
  [
    'pods that come back unchanged',
    'admission',
    'fault',
    /comes back unchanged/,
    (cluster) => {
      cluster.admit = (pod) => pod;
    },
  ],
];

describe('a fault', () => {
  it.each(rows)('is found: %s', async (_, check, state, says, change) => {
    const { found } = await examine('default', change);
    const finding = found.find((each) => each.check.id === check)?.finding;
    expect(finding).toMatchObject({ state, advice: expect.any(String) });
    expect(finding?.says).toMatch(says);
  });
});

describe('a fault of cert-manager', () => {
  const notReady = { conditions: [{ type: 'Ready', status: 'False', message: 'no such Secret' }] };
  it.each<[string, RegExp, golden: string, (cluster: StandIn) => void]>([
    [
      'no Certificate',
      /Certificate clockout .* does not exist/,
      'cert-manager',
      ({ remove }) => remove('Certificate', 'clockout'),
    ],
    [
      'no issuer',
      /Issuer clockout-ca of .* does not exist/,
      'cert-manager',
      ({ remove }) => remove('Issuer', 'clockout-ca'),
    ],
    [
      'no issuer of its own',
      /ClusterIssuer \S+ of .* does not exist/,
      'issuer',
      ({ remove }) => remove('ClusterIssuer'),
    ],
    [
      'a Certificate that is not ready',
      /Certificate clockout .* is not ready: no such Secret$/,
      'cert-manager',
      ({ find }) => Object.assign(find('Certificate', 'clockout').status, notReady),
    ],
    [
      'an issuer that is not ready',
      /Issuer clockout-ca .* is not ready: no such Secret$/,
      'cert-manager',
      ({ find }) => Object.assign(find('Issuer', 'clockout-ca').status, notReady),
    ],
  ])('is found: %s', async (_, says, golden, change) => {
    const { found } = await examine(golden, change);
    const finding = found.find(({ check }) => check.id === 'cert-manager')?.finding;
    expect(finding).toMatchObject({ state: 'fault', advice: expect.any(String), says: expect.stringMatching(says) });
  });

  it('is not known without the right to see it', async () => {
    const { found } = await examine('cert-manager', (cluster) => {
      cluster.forbids = (path) => path.includes('/certificates/');
    });
    expect(found.find(({ check }) => check.id === 'cert-manager')?.finding).toMatchObject({
      state: 'unknown',
      says: expect.stringContaining('you may not get certificates.cert-manager.io clockout'),
    });
  });
});

describe('what the API server says if it cannot call Clockout', () => {
  it.each([
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'caBundle'],
    ['tls: failed to verify certificate: x509: certificate has expired or is not yet valid: …', 'not valid now'],
    ['x509: certificate is valid for other.svc, not clockout.mesh-jobs.svc', 'other names'],
    ['no endpoints available for service "clockout"', 'no replica is ready'],
    ['service "clockout" not found', 'does not exist'],
    ['no service port 443 found for service "clockout"', 'does not have the port'],
    ['dial tcp 10.96.0.7:443: connect: connection refused', 'no process listens'],
    ['context deadline exceeded', 'cannot reach'],
  ])('is explained: %s', async (text, meaning) => {
    const { found } = await examine('default', (cluster) => {
      cluster.admit = () => callFailed(text);
    });
    const finding = found.find(({ check }) => check.id === 'admission')?.finding;
    expect(finding?.state).toBe('fault');
    expect(finding?.advice).toContain(meaning);
  });

  it('is not a fault of Clockout if a policy refuses the pod', async () => {
    const { found } = await examine('default', (cluster) => {
      cluster.admit = () => 'admission webhook "policies.example.com" denied the request: no';
    });
    expect(found.find(({ check }) => check.id === 'admission')?.finding.state).toBe('unknown');
  });
});

describe('what may not be read', () => {
  it.each([
    ['node-versions', '/api/v1/nodes'],
    ['installed', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'],
    ['selectors', '/api/v1/namespaces'],
    ['replicas', '/apis/apps/v1/namespaces/mesh-jobs/deployments'],
    ['endpoints', '/apis/discovery.k8s.io/v1/namespaces/mesh-jobs/endpointslices'],
    ['network-policy', '/apis/networking.k8s.io/v1/namespaces/mesh-jobs/networkpolicies'],
  ])('is unknown, and the line says which right is missing: %s', async (check, path) => {
    const { found } = await examine('default', (cluster) => {
      cluster.forbids = (each) => each === path;
    });
    const finding = found.find((each) => each.check.id === check)?.finding;
    expect(finding).toMatchObject({ state: 'unknown', isForbidden: true });
    expect(finding?.says).toMatch(/you may not list [a-z.0-9]+/);
  });

  it('is everything, and nothing fails', async () => {
    const { found } = await examine('default', (cluster) => {
      cluster.forbids = () => true;
    });
    expect(found.filter(({ finding }) => finding.state === 'fault')).toEqual([]);
  });
});

describe('before an install', () => {
  const examineBefore = (change: (cluster: StandIn) => void = () => {}) =>
    examine('default', (cluster) => {
      cluster.remove('MutatingWebhookConfiguration', 'zz-clockout');
      cluster.options = { isBefore: true };
      change(cluster);
    });

  it('a good cluster has no findings', async () => {
    const { found } = await examineBefore();
    expect(found.filter(({ finding }) => finding.state !== 'ok')).toEqual([]);
    expect(found.map(({ check }) => check.id)).toEqual(expect.arrayContaining(['not-installed', 'install-rights']));
  });

  it('a right that is missing is found', async () => {
    const { found } = await examineBefore((cluster) => {
      cluster.allows = ({ resource }) => resource !== 'clusterroles';
    });
    expect(found.find(({ check }) => check.id === 'install-rights')?.finding.says).toContain('clusterroles');
  });
});

it('nodes that may not be listed are not called missing', async () => {
  const { found } = await examine('default', (cluster) => {
    cluster.forbids = (path) => path === '/api/v1/nodes';
    cluster.options = { probeNodes: async () => [] };
  });
  expect(found.find(({ check }) => check.id === 'nodes')?.finding).toMatchObject({
    state: 'unknown',
    says: 'cannot check the nodes: you may not list nodes',
  });
});

describe('the namespace of the caller', () => {
  const findIn = async (namespace: string) => {
    const { found } = await examine('default', (cluster) => {
      cluster.options = { namespace };
    });
    return found.find(({ check }) => check.id === 'installed')?.finding;
  };

  it('is not that of Clockout', async () => {
    expect(await findIn('mesh-job')).toMatchObject({
      state: 'fault',
      says: 'Clockout is not installed in the namespace mesh-job: its webhook configurations lead to mesh-jobs',
    });
  });

  it('is that of Clockout', async () => expect(await findIn('mesh-jobs')).toMatchObject({ state: 'ok' }));
});

it('a caBundle that has expired is found', async () => {
  const old = await createCa({ now: new Date(now - 400 * day), lifetimeMilliseconds: 365 * day });
  const { found } = await examine('default', (cluster) =>
    eachWebhook(cluster, ({ clientConfig }) => {
      clientConfig.caBundle = btoa(old.cert);
    }),
  );
  expect(found.find(({ check }) => check.id === 'ca-bundle')?.finding.says).toMatch(/has expired/);
});

describe('a wrapper image', () => {
  const imageOf = (found: Awaited<ReturnType<typeof examine>>['found']) =>
    found.find(({ check }) => check.id === 'wrapper-image')?.finding;

  it('is not said to be missing because a pod of another installation waits for another', async () => {
    const { found } = await examine('default', ({ objects }) => {
      objects.push(waiting('ErrImagePull', 'no such host', 'registry.example.com/other:1'));
    });
    expect(imageOf(found)?.state).toBe('ok');
  });

  it('is not guessed where the installation that says it may not be read', async () => {
    const { found } = await examine('default', (cluster) => {
      cluster.forbids = (path) => path.endsWith('/deployments');
      cluster.options = { probeNodes: async () => [] };
    });
    expect(imageOf(found)).toMatchObject({
      state: 'unknown',
      says: expect.stringMatching(/^cannot check the wrapper/),
    });
    expect(found.find(({ check }) => check.id === 'nodes')?.finding.state).toBe('unknown');
  });
});

it('a namespace that another installation selects is not one that nobody selects', async () => {
  const { found } = await examine('default', (cluster) => {
    const other = structuredClone(configuration(cluster));
    other.metadata.name = 'zz-other';
    for (const { clientConfig } of other.webhooks) clientConfig.service.namespace = 'elsewhere';
    cluster.objects.push(other);
    eachWebhook(cluster, (webhook) => {
      webhook.namespaceSelector.matchExpressions.push({ key: 'team', operator: 'In', values: ['mine'] });
    });
    Object.assign(cluster.find('Namespace', 'default').metadata.labels, { team: 'mine' });
  });
  const finding = found.find(({ check }) => check.id === 'selectors')?.finding;
  expect(finding?.says).not.toMatch(/is not selected/);
});
