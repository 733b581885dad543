/** The content of the golden manifests: permissions, settings, certificates, network policies, alerts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/parse.ts';
import { unwrappable } from '../../../src/decide/reasons.ts';
import { readOwnSettings } from '../../../src/mesh/own-settings.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { askingWebhooksOf, hooks, installed, type Manifest, only, valuesFiles, webhooksOf } from './manifests.ts';

const root = join(import.meta.dirname, '../../..');
const modeOf: Record<string, string> = { 'cert-manager': 'certManager', issuer: 'certManager', existing: 'existing' };
const withoutSecrets = valuesFiles.filter((name) => !/^(registry.*|native|observe|alerts)$/.test(name));
const ending = valuesFiles.filter((name) => name.startsWith('end-hanging') || name === 'names');
const sharedCa = withoutSecrets.filter((name) => modeOf[name] === undefined && !ending.includes(name));
const provided = withoutSecrets.filter((name) => modeOf[name] !== undefined);

type Rule = { alert: string; expr: string; labels: Record<string, string>; annotations: Record<string, string> };

const container = (name: string) => only(installed(name), 'Deployment').spec.template.spec.containers[0];
const env = (name: string): Record<string, string> =>
  Object.fromEntries(container(name).env.map((each: { name: string; value: string }) => [each.name, each.value]));

/** Permissions of all roles of a kind, as `verb resource/name`. */
const rights = (name: string, kind: string): string[] =>
  installed(name)
    .filter((manifest) => manifest.kind === kind)
    .flatMap(({ rules }) => listRights(rules))
    .sort();

const listRights = (rules: Record<string, string[]>[]): string[] =>
  rules
    .flatMap(({ verbs = [], resources = [], resourceNames = ['*'] }) =>
      verbs.flatMap((verb) => resources.map((resource) => `${verb} ${resource}/${resourceNames}`)),
    )
    .sort();

