// `helm test`: asks the API server for a Job's pod with a classic sidecar, and looks whether Clockout has wrapped it. That
// goes the whole way: the API server finds the webhook, reaches it and trusts it. It is a dry run: no pod is made.
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
      // Istio has nothing to add: its sidecar is played by the second container.
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
  if (!response.ok) return `the API server refused the sample pod: ${response.status} ${pod.message}`;
  const init = pod.spec.initContainers?.some(({ name }) => name === 'clockout-init');
  const wrapped = pod.spec.containers.find(({ name }) => name === 'app').command[0] === '/clockout/busybox';
  if (init && wrapped) return undefined;
  return (
    'the API server admitted the sample pod without asking Clockout, or in spite of its failure: see its log; ' +
    `or the namespace ${namespace} is not one that Clockout looks at (test.namespace)`
  );
}

// Soon after an install, an API server may not know the webhook yet.
let problem;
for (let attempt = 1; attempt <= 5; attempt++) {
  problem = await admit().catch((error) => `the API server could not be asked: ${error.cause?.message ?? error.message}`);
  if (problem === undefined) break;
  console.log(`${attempt}: ${problem}`);
  await new Promise((resolve) => setTimeout(resolve, 2000));
}
console.log(problem === undefined ? `A Job's pod in the namespace ${namespace} would be wrapped.` : 'Failed.');
process.exitCode = problem === undefined ? 0 : 1;
