/** Pods for tests: a Job's pod as the API server shows it, before and after Istio, with what a test changes about it. */
import type { ClusterVersions } from '../../src/decide/cluster-versions.ts';
import type { Strategy } from '../../src/pod/annotations/table.ts';
import type { Container, Pod } from '../../src/pod/schema.ts';

type Changes = {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  spec?: Partial<Pod['spec']>;
  metadata?: NonNullable<Pod['metadata']>;
};

const jobOwner = { apiVersion: 'batch/v1', kind: 'Job', controller: true };

export const app = (changes: Partial<Container> = {}): Container => ({
  name: 'app',
  image: 'registry.example.com/team/app:1',
  command: ['/app'],
  ...changes,
});

export const proxy = (changes: Partial<Container> = {}): Container => ({
  name: 'istio-proxy',
  image: 'docker.io/istio/proxyv2:1.26.4',
  args: ['proxy', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
  ...changes,
});

/** A Job's pod that Istio has not seen. */
export const jobPod = ({ labels = {}, annotations = {}, spec = {}, metadata = {} }: Changes = {}): Pod => ({
  metadata: {
    generateName: 'report-',
    labels: { 'batch.kubernetes.io/job-name': 'report', ...labels },
    annotations,
    ownerReferences: [jobOwner],
    ...metadata,
  },
  spec: { restartPolicy: 'Never', containers: [app()], ...spec },
});

/** A Job's pod with a classic sidecar, which Istio put last. */
export const classicPod = ({ annotations = {}, spec = {}, ...changes }: Changes = {}): Pod =>
  jobPod({
    ...changes,
    annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}', ...annotations },
    spec: { ...spec, containers: [...(spec.containers ?? [app()]), proxy()] },
  });

/** Every object and list in it refuses changes. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const child of Object.values(Object.freeze(value))) frozen(child);
  return value;
}

/** An installation whose strategy is `native` or `auto`, on a cluster with these minor versions of Kubernetes. */
export const withStrategy = (
  strategy: Strategy,
  versions: ClusterVersions = { apiServer: 35, oldestNode: 35 },
  nativeFrom = 33,
) => ({ ...settings, strategies: { strategy, nativeFrom, clusterVersions: () => versions } });

export const settings = { version: '0.0.0-test', wrapper: { image: 'busybox:1.37.0-musl' } };