describe.each(valuesFiles)('values %s', (name) => {
  it('set environment variables that the server accepts', () => {
    const settings = Object.fromEntries(Object.entries(env(name)).filter(([key]) => key.startsWith('CLOCKOUT_')));
    expect(parseConfig(settings)).toMatchObject({ ok: true });
  });

  // Server-side apply refuses two of one name.
  it('set each environment variable once', () => {
    const names = container(name).env.map((each: { name: string }) => each.name);
    expect(new Set(names).size).toBe(names.length);
  });

  // The API server refuses two with the same answer to what happens if a pod fits nowhere.
  it('spread the replicas over each kind of place by one constraint', () => {
    const { topologySpreadConstraints = [] } = only(installed(name), 'Deployment').spec.template.spec;
    const places = topologySpreadConstraints.map((each: { topologyKey: string }) => each.topologyKey);
    expect(new Set(places).size).toBe(places.length);
  });

  it('mount each Secret and ConfigMap at a path that names it, so that a message about a file does', () => {
    const { volumes = [] } = only(installed(name), 'Deployment').spec.template.spec;
    const own = /^(tls|client-ca|registry-credentials|registry-ca)$/;
    for (const { name: volume, secret, configMap } of volumes) {
      if (!own.test(volume)) continue;
      const [{ mountPath }] = container(name).volumeMounts.filter((mount: { name: string }) => mount.name === volume);
      expect(mountPath).toBe(`/${volume}/${secret?.secretName ?? configMap.name}`);
      expect(Object.values(env(name)).some((value) => `${value}`.startsWith(`${mountPath}/`))).toBe(true);
    }
  });

  it('open the ports that the server listens on, and probe the metrics port', () => {
    const ports = Object.fromEntries(
      container(name).ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
    );
    const { CLOCKOUT_LISTEN_PORT: webhook, CLOCKOUT_METRICS_LISTEN_PORT: metrics } = env(name);
    expect(ports).toEqual({ webhook: Number(webhook), metrics: Number(metrics) });
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect(container(name)[probe].httpGet.port).toBe('metrics');
    }
  });

  it('meet the Pod Security level restricted', () => {
    const { securityContext } = only(installed(name), 'Deployment').spec.template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container(name).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('give a pod enough time to drain, to answer and to close connections', () => {
    const { terminationGracePeriodSeconds } = only(installed(name), 'Deployment').spec.template.spec;
    const [webhook] = webhooksOf(name).webhooks;
    const drain = Number(env(name).CLOCKOUT_DRAIN_SECONDS);
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(drain + webhook.timeoutSeconds + 10);
  });

  it('select the pods of the Deployment, and not that of helm test', () => {
    const deployment = only(installed(name), 'Deployment');
    const labels = deployment.spec.template.metadata.labels;
    const selectors = [deployment.spec.selector.matchLabels, only(installed(name), 'Service').spec.selector];
    for (const selector of selectors) expect(labels).toMatchObject(selector);
    // The pod of `helm test` has the label `clockout-test`.
    expect(selectors[1]['app.kubernetes.io/name']).not.toContain('test');
  });
});

describe.each(sharedCa)('certs.mode self, values %s', (name) => {
  const secret = () => env(name).CLOCKOUT_TLS_CA_SECRET?.split('/') ?? [];

  it('permits only the Secret of the CA and the webhook configuration', () => {
    const configuration = webhooksOf(name).metadata.name;
    expect(env(name).CLOCKOUT_WEBHOOK_CONFIGURATION).toBe(configuration);
    const asking = name === 'ask-istio' ? askingWebhooksOf(name).metadata.name : undefined;
    expect(env(name).CLOCKOUT_ASK_ISTIO_CONFIGURATION).toBe(asking);
    const names = [configuration, ...(asking === undefined ? [] : [asking])];
    const own = ['get', 'update', 'watch'].map((verb) => `${verb} secrets/${secret()[1]}`);
    expect(rights(name, 'Role')).toEqual(['create secrets/*', ...own]);
    const onConfiguration = ['get', 'patch', 'watch'].map((verb) => `${verb} mutatingwebhookconfigurations/${names}`);
    expect(rights(name, 'ClusterRole')).toEqual(onConfiguration);
  });

  it('binds these permissions to the service account of the pods', () => {
    const { serviceAccountName, automountServiceAccountToken } = only(installed(name), 'Deployment').spec.template.spec;
    expect(automountServiceAccountToken).toBe(true);
    const subject = { kind: 'ServiceAccount', name: serviceAccountName, namespace: 'mesh-jobs' };
    for (const [kind, role] of [
      ['RoleBinding', 'Role'],
      ['ClusterRoleBinding', 'ClusterRole'],
    ] as const) {
      const binding = only(installed(name), kind);
      expect(binding.subjects).toEqual([subject]);
      expect(binding.roleRef.name).toBe(only(installed(name), role).metadata.name);
    }
    expect(secret()[0]).toBe('mesh-jobs');
    expect(only(installed(name), 'Role').metadata.namespace).toBe('mesh-jobs');
  });

  it('renders no caBundle, and requests a certificate for the Service', () => {
    for (const { clientConfig } of webhooksOf(name).webhooks) {
      expect(clientConfig).not.toHaveProperty('caBundle');
      expect(env(name).CLOCKOUT_TLS_HOSTS?.split(',')).toContain(`${clientConfig.service.name}.mesh-jobs.svc`);
    }
  });
});

describe.each(provided)('certs.mode certManager or existing, values %s', (name) => {
  it('gives the pods no permissions and no token', () => {
    expect([...rights(name, 'Role'), ...rights(name, 'ClusterRole')]).toEqual([]);
    expect(only(installed(name), 'Deployment').spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  it('mounts the Secret of the certificate where the server reads it', () => {
    const { volumes } = only(installed(name), 'Deployment').spec.template.spec;
    expect(env(name)).toMatchObject({
      CLOCKOUT_TLS_CERT_FILE: `${container(name).volumeMounts[0].mountPath}/tls.crt`,
      CLOCKOUT_TLS_KEY_FILE: `${container(name).volumeMounts[0].mountPath}/tls.key`,
    });
    for (const { clientConfig } of webhooksOf(name).webhooks) {
      expect(env(name).CLOCKOUT_TLS_HOSTS).toBe(`${clientConfig.service.name}.mesh-jobs.svc`);
    }
    const certificate = installed(name).find(
      ({ kind, metadata }) => kind === 'Certificate' && metadata.name === 'clockout',
    );
    expect(volumes[0].secret.secretName).toBe(certificate?.spec.secretName ?? 'webhook-tls');
  });
});

describe.each(ending.filter((name) => name !== 'names'))('endHanging, values %s', (name) => {
  const own = installed(name).filter(({ metadata }) => metadata.name.endsWith('end-hanging'));
  const template = only(own, 'CronJob').spec.jobTemplate.spec.template;

  it('runs a pod that is out of the mesh, and that no selector finds', () => {
    expect(template.metadata.labels).toMatchObject({
      'sidecar.istio.io/inject': 'false',
      'istio.io/dataplane-mode': 'none',
      'clockout.dev/inject': 'false',
    });
    const selectors = [
      only(installed(name), 'Deployment').spec.selector.matchLabels,
      only(installed(name), 'Service').spec.selector,
      only(installed(name), 'PodDisruptionBudget').spec.selector.matchLabels,
    ];
    for (const selector of selectors) expect(template.metadata.labels).not.toMatchObject(selector);
  });

  it('meets the Pod Security level restricted', () => {
    const { securityContext, containers } = template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0].securityContext).toEqual(container(name).securityContext);
  });

  it('has only the rights that it needs, for a service account of its own', () => {
    const needed = [
      'create pods/portforward/*',
      'get jobs/*',
      'get namespaces/*',
      'get pods/*',
      'get pods/portforward/*',
      ...(name === 'end-hanging' ? ['list namespaces/*'] : []),
      'list pods/*',
    ];
    const places = name === 'end-hanging' ? [undefined] : ['shop', 'reports'];
    const found = own.filter(({ kind }) => kind.endsWith('Role'));
    expect(found.map(({ metadata }) => metadata.namespace)).toEqual(places);
    for (const { rules } of found) expect(listRights(rules)).toEqual(needed);
    const account = { kind: 'ServiceAccount', name: template.spec.serviceAccountName, namespace: 'mesh-jobs' };
    for (const binding of own.filter(({ kind }) => kind.endsWith('RoleBinding'))) {
      expect(binding.subjects).toEqual([account]);
      expect(binding.roleRef).toMatchObject({ kind: found[0]?.kind, name: found[0]?.metadata.name });
    }
    expect(account.name).toBe(only(own, 'ServiceAccount').metadata.name);
    expect(account.name).not.toBe(only(installed(name), 'Deployment').spec.template.spec.serviceAccountName);
  });

  it('calls the command with options that it has', () => {
    expect(template.spec.containers[0].args).toEqual(
      name === 'end-hanging'
        ? [
            'end',
            '--hanging',
            '--yes',
            '--all-namespaces',
            '--namespace-selector=kubernetes.io/metadata.name notin (kube-system,kube-public,kube-node-lease,mesh-jobs),team in (a,b),!legacy',
            '--max=20',
          ]
        : [
            'end',
            '--hanging',
            '--yes',
            '--namespace=shop,reports',
            '--opted-in',
            '--max=100',
            '--namespace-defaults',
            'on',
            '--allowed-annotations=quit',
          ],
    );
  });

  it('uses the settings of the webhook', () => {
    const { args, env: variables } = template.spec.containers[0];
    const own = Object.fromEntries(variables.map((each: { name: string; value: string }) => [each.name, each.value]));
    const ofServer = readOwnSettings(only(installed(name), 'Deployment'));
    const words = { spec: { template: { spec: { containers: [{ args, env: variables }] } } } };
    expect(readOwnSettings(words)).toMatchObject({
      allowed: ofServer.allowed,
      defaults: ofServer.defaults,
      hasNamespaceDefaults: ofServer.hasNamespaceDefaults,
    });
    expect(parseConfig(own)).toMatchObject({ ok: true });
    expect(Object.keys(own)).not.toContain('HTTPS_PROXY');
  });
});

it('every object has the label by which an installation is found, whatever its names and labels are', () => {
  for (const { metadata } of installed('names')) expect(metadata.labels['app.kubernetes.io/part-of']).toBe('clockout');
});

it.each(valuesFiles.filter((name) => !ending.includes(name)))('the values %s permit no connections to pods', (name) =>
  expect([...rights(name, 'Role'), ...rights(name, 'ClusterRole')].filter((right) => right.includes('pods/'))).toEqual(
    name === 'alerts' ? ['list pods/*'] : [],
  ),
);

it('a variable of the value env takes precedence over the own of the chart', () => {
  expect(env('end-hanging-namespaces').CLOCKOUT_METRICS_NAMESPACES).toBe('5');
});

describe('namespaceDefaults and events', () => {
  const all = (name: string) => [...rights(name, 'Role'), ...rights(name, 'ClusterRole')];
  it('have one right each, and only if they are on', () => {
    const own = ['create events/*', 'list namespaces/*', 'watch namespaces/*'];
    expect(all('observe').filter((right) => own.includes(right))).toEqual(own);
    for (const name of ['default', 'everything', 'cert-manager'])
      expect(all(name).filter((right) => own.includes(right))).toEqual([]);
  });

  it('pass the defaults on as the server reads them', () => {
    const parsed = parseConfig({ CLOCKOUT_DEFAULTS: env('observe').CLOCKOUT_DEFAULTS });
    expect(parsed).toMatchObject({ ok: true, value: { defaults: { 'wait-timeout': '5m', guard: true } } });
    expect(env('default')).not.toHaveProperty(['CLOCKOUT_DEFAULTS']);
  });
});

describe('strategy auto', () => {
  it('gives the pods a token, and the right to list nodes and nothing else', () => {
    expect([...rights('native', 'Role'), ...rights('native', 'ClusterRole')]).toEqual(['list nodes/*']);
    const { serviceAccountName, automountServiceAccountToken } = only(installed('native'), 'Deployment').spec.template
      .spec;
    expect(automountServiceAccountToken).toBe(true);
    const binding = only(installed('native'), 'ClusterRoleBinding');
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: serviceAccountName, namespace: 'mesh-jobs' }]);
    expect(binding.roleRef.name).toBe(only(installed('native'), 'ClusterRole').metadata.name);
  });

  it('says which nodes count, and which version is new enough', () => {
    expect(env('native')).toMatchObject({
      CLOCKOUT_STRATEGY: 'auto',
      CLOCKOUT_NATIVE_FROM: '34',
      CLOCKOUT_NATIVE_NODES: 'kubernetes.io/os!=windows,type!=virtual-kubelet',
    });
    expect(env('default')).toMatchObject({ CLOCKOUT_STRATEGY: 'wrap', CLOCKOUT_NATIVE_FROM: '33' });
    expect(env('default')).not.toHaveProperty('CLOCKOUT_NATIVE_NODES');
  });

  it('lets the pods reach the API server', () => {
    const { egress } = only(installed('native'), 'NetworkPolicy').spec;
    expect(egress).toContainEqual({ ports: [{ port: 443 }, { port: 6443 }] });
  });

  it.each(valuesFiles.filter((name) => name !== 'native'))(
    'is not needed by the values %s: no right to nodes',
    (name) => expect(rights(name, 'ClusterRole').filter((right) => right.includes('nodes'))).toEqual([]),
  );
});

