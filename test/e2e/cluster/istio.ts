/** Istio: its charts' objects without those that need istiod in the cluster, and istiod as a program on this machine. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { istiodInjectPort, istiodPort, nodeAddress } from './addresses.ts';
import type { Api, KubeObject } from './api.ts';
import { binaries, istioModule } from './binaries.ts';
import { kubectl } from './clients.ts';
import { run } from './exec.ts';
import { istioImages } from './images.ts';
import { kubeconfig } from './kubeconfigs.ts';
import { inState } from './paths.ts';
import { start, waitFor } from './processes.ts';

/** Istio's own setting: native sidecars wherever all kubelets can (auto), always, or never (classic ones). */
export type NativeSidecars = 'auto' | 'true' | 'false';

const namespace = 'istio-system';
const injector = 'istio-sidecar-injector';

/** istiod isn't a pod here; and its validating webhook would be asked through a Service that leads nowhere. */
const leftOut = ['Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'ValidatingWebhookConfiguration'];

const values = [
  `global.hub=${istioImages.hub}`,
  `global.tag=${istioImages.tag}`,
  'global.imagePullPolicy=IfNotPresent',
  // The API server asks istiod by URL.
  `istiodRemote.injectionURL=https://localhost:${istiodInjectPort}/inject`,
  // There is no Envoy to capture traffic for, so no iptables rules: neither istio-init nor the CNI plugin is needed.
  'meshConfig.defaultConfig.interceptionMode=NONE',
  // The agents reach istiod by the node's address, since there is no Service (and no DNS) for it.
  `meshConfig.defaultConfig.discoveryAddress=${nodeAddress}:${istiodPort}`,
  `global.caAddress=${nodeAddress}:${istiodPort}`,
];

/** Creates Istio's objects. */
export async function installIstio(): Promise<void> {
  const charts = join(await istioModule(), 'manifests', 'charts');
  const set = values.flatMap((value) => ['--set', value]);
  const render = (name: string, chart: string) =>
    run([binaries.helm, 'template', name, join(charts, chart), '--namespace', namespace, ...set]);
  const text = `${await render('base', 'base')}\n---\n${await render('istiod', 'istio-control/istio-discovery')}`;
  const objects: KubeObject[] = parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null && !leftOut.includes(object.kind));
  const items = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...objects];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await run([...kubectl, 'apply', '--server-side', '--filename', '-'], { input: list });
}

/** Starts istiod and waits until it has put its own CA into its webhook's configuration. */
export async function startIstiod(api: Api, native: NativeSidecars): Promise<void> {
  const cwd = inState('istiod');
  mkdirSync(cwd, { recursive: true });
  start({
    name: 'istiod',
    cwd,
    argv: [
      binaries.istiod,
      'discovery',
      '--domain=cluster.local',
      `--kubeconfig=${kubeconfig('admin')}`,
      '--monitoringAddr=127.0.0.1:15014',
      '--httpAddr=127.0.0.1:18080',
      `--httpsAddr=127.0.0.1:${istiodInjectPort}`,
      '--grpcAddr=127.0.0.1:15010',
      `--secureGRPCAddr=${nodeAddress}:${istiodPort}`,
    ],
    env: {
      ENABLE_NATIVE_SIDECARS: native,
      REVISION: 'default',
      PILOT_CERT_PROVIDER: 'istiod',
      POD_NAME: 'istiod-0',
      POD_NAMESPACE: namespace,
      SERVICE_ACCOUNT: 'istiod',
      CLUSTER_ID: 'Kubernetes',
      INJECTION_WEBHOOK_CONFIG_NAME: injector,
      ISTIOD_CUSTOM_HOST: `localhost,${nodeAddress}`, // names in its certificate, beside its Service's
    },
  });
  await waitFor(['istiod'], "istiod's webhook", 60, async () => {
    const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${injector}`;
    const { webhooks } = await api.get(path);
    return webhooks.every((webhook: KubeObject) => webhook.clientConfig.caBundle);
  });
}
