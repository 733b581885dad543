/** A cluster of your own, such as kind or k3d: the tests use it by its kubeconfig context instead of the built one. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { binaries } from './binaries.ts';
import { run } from './exec.ts';
import { builtState, isOwnCluster, ownKubeconfig, ownState } from './paths.ts';
import { tryRead } from './processes.ts';

const loaderFile = `${ownState}/loader`;

/**
 * Uses the cluster of a context until `useBuilt`.
 * @param loader a shell command that loads an image archive into the cluster; it gets the path of the archive as `$1`
 */
export async function useContext(context: string, loader = loaderOf(context)): Promise<void> {
  if (loader === undefined) {
    throw new Error(
      `expected a context that kind (kind-NAME) or k3d (k3d-NAME) made, found ${context}; say with --load how to load an image archive`,
    );
  }
  const view = ['config', 'view', '--raw', '--minify', '--flatten', `--context=${context}`, '--output=json'];
  const kubeconfig = await run([binaries.kubectl, ...view]);
  useBuilt();
  mkdirSync(ownState, { recursive: true, mode: 0o700 });
  writeFileSync(loaderFile, loader);
  writeFileSync(ownKubeconfig, kubeconfig, { mode: 0o600 }); // last: from now on it is in use
}

export const useBuilt = (): void => rmSync(ownState, { recursive: true, force: true });

/** Loads an image archive into the cluster in use. */
export const loadIntoOwnCluster = (archive: string): Promise<string> =>
  run(['sh', '-c', tryRead(loaderFile), 'sh', archive], { timeoutSeconds: 600 });

/** Files of the suite that need more than an API server, and what they need. */
export const needsOfFiles: Record<string, string> = {
  'callers.cluster.ts': 'an API server that presents a client certificate to webhooks',
  'cert-manager.cluster.ts': 'connections to pods by their addresses',
  'existing-certificate.cluster.ts': 'connections to pods by their addresses',
  'policy.cluster.ts': 'an API server with MutatingAdmissionPolicies of the version v1beta1',
  'registry.cluster.ts': "a node that trusts the CA of the tests' registry",
  'rollouts.cluster.ts': "the node's processes, and the API server's, which it kills and stops",
};

/** Thrown by a test on a cluster of your own: the test is skipped. */
export class NeedsBuiltCluster extends Error {}

/** @param what the test needs, such as "the node's processes" */
export function needBuiltCluster(what: string): void {
  if (isOwnCluster) throw new NeedsBuiltCluster(`it needs ${what}, which only the built cluster has`);
}

// --- internal ---

function loaderOf(context: string): string | undefined {
  const [, kind, name] = /^(kind|k3d)-(.+)$/.exec(context) ?? [];
  if (kind === 'kind') return `kind load image-archive --name '${name}' "$1"`;
  if (kind === 'k3d') return `k3d image import --cluster '${name}' "$1"`;
  if (context !== 'clockout') return undefined;
  // The built cluster, by its context.
  const snapshotter = tryRead(`${builtState}/snapshotter`);
  return `ctr --address ${builtState}/containerd.sock --namespace k8s.io images import --snapshotter ${snapshotter} "$1"`;
}