describe('sweep.minutes', () => {
  it('gives the pods a token, the right to list pods, and the setting', () => {
    const own = rights('default', 'ClusterRole');
    expect(rights('alerts', 'ClusterRole')).toEqual([...own, 'list pods/*'].sort());
    expect(only(installed('alerts'), 'Deployment').spec.template.spec.automountServiceAccountToken).toBe(true);
    expect(env('alerts')).toMatchObject({ CLOCKOUT_SWEEP_MINUTES: '5' });
    const role = installed('alerts').find(
      ({ kind, metadata }) => kind === 'ClusterRole' && /sweep$/.test(metadata.name),
    );
    const binding = installed('alerts').find(({ roleRef }) => roleRef?.name === role?.metadata.name);
    const { serviceAccountName } = only(installed('alerts'), 'Deployment').spec.template.spec;
    expect(binding?.subjects).toEqual([{ kind: 'ServiceAccount', name: serviceAccountName, namespace: 'mesh-jobs' }]);
  });

  it.each(valuesFiles.filter((name) => name !== 'alerts' && !ending.includes(name)))(
    'is off with the values %s: no right to pods',
    (name) => {
      expect(rights(name, 'ClusterRole').filter((right) => right.includes('pods'))).toEqual([]);
      expect(env(name)).not.toHaveProperty('CLOCKOUT_SWEEP_MINUTES');
    },
  );
});

