/** A cluster as its API server lists it: Jobs with their pods, and what they are judged by. */
import { classicPod, jobPod } from '../support/pods.ts';

export const now = Date.parse('2026-11-21T12:00:00Z');
export const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

type Labels = Record<string, string>;
type Pod = ReturnType<typeof jobPod>;

export const namespace = (name: string, labels: Labels = {}) => ({ metadata: { name, labels } });

export const node = (version: string) => ({
  metadata: { name: 'node' },
  status: { nodeInfo: { kubeletVersion: version } },
});

export const istiod = (tag: string, env: Labels = {}, revision = 'default') => ({
  metadata: { name: 'istiod', namespace: 'istio-system', labels: { app: 'istiod', 'istio.io/rev': revision } },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'discovery',
            image: `docker.io/istio/pilot:${tag}`,
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
          },
        ],
      },
    },
  },
});

/** @param more of its variables, without CLOCKOUT_ */
export const clockoutServer = (strategy: string, more: Record<string, string> = {}) => ({
  metadata: { name: 'clockout', namespace: 'clockout', labels: { 'app.kubernetes.io/name': 'clockout' } },
  spec: {
    template: {
      spec: {
        containers: [
          {
            env: Object.entries({ STRATEGY: strategy, ...more }).map(([name, value]) => ({
              name: `CLOCKOUT_${name}`,
              value,
            })),
          },
        ],
      },
    },
  },
});

const forPods = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];

/** As Istio's chart has it, of the webhooks for the label of the namespace and for that of the pod. */
export const istioWebhooks = (revision = 'default') => ({
  metadata: { name: 'istio-sidecar-injector', labels: { app: 'sidecar-injector', 'istio.io/rev': revision } },
  webhooks: [
    {
      name: 'namespace.sidecar-injector.istio.io',
      rules: forPods,
      namespaceSelector: { matchExpressions: [{ key: 'istio-injection', operator: 'In', values: ['enabled'] }] },
      objectSelector: { matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }] },
    },
    {
      name: 'object.sidecar-injector.istio.io',
      rules: forPods,
      namespaceSelector: { matchExpressions: [{ key: 'istio-injection', operator: 'DoesNotExist' }] },
      objectSelector: { matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'In', values: ['true'] }] },
    },
  ],
});

export const clockoutWebhooks = (mode: 'opt-in' | 'cluster' = 'opt-in') => ({
  metadata: { name: 'zz-clockout' },
  webhooks: [
    {
      name: 'namespace.clockout.dev',
      rules: forPods,
      clientConfig: { service: { namespace: 'clockout', name: 'clockout', path: '/mutate' } },
      namespaceSelector: {
        matchExpressions: [
          mode === 'opt-in'
            ? { key: 'clockout.dev/inject', operator: 'In', values: ['enabled'] }
            : { key: 'clockout.dev/inject', operator: 'NotIn', values: ['disabled'] },
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] },
        ],
      },
      objectSelector: {
        matchExpressions: [{ key: 'clockout.dev/inject', operator: 'NotIn', values: ['true', 'false'] }],
      },
    },
    {
      name: 'job.clockout.dev',
      rules: forPods,
      clientConfig: { service: { namespace: 'clockout', name: 'clockout', path: '/mutate' } },
      objectSelector: { matchLabels: { 'clockout.dev/inject': 'true' } },
    },
  ],
});

type JobFields = { labels?: Labels; spec?: object; status?: object; cronJob?: string; template?: Pod };

export const job = (
  in_: string,
  name: string,
  { labels = {}, spec = {}, status = {}, cronJob, template = jobPod() }: JobFields = {},
) => ({
  metadata: {
    name,
    namespace: in_,
    labels,
    creationTimestamp: ago(7200),
    ...(cronJob && { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob, controller: true }] }),
  },
  spec: { ...spec, template: asTemplate(template) },
  status: { active: 1, startTime: ago(7200), ...status },
});

export const finished = { active: 0, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: ago(60) }] };

export const cronJob = (in_: string, name: string, template: Pod = jobPod(), schedule = '0 2 * * *') => ({
  metadata: { name, namespace: in_, creationTimestamp: ago(72_000) },
  spec: { schedule, jobTemplate: { spec: { template: asTemplate(template) } } },
  status: {},
});

export const suspend = (of: ReturnType<typeof cronJob>) => ({ ...of, spec: { ...of.spec, suspend: true } });

const asTemplate = ({ metadata, spec }: Pod) => ({
  metadata: { labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {} },
  spec,
});

/** With what the API server and the kubelet add. */
export const live = (in_: string, of: string, pod: Pod, statuses: object[], phase = 'Running') => ({
  ...pod,
  metadata: {
    ...pod.metadata,
    name: `${of}-x7k2p`,
    namespace: in_,
    uid: `uid-of-${of}`,
    creationTimestamp: ago(7000),
    labels: { ...pod.metadata?.labels, 'batch.kubernetes.io/job-name': of },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: of, controller: true }],
  },
  status: { phase, containerStatuses: statuses },
});

export const running = (name: string) => ({ name, state: { running: { startedAt: ago(7000) } } });
export const exited = (name: string, exitCode: number, seconds = 3600) => ({
  name,
  state: { terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', finishedAt: ago(seconds) } },
});
export const waiting = (name: string, reason: string) => ({ name, state: { waiting: { reason } } });

/** A classic pod whose proxy requests what Istio's does by default. */
export const withRequests = (pod: Pod = classicPod()): Pod => ({
  ...pod,
  spec: {
    ...pod.spec,
    containers: pod.spec.containers.map((each) =>
      each.name === 'istio-proxy' ? { ...each, resources: { requests: { cpu: '100m', memory: '128Mi' } } } : each,
    ),
  },
});
