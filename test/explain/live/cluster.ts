/** A stand-in for a cluster with Istio: some Jobs with their pods, and rights that can be taken away. */
import type { ServerResponse } from 'node:http';
import { type ApiServer, refusal, sendJson, startApiServer } from '../../kubernetes/api-server.ts';
import installations from '../../mesh/testdata/istio-configurations.json' with { type: 'json' };
import { app, classicPod, jobPod } from '../../support/pods.ts';

export type FakeCluster = {
  objects: readonly object[];
  /** `verb resource`, as in `list nodes`. */
  forbidden?: readonly string[];
};

type KubeObject = { kind: string; metadata: { name: string; namespace?: string; labels?: Record<string, string> } };

const resources: Record<string, string> = {
  pods: 'Pod',
  jobs: 'Job',
  cronjobs: 'CronJob',
  namespaces: 'Namespace',
  nodes: 'Node',
  deployments: 'Deployment',
  mutatingwebhookconfigurations: 'MutatingWebhookConfiguration',
};

export function startCluster({ objects, forbidden = [] }: FakeCluster): Promise<ApiServer> {
  return startApiServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const [, namespace, resource = '', name] =
      /^\/(?:api|apis\/[^/]+)\/v1(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const verb = name === undefined ? 'list' : 'get';
    if (forbidden.includes(`${verb} ${resource}`)) return sendJson(response, 403, refusal(403, `no ${verb}`));
    const found = (objects as KubeObject[]).filter(
      ({ kind, metadata }) =>
        kind === resources[resource] && (namespace === undefined || metadata.namespace === namespace),
    );
    if (name === undefined) return sendList(response, found, url.searchParams.get('labelSelector') ?? '');
    const one = found.find(({ metadata }) => metadata.name === name);
    return one ? sendJson(response, 200, one) : sendJson(response, 404, refusal(404, `no ${name}`));
  });
}

const sendList = (response: ServerResponse, found: readonly KubeObject[], selector: string) =>
  sendJson(response, 200, {
    metadata: { resourceVersion: '1' },
    items: found
      .filter(({ metadata }) =>
        selector
          .split(',')
          .filter(Boolean)
          .every((part) => `${metadata.labels?.[part.split('=')[0] ?? '']}` === part.split('=')[1]),
      )
      // As the API server lists them.
      .map(({ kind: _, ...item }) => item),
  });

export const namespace = (name: string, labels: Record<string, string> = {}, annotations: object = {}) => ({
  kind: 'Namespace',
  metadata: { name, labels, annotations },
});

/** The Deployment of Clockout, with settings as its variables. */
export const server = (env: Record<string, string>) => ({
  kind: 'Deployment',
  metadata: { name: 'clockout', namespace: 'clockout', labels: { 'app.kubernetes.io/name': 'clockout' } },
  spec: {
    template: { spec: { containers: [{ env: Object.entries(env).map(([name, value]) => ({ name, value })) }] } },
  },
});

export const job = (
  name: string,
  template: { metadata?: object; spec?: object } = {},
  status: object = { active: 1 },
) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, labels: { app: name } },
  spec: {
    selector: { matchLabels: { 'job-name': name } },
    template: {
      metadata: template.metadata ?? {},
      spec: { restartPolicy: 'Never', containers: [app()], ...template.spec },
    },
  },
  status,
});

const state = (name: string, ended: boolean) => ({
  name,
  state: ended
    ? { terminated: { exitCode: 0, finishedAt: '2026-11-21T11:48:00Z' } }
    : { running: { startedAt: '2026-11-21T11:40:00Z' } },
});

/** A pod of a Job, whose app has ended or not. */
export function podOf(
  jobName: string,
  {
    sidecar = 'classic',
    ended = true,
    annotations = {},
    labels = {},
  }: {
    sidecar?: 'classic' | 'none';
    ended?: boolean;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  } = {},
) {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: jobName, uid: `uid-${jobName}`, controller: true };
  const name = `${jobName}-x7k2p`;
  const metadata = {
    name,
    namespace: 'shop',
    uid: `uid-${name}`,
    creationTimestamp: '2026-11-21T11:40:00Z',
    ownerReferences: [owner],
  };
  const make = sidecar === 'classic' ? classicPod : jobPod;
  const pod = make({ annotations });
  const containerStatuses = [state('app', ended), ...(sidecar === 'classic' ? [state('istio-proxy', false)] : [])];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...pod,
    metadata: { ...pod.metadata, ...metadata, labels: { 'job-name': jobName, app: jobName, ...labels } },
    status: { phase: 'Running', containerStatuses },
  };
}

export const istio = installations.default.map((configuration) => ({
  ...configuration,
  kind: 'MutatingWebhookConfiguration',
}));

export const istiod = (env: object[] = []) => ({
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'istio-system', labels: { app: 'istiod', 'istio.io/rev': 'default' } },
  spec: { template: { spec: { containers: [{ name: 'discovery', image: 'istio/pilot:1.29.0', env }] } } },
});

export const node = (name: string, kubeletVersion: string) => ({
  kind: 'Node',
  metadata: { name },
  status: { nodeInfo: { kubeletVersion } },
});

const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };

export const configuration = (name: string, ...webhooks: object[]) => ({
  kind: 'MutatingWebhookConfiguration',
  metadata: { name, creationTimestamp: '2026-11-20T00:00:00Z' },
  webhooks: webhooks.map((webhook) => ({ rules: [rule], ...webhook })),
});

/** In short what the chart installs. */
export const clockout = configuration('zz-clockout', {
  name: 'namespace.clockout.dev',
  clientConfig: { service: { namespace: 'clockout', name: 'clockout' } },
  reinvocationPolicy: 'IfNeeded',
  namespaceSelector: { matchExpressions: [{ key: 'clockout.dev/inject', operator: 'In', values: ['enabled'] }] },
  objectSelector: { matchExpressions: [{ key: 'clockout.dev/inject', operator: 'NotIn', values: ['true', 'false'] }] },
  matchConditions: [{ name: 'belongs-to-a-job', expression: 'true' }],
});

/** The webhook for observed namespaces, in the mode `observe`. */
export const observing = configuration('zz-clockout', {
  name: 'observe.clockout.dev',
  clientConfig: { service: { namespace: 'clockout', name: 'clockout', path: '/mutate/observe' } },
  namespaceSelector: {
    matchExpressions: [{ key: 'clockout.dev/inject', operator: 'NotIn', values: ['enabled', 'disabled'] }],
  },
  objectSelector: { matchExpressions: [{ key: 'clockout.dev/inject', operator: 'NotIn', values: ['true', 'false'] }] },
  matchConditions: [{ name: 'belongs-to-a-job', expression: 'true' }],
});