describe('registry lookups', () => {
  const policyOf = (name: string) => only(installed(name), 'NetworkPolicy').spec;
  const openPorts = (name: string): number[] =>
    policyOf(name).egress.flatMap(({ to, ports }: { to?: object; ports: { port: number }[] }) =>
      to ? [] : ports.map(({ port }) => port),
    );
  const spec = (name: string) => only(installed(name), 'Deployment').spec.template.spec;
  /** Over UDP and TCP: the port of the DNS Service, and that of OpenShift's DNS pods. */
  const dns = [53, 53, 5353, 5353];

  it('need no permissions without registry.pullSecrets and registry.warmUp', () => {
    expect(env('cert-manager')).toMatchObject({
      CLOCKOUT_REGISTRY_LOOKUP: 'on',
      CLOCKOUT_REGISTRY_PULL_SECRETS: 'off',
      CLOCKOUT_REGISTRY_WARM_UP: 'off',
    });
    expect([...rights('cert-manager', 'Role'), ...rights('cert-manager', 'ClusterRole')]).toEqual([]);
  });

  it('with pullSecrets and warmUp: get Secrets and service accounts, and watch Jobs', () => {
    const name = 'mutatingwebhookconfigurations/zz-clockout';
    expect(rights('registry', 'ClusterRole')).toEqual([
      `get ${name}`,
      'get secrets/*',
      'get serviceaccounts/*',
      'list cronjobs/*',
      'list jobs/*',
      'list namespaces/*',
      `patch ${name}`,
      'watch cronjobs/*',
      'watch jobs/*',
      `watch ${name}`,
      'watch namespaces/*',
    ]);
  });

  it('with pullSecretNamespaces: get Secrets in these namespaces only', () => {
    expect(rights('registry-namespaces', 'ClusterRole')).toEqual([]);
    expect(rights('registry-namespaces', 'Role')).toEqual(['get secrets/*', 'get secrets/*']);
    const roles = installed('registry-namespaces').filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'reports']);
  });

  it.each(['registry', 'registry-namespaces'])(
    'bind each role to the service account of the pods, values %s',
    (name) => {
      const { serviceAccountName, automountServiceAccountToken } = spec(name);
      expect(automountServiceAccountToken).toBe(true);
      const named = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
      const roles = installed(name).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
      const bindings = installed(name).filter(({ kind }) => kind.endsWith('RoleBinding'));
      const bound = bindings.map(({ metadata, roleRef }) =>
        named({ ...roleRef, metadata: { ...metadata, ...roleRef } }),
      );
      expect(bound.sort()).toEqual(roles.map(named).sort());
      const subject = { kind: 'ServiceAccount', name: serviceAccountName, namespace: 'mesh-jobs' };
      for (const { subjects } of bindings) expect(subjects).toEqual([subject]);
    },
  );

  it('mount their CA and their credentials where the server reads them', () => {
    const sources = Object.fromEntries(
      spec('registry').volumes.map((volume: { name: string; secret?: object; configMap?: object }) => [
        volume.name,
        volume.secret ?? volume.configMap,
      ]),
    );
    const mounts: { name: string; mountPath: string }[] = container('registry').volumeMounts;
    const sourceOf = (file = '') => sources[mounts.find(({ mountPath }) => file.startsWith(mountPath))?.name ?? ''];
    const { CLOCKOUT_REGISTRY_DOCKER_CONFIG: credentials, CLOCKOUT_REGISTRY_CA_FILE: ca } = env('registry');
    expect(sourceOf(credentials)).toEqual({ secretName: 'registry-login' });
    expect(credentials).toMatch(/\/\.dockerconfigjson$/);
    const configMap = installed('registry').find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('registry-ca'),
    );
    expect(sourceOf(ca)).toEqual({ name: configMap?.metadata.name });
    expect(Object.keys(configMap?.data)).toEqual([ca?.split('/').at(-1)]);
    expect(only(installed('registry'), 'Deployment').spec.template.metadata.annotations).toHaveProperty(
      ['checksum/registry-ca'],
      expect.stringMatching(/^[0-9a-f]{64}$/),
    );
  });

  it('warm up for the namespaces of the mode, and only if registry.warmUp is on', () => {
    expect(env('registry').CLOCKOUT_REGISTRY_WARM_UP).toBe('opted-in');
    expect(env('everything').CLOCKOUT_REGISTRY_WARM_UP).toBe('off');
  });

  it('pass the network policy, which allows no egress without lookups', () => {
    expect(openPorts('cert-manager')).toEqual([...dns, 443]);
    expect(openPorts('registry')).toEqual([...dns, 443, 6443, 443, 5000, 3128]);
    expect(openPorts('registry-namespaces')).toEqual([...dns, 443, 6443]);
    expect(policyOf('existing').egress).toEqual([]);
    for (const name of valuesFiles) {
      const policy = installed(name).find(({ kind }) => kind === 'NetworkPolicy');
      // In Kubernetes, a rule without ports allows all ports.
      for (const { ports, to } of policy?.spec.egress ?? []) expect(ports ?? to).not.toHaveLength(0);
    }
  });
});

