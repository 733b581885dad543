/** A stand-in API server with an installation of the chart in it, as its golden manifests have it: tests break it by hand. */
import { createCa, type KeyPair } from '../../src/certificates/x509.ts';
import { runChecks } from '../../src/doctor/checks.ts';
import type { Facts, ReplicaFacts } from '../../src/doctor/facts.ts';
import { type GatherOptions, gatherFacts } from '../../src/doctor/gather/gather.ts';
import { createApi } from '../../src/kubernetes/api/api.ts';
import { asClockout } from '../../src/util/called.ts';
import { ok } from '../../src/util/result.ts';
import { installed } from '../e2e/chart/manifests.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from '../kubernetes/api-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of ten kinds, in which tests change a few fields
export type Loose = any;

export type StandIn = {
  /** All objects, which tests change. */
  objects: Loose[];
  find: (kind: string, name?: string) => Loose;
  remove: (kind: string, name?: string) => void;
  /** What becomes of a pod that is created as a dry run; a text refuses it. */
  admit: (pod: Loose) => Loose | string;
  /** Whether somebody may do something: the attributes of an access review. */
  allows: (attributes: Loose) => boolean;
  /** Paths that the caller may not read. */
  forbids: (path: string) => boolean;
  /** What /version answers. */
  version: object;
  /** What replicas say, which no stand-in can. */
  changeFacts: (facts: Facts) => void;
  options: Partial<GatherOptions>;
};

export const now = Date.parse('2026-11-21T12:00:00Z');
const day = 86_400_000;

let ca: KeyPair | undefined;

/** @param golden the name of a file of values. @param change breaks what is good */
export async function examine(golden: string, change: (cluster: StandIn) => void = () => {}) {
  const { cluster, server } = await startStandIn(golden, change);
  try {
    const facts = await gatherFacts({
      api: createApi(server.config, { timeout: 5000 }),
      config: server.config,
      now,
      version: '0.1.0',
      isBefore: false,
      called: asClockout,
      namespace: undefined,
      inside: undefined,
      defaultImage: 'busybox:1',
      lookUp: async () => ok({ platforms: ['linux/amd64', 'linux/arm64/v8'] }),
      probeNodes: undefined,
      ...cluster.options,
    });
    // Nothing listens for a port-forward.
    const { installation } = facts;
    if (installation) {
      const host = `${installation.service.name}.${installation.service.namespace}.svc`;
      installation.replicas = ok([replica('clockout-1', host), replica('clockout-2', host)]);
    }
    cluster.changeFacts(facts);
    return { found: runChecks(facts), requests: server.requests };
  } finally {
    await server.close();
  }
}

/** The same as a server, for a command that finds it by a kubeconfig. */
export async function startStandIn(golden: string, change: (cluster: StandIn) => void = () => {}) {
  ca ??= await createCa({ now: new Date(now), lifetimeMilliseconds: 365 * day });
  const cluster = createStandIn(golden, ca.cert);
  change(cluster);
  return { cluster, server: await serve(cluster) };
}

// --- internal ---

const replica = (pod: string, host: string): ReplicaFacts => ({
  pod,
  certificate: ok({
    problem: undefined,
    notBefore: now - day,
    notAfter: now + 6 * day,
    names: ['clockout', host],
  }),
  readiness: ok({ isReady: true, says: 'ok' }),
  version: ok('0.1.0'),
});

