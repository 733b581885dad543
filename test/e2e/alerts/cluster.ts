/** A stand-in for the API server, with what Clockout and kube-state-metrics read of it: a version, pods and a Deployment. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Cluster = { kubeconfig: string; close: () => Promise<void> };

const started = new Date(Date.now() - 3_600_000).toISOString();

/** Of a Job, as it hangs: its app has exited, and its classic sidecar runs. */
const hangingPod = (namespace: string, job: string) => {
  const name = `${job}-abcde`;
  const status = (container: string, state: object) => ({
    name: container,
    ready: false,
    restartCount: 0,
    image: container,
    imageID: '',
    state,
  });
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-of-${namespace}-${name}`,
      creationTimestamp: started,
      labels: { 'job-name': job, 'batch.kubernetes.io/job-name': job },
      annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: job, uid: `uid-of-${job}`, controller: true }],
    },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'app', image: 'app' },
        { name: 'istio-proxy', image: 'proxyv2', args: ['proxy', 'sidecar'] },
      ],
    },
    status: {
      phase: 'Running',
      containerStatuses: [
        status('app', { terminated: { exitCode: 0, reason: 'Completed', startedAt: started, finishedAt: started } }),
        status('istio-proxy', { running: { startedAt: started } }),
      ],
    },
  };
};

/** In two namespaces, three pods. */
const hangingPods = [hangingPod('shop', 'report'), hangingPod('shop', 'invoice'), hangingPod('billing', 'close')];

const deployment = {
  metadata: { name: 'clockout', namespace: 'mesh-jobs', uid: 'uid-of-clockout', creationTimestamp: started },
  spec: { replicas: 2, selector: {}, template: { metadata: {}, spec: { containers: [] } } },
  status: { replicas: 2, availableReplicas: 2, readyReplicas: 2 },
};

const lists: Record<string, { kind: string; apiVersion: string; items: object[] }> = {
  '/api/v1/pods': { kind: 'PodList', apiVersion: 'v1', items: hangingPods },
  '/apis/apps/v1/deployments': { kind: 'DeploymentList', apiVersion: 'apps/v1', items: [deployment] },
};

export async function startCluster(): Promise<Cluster & { url: string }> {
  const server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://cluster');
    const list = lists[pathname];
    if (pathname === '/version') return send(response, { major: '1', minor: '30', gitVersion: 'v1.30.0' });
    if (!list) return send(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }, 404);
    // Nothing changes.
    if (searchParams.has('watch'))
      return response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    send(response, { ...list, metadata: { resourceVersion: '1' } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    kubeconfig: kubeconfigOf(url),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

// --- internal ---

const send = (response: ServerResponse, body: object, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** JSON is YAML. Without that flag, the client library takes no HTTP. */
const kubeconfigOf = (server: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: { token: 'none' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