describe('callers of the webhook', () => {
  const [
    {
      from: listed,
      ports: [port],
    },
  ] = only(installed('everything'), 'NetworkPolicy').spec.ingress;

  it('are the peers in networkPolicy.webhookFrom', () => {
    expect(port).toEqual({ port: 'webhook' });
    expect(listed).toEqual([
      { ipBlock: { cidr: '10.0.0.0/28' } },
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'konnectivity-agent' } },
      },
    ]);
  });

  it('need a certificate of webhook.clientCA, which is mounted where the server reads it', () => {
    const { volumes } = only(installed('registry'), 'Deployment').spec.template.spec;
    const { CLOCKOUT_CLIENT_CA_FILE: file = '', CLOCKOUT_CLIENT_NAMES: names } = env('registry');
    expect(names).toBe('kube-apiserver,system:apiserver of prod');
    const mount = container('registry').volumeMounts.find(({ mountPath }: { mountPath: string }) =>
      file.startsWith(`${mountPath}/`),
    );
    const volume = volumes.find(({ name }: { name: string }) => name === mount.name);
    const configMap = installed('registry').find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === volume.configMap.name,
    );
    expect(configMap?.data[file.slice(mount.mountPath.length + 1)]).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    for (const name of withoutSecrets) expect(env(name)).not.toHaveProperty('CLOCKOUT_CLIENT_CA_FILE');
  });

  it('are not limited by a network policy without webhookFrom', () => {
    const [rule] = only(installed('registry'), 'NetworkPolicy').spec.ingress;
    expect(rule).toEqual({ ports: [{ port: 'webhook' }] });
  });
});