function createStandIn(golden: string, caCert: string): StandIn {
  const objects: Loose[] = [...structuredClone(installed(golden)), ...surroundings()];
  const find = (kind: string, name?: string) =>
    objects.find((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  const release = objects.filter(({ kind, metadata }) => kind === 'MutatingWebhookConfiguration' && metadata.labels);
  const labels = release.flatMap(({ webhooks }) => webhooks.flatMap(listWanted));
  Object.assign(find('Namespace', 'shop').metadata.labels, Object.fromEntries(labels));
  for (const { webhooks } of release) {
    for (const { clientConfig } of webhooks) clientConfig.caBundle = Buffer.from(caCert).toString('base64');
  }
  const deployment = find('Deployment');
  const [container] = deployment.spec.template.spec.containers;
  // Left out where a HorizontalPodAutoscaler sets it.
  deployment.spec.replicas ??= 2;
  deployment.status = { readyReplicas: deployment.spec.replicas };
  for (const name of ['clockout-1', 'clockout-2']) {
    objects.push({
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'mesh-jobs',
        labels: { ...deployment.spec.template.metadata.labels, 'pod-template-hash': 'a' },
      },
      spec: { containers: [container], hostNetwork: deployment.spec.template.spec.hostNetwork },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
  const issuerRef = find('Certificate', 'clockout')?.spec.issuerRef;
  if (issuerRef && !find(issuerRef.kind, issuerRef.name))
    objects.push({ kind: issuerRef.kind, metadata: { name: issuerRef.name, namespace: 'mesh-jobs' } });
  for (const each of objects.filter(({ kind }) => ['Certificate', 'Issuer', 'ClusterIssuer'].includes(kind)))
    each.status = { conditions: [{ type: 'Ready', status: 'True', message: 'up to date' }] };
  const service = find('Service');
  objects.push(slice(service.metadata.name, 'mesh-jobs', ['10.0.1.1', '10.0.1.2'], container.ports[0].containerPort));
  return {
    objects,
    find,
    remove: (kind, name) => objects.splice(objects.indexOf(find(kind, name)), 1),
    admit,
    allows: () => true,
    version: { gitVersion: 'v1.34.1' },
    forbids: () => false,
    changeFacts: () => {},
    options: {},
  };
}

/** Labels that a selector asks of a namespace, other than Clockout's. */
const listWanted = ({ namespaceSelector }: Loose): [string, string][] =>
  (namespaceSelector?.matchExpressions ?? [])
    .filter(({ key, operator }: Loose) => ['In', 'Exists'].includes(operator) && !key.startsWith('clockout.dev/'))
    .map(({ key, values = ['any'] }: Loose) => [key, values[0]]);

const slice = (service: string, namespace: string, addresses: string[], port: number) => ({
  kind: 'EndpointSlice',
  metadata: { name: `${service}-abc`, namespace, labels: { 'kubernetes.io/service-name': service } },
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  ports: [{ port }],
});

const namespace = (name: string, labels: Record<string, string> = {}) => ({
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
});

const surroundings = (): Loose[] => [
  namespace('default'),
  namespace('kube-system'),
  namespace('mesh-jobs'),
  namespace('shop', { 'clockout.dev/inject': 'enabled', 'istio-injection': 'enabled' }),
  slice('kubernetes', 'default', ['10.0.0.1'], 6443),
  {
    kind: 'Node',
    metadata: { name: 'worker-1' },
    status: {
      nodeInfo: { kubeletVersion: 'v1.34.2', operatingSystem: 'linux', architecture: 'arm64' },
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '10.0.0.7' }],
      images: [],
    },
  },
  {
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector' },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig: { service: { namespace: 'istio-system', name: 'istiod' } },
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      },
    ],
  },
];

/** As a good cluster does: Clockout wraps what has a proxy, and Istio injects one where nothing says otherwise. */
export function admit(pod: Loose): Loose {
  const admitted = structuredClone(pod);
  const { labels } = admitted.metadata;
  const [app] = admitted.spec.containers;
  if (labels['sidecar.istio.io/inject'] !== 'false') admitted.spec.containers.push({ name: 'istio-proxy' });
  else if (admitted.spec.containers.length > 1) {
    admitted.spec.initContainers = [{ name: 'clockout-init' }];
    app.command = ['/clockout/busybox', 'sh', '/clockout/run'];
    admitted.metadata.annotations['clockout.dev/status'] = '{}';
  }
  return admitted;
}

const kinds: Record<string, string> = {
  certificates: 'Certificate',
  clusterissuers: 'ClusterIssuer',
  deployments: 'Deployment',
  issuers: 'Issuer',
  endpointslices: 'EndpointSlice',
  mutatingwebhookconfigurations: 'MutatingWebhookConfiguration',
  namespaces: 'Namespace',
  networkpolicies: 'NetworkPolicy',
  nodes: 'Node',
  poddisruptionbudgets: 'PodDisruptionBudget',
  pods: 'Pod',
  services: 'Service',
};

const serve = (cluster: StandIn): Promise<ApiServer> =>
  startApiServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const [status, body] = request.method === 'POST' ? create(cluster, JSON.parse(request.text)) : read(cluster, url);
    sendJson(response, status, body);
  });

type Answer = [status: number, body: object];

function read(cluster: StandIn, { pathname, searchParams }: URL): Answer {
  if (cluster.forbids(pathname)) return [403, refusal(403, 'User "jane" cannot do that')];
  if (pathname === '/version') return [200, cluster.version];
  const [, namespace, resource = '', name] =
    /^\/apis?\/(?:[^/]+\/)?v1\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?$/.exec(pathname) ?? [];
  const items = cluster.objects.filter(
    (each) => each.kind === kinds[resource] && (namespace === undefined || each.metadata.namespace === namespace),
  );
  if (name === undefined) return [200, { metadata: {}, items: items.filter(selectedBy(searchParams)) }];
  const found = items.find(({ metadata }) => metadata.name === name);
  return found ? [200, found] : [404, refusal(404, `${name} not found`)];
}

function create(cluster: StandIn, body: Loose): Answer {
  const attributes = body.spec?.resourceAttributes;
  if (attributes !== undefined) return [201, { status: { allowed: cluster.allows(attributes) } }];
  const admitted = cluster.admit(body);
  return typeof admitted === 'string' ? [500, refusal(500, admitted)] : [201, admitted];
}

const selectedBy = (query: URLSearchParams) => (object: Loose) => {
  const labels = (query.get('labelSelector') ?? '').split(',').filter((each) => each !== '');
  const [, phase] = query.get('fieldSelector')?.split('status.phase=') ?? [];
  return (
    labels.every((label) => object.metadata.labels?.[label.split('=')[0] ?? ''] === label.split('=')[1]) &&
    (phase === undefined || object.status?.phase === phase)
  );
};
