/** Clockout itself, installed by Helm as its users do, and what it says of itself. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, connect, type KubeObject } from './api.ts';
import { helm as helmAsAdmin, runKubectl } from './clients.ts';
import { buildClockoutImage } from './clockout-image.ts';
import { run } from './exec.ts';
import { busyboxImage, importImages } from './images.ts';
import { hashOf, inState, isOwnCluster, root } from './paths.ts';
import { tryRead } from './processes.ts';
import { eventually } from './progress.ts';

export const chart = join(root, 'charts', 'clockout');
export const release = 'clockout';
export const releaseNamespace = 'clockout';
export const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
/** As the chart names it. It sorts after istio-sidecar-injector, so that Istio's sidecar is in the pods it sees. */
export const configuration = `${configurations}/zz-clockout`;

/** Values of the chart. */
export type Values = Record<string, unknown>;

/** What tests need: an image that is there, a log that tells of every pod, and replicas that go soon. */
const values = (image: Image): Values => ({
  image: { ...image, pullPolicy: 'Never' },
  wrapper: { image: busyboxImage },
  logLevel: 'debug',
  drainSeconds: 1,
});

/** Writes them to a file, for a test that runs Helm itself. */
export const writeValues = (image: Image, file: string): void => writeFileSync(file, JSON.stringify(values(image)));

/** Notes what is installed, and with which values. */
const installedFile = inState('installed');
const imageFile = inState('clockout-image.json');

type Image = { repository: string; tag: string };

/** Builds Clockout's image, and gives it to the node. */
export async function importClockout(): Promise<Image> {
  const { archive, ...image } = await buildClockoutImage();
  await importImages([archive]);
  writeFileSync(imageFile, JSON.stringify(image));
  return image;
}

/** The image that was imported last. A build takes seconds, and the tests install it dozens of times. */
export const importedImage = (): Image => JSON.parse(readFileSync(imageFile, 'utf8'));

/** Installs or upgrades Clockout, and waits until it is ready. Does nothing if it is installed with these values. */
export async function installClockout(further: Values = {}, image = importedImage()): Promise<void> {
  const files = [values(image), further].map((each) => JSON.stringify(each));
  const what = hashOf({ files: [chart], values: files });
  if (tryRead(installedFile) === what) return;
  distrustInstallation();
  const flags = files.flatMap((text, i) => {
    const file = inState(`values-${i}.json`);
    writeFileSync(file, text);
    return ['--values', file];
  });
  // By force: what a test changed by hand, such as the number of replicas, is taken back. Only the server's apply knows force, and
  // by default a release that Helm 3 or another apply made does not get it.
  await helm([
    'upgrade',
    release,
    chart,
    '--install',
    '--create-namespace',
    '--wait',
    '--timeout',
    '90s',
    '--server-side=true',
    '--force-conflicts',
    ...flags,
  ]);
  await oldReplicasGone();
  writeFileSync(installedFile, what);
}

/** After a test has changed it by hand: the next installation repairs it, with whatever values. */
export const distrustInstallation = (): void => rmSync(installedFile, { force: true });

/** They serve until they are gone, and what they count goes with them. */
async function oldReplicasGone(): Promise<void> {
  const api = connect();
  try {
    await eventually('the old replicas are gone', 60, async () =>
      (await allPods(api)).every(({ metadata }) => !metadata.deletionTimestamp),
    );
  } finally {
    api.close();
  }
}

/** Uninstalls Clockout if it is installed. */
export async function uninstallClockout(): Promise<void> {
  distrustInstallation();
  await helm(['uninstall', release, '--ignore-not-found', '--wait', '--timeout', '90s']);
}

/** Helm, in the namespace of the release. */
export const helm = (args: string[]): Promise<string> =>
  run([...helmAsAdmin, '--namespace', releaseNamespace, ...args]);

export const deployment = `/apis/apps/v1/namespaces/${releaseNamespace}/deployments/clockout`;

/** The pods that serve or will, without those that go. */
export const replicas = async (api: Api): Promise<KubeObject[]> =>
  (await allPods(api)).filter(({ metadata }: KubeObject) => !metadata.deletionTimestamp);

/** Those that go serve until they are gone. */
async function allPods(api: Api): Promise<KubeObject[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=clockout,app.kubernetes.io/instance=${release}`);
  return (await api.get(`/api/v1/namespaces/${releaseNamespace}/pods?labelSelector=${selector}`)).items;
}

/** Changes the number of replicas, and waits until it is so. */
export async function scale(api: Api, count: number): Promise<void> {
  await api.merge(deployment, { spec: { replicas: count } });
  await eventually(`Clockout has ${count} replicas`, 60, async () => {
    const { status } = await api.get(deployment);
    return (status.readyReplicas ?? 0) === count && (await allPods(api)).length === count;
  });
}

/** The kubelet looks after a pod's mounted Secrets once a minute or later, and at once when the pod changes. */
export async function hurryKubelet(api: Api): Promise<void> {
  const annotations = { 'tests.clockout.dev/hurried': new Date().toISOString() };
  for (const { metadata } of await replicas(api)) {
    await api.merge(`/api/v1/namespaces/${releaseNamespace}/pods/${metadata.name}`, { metadata: { annotations } });
  }
}

/** Starts every replica anew, as an administrator does; does not wait until it is done. */
export const restartClockout = (): Promise<string> =>
  runKubectl('--namespace', releaseNamespace, 'rollout', 'restart', 'deployment/clockout');

/** A counter of Clockout's metrics, summed over the replicas, and over the labels that aren't asked for. */
export const counter = async (api: Api, metric: string, labels: Record<string, string> = {}): Promise<number> =>
  counterOf(await replicas(api), metric, labels);

/** The same of some pods only. */
export async function counterOf(pods: KubeObject[], metric: string, labels: Record<string, string>): Promise<number> {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const texts = await Promise.all(pods.map((pod) => ask(pod, '/metrics')));
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Reads a page of a replica's metrics port. This machine reaches the built cluster's pods by their addresses. */
export async function ask({ metadata, status }: KubeObject, page: string): Promise<string> {
  if (!isOwnCluster) return await (await fetch(`http://${status.podIP}:9090${page}`)).text();
  const api = connect();
  try {
    return await api.text(`/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}:9090/proxy${page}`);
  } finally {
    api.close();
  }
}