describe('`helm test`', () => {
  const podNamed = (values: string, end: string) =>
    only(
      hooks(values).filter(({ metadata }) => metadata.name.endsWith(end)),
      'Pod',
    );
  const pod = podNamed('everything', '-test');

  /** What the second test creates. */
  const sampleOf = (values: string): Manifest => {
    const [{ env: variables }] = podNamed(values, '-test-wrapper-image').spec.containers;
    return JSON.parse(variables.find(({ name }: { name: string }) => name === 'SAMPLE').value);
  };

  it('runs the wrapper image as an init container would, without a token', () => {
    const { metadata, spec } = sampleOf('default');
    const [container] = spec.containers;
    expect(container.image).toBe(env('default').CLOCKOUT_WRAPPER_IMAGE);
    expect([spec.automountServiceAccountToken, spec.securityContext.runAsUser]).toEqual([false, 65532]);
    expect(container.args[0]).toContain('/clockout/busybox mkfifo');
    expect(metadata.labels).toMatchObject({ 'sidecar.istio.io/inject': 'false' });
  });

  it('pulls the wrapper image without the secrets of the release, as a Job does', () => {
    expect(pod.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(sampleOf('everything').spec.imagePullSecrets).toEqual([{ name: 'mirror' }]);
    expect(sampleOf('cluster').spec.imagePullSecrets).toBeUndefined();
  });

  it('prints its log, whether it succeeds or fails', () => {
    for (const { annotations } of [podNamed('default', '-test-wrapper-image').metadata, pod.metadata])
      expect(annotations?.['helm.sh/hook-output-log-policy']).toBe('hook-succeeded,hook-failed');
  });

  it('may create pods where it needs to, and read and delete them only in its own namespace', () => {
    const roles = hooks('default').filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata, rules }) => [metadata.namespace, listRights(rules)])).toEqual([
      ['default', ['create pods/*']],
      ['mesh-jobs', ['create pods/*', 'delete pods/*', 'get pods/*']],
    ]);
  });

  it('has a network policy that allows its pod to reach DNS and the API server', () => {
    const policy = only(hooks('everything'), 'NetworkPolicy');
    expect(pod.metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels);
    expect(only(installed('everything'), 'Deployment').spec.template.metadata.labels).not.toMatchObject(
      policy.spec.podSelector.matchLabels,
    );
    expect(policy.spec.policyTypes).toEqual(['Egress']);
    expect(policy.spec.egress).toContainEqual({ ports: [{ port: 6443 }] });
    expect(policy.spec.egress).toContainEqual({ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] });
    expect(hooks('default').filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });

  it('creates the sample pod in test.namespace, and names this value if it fails', () => {
    const [{ args, env: variables }] = pod.spec.containers;
    expect(variables).toContainEqual({ name: 'SAMPLE_NAMESPACE', value: 'sandbox' });
    const [role] = hooks('everything').filter(({ kind }) => kind === 'Role');
    expect(role?.metadata.namespace).toBe('sandbox');
    expect(args[0]).toContain('(test.namespace)');
  });
});

