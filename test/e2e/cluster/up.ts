/** Brings up a cluster: what was left of the last one is removed first, then each part waits only for what it needs. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { apiServerPort, istiodInjectPort, nodeAddress, nodeLink, nodeName, serviceSubnet } from './addresses.ts';
import { writeAdmissionConfig } from './admission.ts';
import { type Api, connect } from './api.ts';
import * as components from './components.ts';
import { run } from './exec.ts';
import { buildImages, importImages } from './images.ts';
import { installIstio, type NativeSidecars, startIstiod } from './istio.ts';
import { noteKernelSettings } from './kernel.ts';
import { writeKubeconfig } from './kubeconfigs.ts';
import { removeCluster } from './leftovers.ts';
import { inState, state } from './paths.ts';
import { makeFrontProxy, makePki, type Subject } from './pki.ts';
import { find, start, tryRead, waitFor } from './processes.ts';
import { step } from './progress.ts';
import {
  apiServerAddresses,
  cgroupRoot,
  cniConfig,
  containerdSocket,
  containerdToml,
  kubeletConfig,
} from './settings.ts';
import { chooseSnapshotter } from './snapshotter.ts';

export type Options = { native: NativeSidecars };

const optionsFile = inState('options.json');

/** Clockout's, as the API server calls it. */
const webhookName = 'clockout.clockout.svc';

const subjects: Subject[] = [
  {
    file: 'apiserver',
    name: 'CN=kube-apiserver',
    ips: apiServerAddresses,
    dns: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  },
  { file: 'admin', name: 'O=system:masters, CN=admin', dns: ['admin'] },
  { file: 'controller-manager', name: 'CN=system:kube-controller-manager', dns: ['controller-manager'] },
  { file: 'scheduler', name: 'CN=system:kube-scheduler', dns: ['scheduler'] },
  { file: 'node', name: `O=system:nodes, CN=system:node:${nodeName}`, dns: [nodeName], ips: [nodeAddress] },
];

/** True if a cluster with these options is up and well. */
export async function isUp(options?: Options): Promise<boolean> {
  const started = [components.etcd, components.containerd, components.apiServer, components.kubelet];
  if (started.some(({ name }) => find(name).length === 0)) return false;
  const startedWith = tryRead(optionsFile);
  if (startedWith === '' || (options && startedWith !== JSON.stringify(options))) return false;
  const api = connect();
  try {
    return await nodeIsReady(api);
  } catch {
    return false;
  } finally {
    api.close();
  }
}

/** Brings up the cluster; binaries must be there. */
export async function up(options: Options): Promise<void> {
  await step('what was left is removed', removeCluster);
  await checkPorts();
  const archives = await buildImages();
  mkdirSync(state, { recursive: true, mode: 0o711 });
  await step('keys and settings', prepare);
  start(components.etcd);
  start(components.containerd);
  start(components.apiServer);
  const api = connect();
  try {
    const imported = step('images', () => importAll(archives));
    imported.catch(() => {}); // reported below
    await step('API server', () =>
      waitFor(['kube-apiserver', 'etcd'], 'the API server is ready', 60, () => isReady(api)),
    );
    for (const part of [components.controllerManager, components.scheduler, components.kubelet]) start(part);
    start(components.kubeProxy);
    await step("Istio's objects", installIstio);
    await step('istiod', () => startIstiod(api, options.native));
    await imported;
    await step('node', () => waitFor(['kubelet', 'containerd'], 'the node is ready', 60, () => nodeIsReady(api)));
    await waitFor(['kube-controller-manager'], 'the default service account', 30, () =>
      api.get('/api/v1/namespaces/default/serviceaccounts/default'),
    );
    writeFileSync(optionsFile, JSON.stringify(options)); // last: from now on it counts as up
  } finally {
    api.close();
  }
}

async function prepare(): Promise<void> {
  noteKernelSettings();
  await makePki(subjects);
  await makeFrontProxy();
  writeAdmissionConfig(webhookName);
  for (const { file } of subjects) if (file !== 'apiserver') writeKubeconfig(file);
  mkdirSync(inState('cni'));
  writeFileSync(inState('cni', '10-pods.conflist'), JSON.stringify(cniConfig, null, 2));
  writeFileSync(inState('containerd.toml'), containerdToml(await chooseSnapshotter()));
  writeFileSync(inState('kubelet.json'), JSON.stringify(kubeletConfig, null, 2));
  for (const tree of cgroupTrees()) mkdirSync(join(tree, cgroupRoot), { recursive: true });
  await run(['ip', 'link', 'add', nodeLink, 'type', 'veth', 'peer', 'name', `${nodeLink}p`]);
  await run(['ip', 'address', 'add', `${nodeAddress}/32`, 'dev', nodeLink]);
  for (const link of [nodeLink, `${nodeLink}p`]) await run(['ip', 'link', 'set', link, 'up']);
  // Before kube-proxy's rules lead a packet to a Service's pod, it needs a route, and there may be no default one.
  await run(['ip', 'route', 'add', serviceSubnet, 'dev', nodeLink]);
}

/** The kubelet wants its root cgroup to be there, in every tree of cgroup v1 (v2 has only one). */
function cgroupTrees(): string[] {
  const top = '/sys/fs/cgroup';
  if (tryRead(join(top, 'cgroup.controllers')) !== '') return [top];
  return readdirSync(top, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(top, entry.name));
}

async function importAll(archives: string[]): Promise<void> {
  await waitFor(['containerd'], 'containerd answers', 30, async () => {
    await run(['ctr', '--address', containerdSocket, 'version']);
    return true;
  });
  await importImages(archives);
}

const isReady = async (api: Api): Promise<boolean> => (await api.text('/readyz')) === 'ok';

async function nodeIsReady(api: Api): Promise<boolean> {
  const { status } = await api.get(`/api/v1/nodes/${nodeName}`);
  return status.conditions.some(
    (each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True',
  );
}

/** Another cluster on this machine would not only be in the way: kube-proxy would change its rules, too. */
async function checkPorts(): Promise<void> {
  for (const port of [apiServerPort, 10250, 10256, 32379, istiodInjectPort]) {
    if (!(await isFree(port))) throw new Error(`Port ${port} is taken. Is another Kubernetes running here?`);
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
