/** cert-manager: its objects, and its controllers and cainjector as programs on this machine. Its own webhook is left out. */
import { join } from 'node:path';
import type { Api, KubeObject } from './api.ts';
import { binaries } from './binaries.ts';
import { runKubectl } from './clients.ts';
import { run } from './exec.ts';
import { kubeconfig } from './kubeconfigs.ts';
import { here } from './paths.ts';
import { type Program, start, stop, waitFor } from './processes.ts';

/** Where the Secrets of ClusterIssuers are. */
export const certManagerNamespace = 'cert-manager';

const controller: Program = {
  name: 'cert-manager-controller',
  argv: [
    binaries.certManagerController,
    `--kubeconfig=${kubeconfig('admin')}`,
    `--cluster-resource-namespace=${certManagerNamespace}`,
  ],
};

const cainjector: Program = {
  name: 'cert-manager-cainjector',
  argv: [binaries.certManagerCainjector, `--kubeconfig=${kubeconfig('admin')}`],
};

/** Starts it on the running cluster. Comes back when it signs, and fills in a caBundle. */
export async function startCertManager(api: Api): Promise<void> {
  const crds = await crdFolder();
  await runKubectl('apply', '--server-side', '--filename', crds);
  await runKubectl('wait', '--for=condition=Established', '--timeout=30s', '--filename', crds);
  for (const program of [controller, cainjector]) {
    await stop(program.name); // of a run that was killed
    start(program);
  }
  await waitFor([controller.name, cainjector.name], 'cert-manager signs, and fills in a caBundle', 60, async () => {
    // Again and again: a namespace that is still going takes nothing.
    for (const [path, object] of Object.entries(probe)) await api.apply(path, object);
    return (await api.get(probeConfiguration)).webhooks[0].clientConfig.caBundle;
  });
  await api.delete(probeConfiguration);
}

/** Takes it away, with all that was made of its kinds; the Secrets that it wrote into other namespaces stay. */
export async function removeCertManager(api: Api): Promise<void> {
  for (const { name } of [controller, cainjector]) await stop(name);
  await api.delete(probeConfiguration);
  await runKubectl('delete', '--ignore-not-found', '--timeout=60s', '--filename', await crdFolder());
  await api.delete(namespacePath);
}

// --- internal ---

async function crdFolder(): Promise<string> {
  const list = ['go', 'list', '-m', '-f', '{{.Dir}}', 'github.com/cert-manager/cert-manager'];
  return join((await run(list, { cwd: join(here, 'modules', 'cert-manager') })).trim(), 'deploy', 'crds');
}

const namespacePath = `/api/v1/namespaces/${certManagerNamespace}`;
const certificates = `/apis/cert-manager.io/v1/namespaces/${certManagerNamespace}`;
const probeConfiguration = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/cert-manager-probe';

/** A certificate that signs itself, and a webhook that is asked about nothing and wants its CA. */
const probe: Record<string, KubeObject> = {
  [namespacePath]: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: certManagerNamespace } },
  [`${certificates}/issuers/probe`]: {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { name: 'probe' },
    spec: { selfSigned: {} },
  },
  [`${certificates}/certificates/probe`]: {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'probe' },
    spec: { secretName: 'probe', dnsNames: ['probe'], issuerRef: { name: 'probe' } },
  },
  [probeConfiguration]: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {
      name: 'cert-manager-probe',
      annotations: { 'cert-manager.io/inject-ca-from': `${certManagerNamespace}/probe` },
    },
    webhooks: [
      {
        name: 'probe.cert-manager.test',
        clientConfig: { url: 'https://localhost:1/' },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
      },
    ],
  },
};