it.each([
  ['everything', { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }],
  ['cluster', { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }],
  ['issuer', { type: 'Recreate' }],
])('the rollout strategy is one that the API server accepts, values %s', (name, strategy) => {
  expect(only(installed(name), 'Deployment').spec.strategy).toEqual(strategy);
});

it('certs.mode certManager lets cert-manager fill in the caBundle, from a certificate for the Service', () => {
  for (const name of ['cert-manager', 'issuer']) {
    const { metadata, webhooks } = webhooksOf(name);
    expect(metadata.annotations).toEqual({ 'cert-manager.io/inject-ca-from': 'mesh-jobs/clockout' });
    for (const { clientConfig } of webhooks) expect(clientConfig).not.toHaveProperty('caBundle');
    const certificate = installed(name).find(
      (each) => each.kind === 'Certificate' && each.metadata.name === 'clockout',
    );
    expect(certificate?.spec.dnsNames).toContain('clockout.mesh-jobs.svc');
  }
  expect(installed('issuer').filter(({ kind }) => kind === 'Issuer')).toEqual([]);
});

it('each certs.mode names its webhook configuration differently', () => {
  const names = ['default', 'cert-manager', 'existing'].map((name) => webhooksOf(name));
  expect(new Set(names.map(({ metadata }) => metadata.name)).size).toBe(3);
});

