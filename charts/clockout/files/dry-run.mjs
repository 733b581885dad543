// `helm test` creates a Job pod with a classic sidecar as a server-side dry run, and checks that it comes back wrapped. This
// tests the whole path: the API server selects the pod, reaches the webhook and trusts its certificate.
import { readFileSync } from 'node:fs';

const {
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port,
  SAMPLE_NAMESPACE: namespace,
  SAMPLE_IMAGE: image,
} = process.env;
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8').trim();

const container = (name) => ({
  name,
  image,
  command: ['/sample'],
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
});

const sample = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    generateName: 'clockout-test-',
    labels: {
      'batch.kubernetes.io/job-name': 'clockout-test',
      'clockout.dev/inject': 'true',
      // The second container plays the sidecar, so Istio must not inject one.
      'sidecar.istio.io/inject': 'false',
    },
    annotations: { 'sidecar.istio.io/status': '{}' },
  },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container('app'), container('istio-proxy')],
  },
};

async function admit() {
  const response = await fetch(`${server}/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(sample),
    signal: AbortSignal.timeout(20_000),
  });
  const pod = await response.json();
  if (!response.ok) return `expected the API server to admit the sample pod; it refused it: ${response.status} ${pod.message}`;
  const init = pod.spec.initContainers?.some(({ name }) => name === 'clockout-init');
  const wrapped = pod.spec.containers.find(({ name }) => name === 'app').command[0] === '/clockout/busybox';
  if (init && wrapped) return undefined;
  return (
    'expected the API server to admit a wrapped pod; it admitted the sample pod without asking Clockout, or in spite of ' +
    "Clockout's error. Look at Clockout's log. If the API server does not send it the pods of the namespace " +
    `${namespace}, name another one (test.namespace)`
  );
}

// For a moment after an install, the API server may not know the webhook.
let problem;
for (let attempt = 1; attempt <= 5; attempt++) {
  problem = await admit().catch((error) => `expected an answer from the API server at ${server}; the request failed: ${error.cause?.message ?? error.message}`);
  if (problem === undefined) break;
  console.log(`attempt ${attempt}: ${problem}`);
  await new Promise((resolve) => setTimeout(resolve, 2000));
}
console.log(problem === undefined ? `Clockout wraps Job pods in the namespace ${namespace}.` : 'Failed.');
process.exitCode = problem === undefined ? 0 : 1;