it('certs.existing.caBundle becomes the caBundle of each webhook', () => {
  for (const { clientConfig } of webhooksOf('existing').webhooks) {
    expect(Buffer.from(clientConfig.caBundle, 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  }
});

it('the wrapper image and the base image are pinned by digest', () => {
  const { CLOCKOUT_WRAPPER_IMAGE: wrapper } = env('default');
  const bases = readFileSync(join(root, 'Dockerfile'), 'utf8').match(/node:\S+/g) ?? [];
  expect(bases).toHaveLength(1);
  for (const image of [wrapper, ...bases]) expect(image).toMatch(/^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
});

it('allowedAnnotations reaches the server', () => {
  expect(env('default').CLOCKOUT_ALLOWED_ANNOTATIONS).toBe('all');
  expect(env('cluster').CLOCKOUT_ALLOWED_ANNOTATIONS).toBe('entrypoint,exclude-containers');
});

it('image.digest takes precedence over the tag', () => {
  expect(container('default').image).toBe('clockout:0.1.0');
  expect(container('cluster').image).toMatch(/^registry\.example\.com\/clockout@sha256:[0-9a-f]{64}$/);
});

describe('monitoring', () => {
  const metrics = createMetrics({ version: '0', certificateExpiry: () => new Date() });
  const everything = installed('alerts');
  const rulesOf = (name: string): Rule[] => only(installed(name), 'PrometheusRule').spec.groups[0].rules;
  const rules = rulesOf('alerts');
  const dashboard = everything.find(({ kind, data }) => kind === 'ConfigMap' && data?.['clockout.json']) as Manifest;
  const { panels } = JSON.parse(dashboard.data['clockout.json']);
  const queries: string[] = [
    ...rules.map(({ expr }) => expr),
    ...panels.flatMap((panel: { targets: { expr: string }[] }) => panel.targets.map(({ expr }) => expr)),
  ];

  it('queries only metrics and labels that exist', async () => {
    const text = await metrics.read();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const asked = queries.flatMap((query) => query.match(/\b(clockout|process|nodejs)_\w+/g) ?? []);
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((name) => !known.has(name.replace(/_bucket$/, '')))).toEqual([]);
    const pairs = queries.flatMap((query) => query.match(/\b(outcome|event|reason)="[^"]+"/g) ?? []);
    expect(pairs.filter((pair) => !text.includes(pair))).toEqual([]);
  });

  it('ClockoutCannotWrap covers all reasons for which Clockout warns', () => {
    const { expr } = rules.find(({ alert }) => alert === 'ClockoutCannotWrap') ?? { expr: '' };
    const [, listed = ''] = /reason=~"([^"]+)"/.exec(expr) ?? [];
    expect(listed.split('|').sort()).toEqual([...unwrappable].sort());
  });

  it('each alert has a page in docs/runbooks, and each page an alert', () => {
    const pages = readdirSync(join(root, 'docs/runbooks')).filter((file) => file !== 'README.md');
    expect(rules.map(({ alert }) => `${alert}.md`).sort()).toEqual(pages.sort());
    const linked = rules.map(({ annotations }) => annotations.runbook_url);
    expect(linked).toEqual(rules.map(({ alert }) => `https://git.example.com/clockout/docs/runbooks/${alert}.md`));
  });

  it('an alert has no link if nobody says where the pages are published, and names its page', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const { alert, annotations } of rulesOf('issuer')) {
      expect(annotations).not.toHaveProperty('runbook_url');
      expect(annotations.runbook).toBe(`docs/runbooks/${alert}.md in the repository of Clockout v${version}`);
    }
  });

  it('each alert has a value that turns it off, and one for its severity', () => {
    const values = parse(readFileSync(join(root, 'charts/clockout/values.yaml'), 'utf8'));
    const severities = Object.entries<{ severity: string }>(values.prometheusRule.alerts);
    expect(rules.map(({ alert, labels }) => [alert, labels.severity]).sort()).toEqual(
      severities.map(([alert, { severity }]) => [alert, severity]).sort(),
    );
    const changed = rulesOf('issuer');
    expect(changed.find(({ alert }) => alert === 'ClockoutSlow')).toBeUndefined();
    expect(changed.find(({ alert }) => alert === 'ClockoutCannotWrap')?.labels).toEqual({ severity: 'warning' });
    expect(changed.map(({ alert }) => alert)).not.toContain('ClockoutHangingPods');
  });

  it('alertLabels are on each alert', () => {
    for (const { alert, labels } of rulesOf('everything'))
      if (alert !== 'Mine') expect(labels).toMatchObject({ team: 'platform', severity: expect.any(String) });
  });

  const hours = 3600;
  it.each([
    ['everything', 'a seventh of the lifetime', Math.floor(hours / 7)],
    ['issuer', 'half of renewBefore', 3.75 * hours],
    ['existing', 'two weeks', 14 * 24 * hours],
  ])('ClockoutCertificateExpires fires, values %s: %s before the end', (name, _when, seconds) => {
    const [{ rules: all }] = only(installed(name), 'PrometheusRule').spec.groups;
    const { expr } = all.find(({ alert }: { alert: string }) => alert === 'ClockoutCertificateExpires');
    expect(expr).toMatch(new RegExp(` < ${seconds}$`));
  });

  it('queries the API server by the names of the webhooks', () => {
    const [, pattern = ''] = /name=~"([^"]+)"/.exec(queries.find((query) => query.includes('fail_open')) ?? '') ?? [];
    for (const { name } of only(everything, 'MutatingWebhookConfiguration').webhooks) {
      // No pod hangs because of one that only observes.
      if (!name.startsWith('observe')) expect(name).toMatch(new RegExp(`^(${pattern})$`));
    }
  });
});

it('deploy/kustomization.yaml lists all manifests in deploy/', () => {
  const { resources } = parse(readFileSync(join(root, 'deploy', 'kustomization.yaml'), 'utf8'));
  const files = readdirSync(join(root, 'deploy')).filter(
    (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
  );
  expect([...resources].sort()).toEqual(files.sort());
});
