/** Finds out which versions are installed: that of the chart by its labels, and those of the replicas by their metrics. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Api } from '../kubernetes/api/api.ts';
import { textAt } from '../util/find-value.ts';
import { ok } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import type { DeploymentFacts, Known } from './facts.ts';
import { listAll } from './gather/installation.ts';
import { askVersion, listReplicas } from './gather/replicas.ts';
import { readDeployment, readPod } from './read/workloads.ts';

/** Of one installation. */
export type InstalledVersions = {
  /** null: none is installed. */
  chart: { namespace: string; release: string; chart: string; appVersion: string; image: string } | null;
  server: { pod: string; version?: string; problem?: string }[];
};

/** Of the first installation, and of the others. */
export type Versions = InstalledVersions & { others: InstalledVersions[] };

/** @param namespace to look in; undefined: all of them */
export async function findVersions(
  api: Api,
  config: KubeConfig,
  namespace: string | undefined,
): Promise<Known<Versions>> {
  const deployments = await listAll(
    api,
    { group: 'apps', resource: 'deployments', namespace },
    {
      labelSelector: 'app.kubernetes.io/part-of=clockout',
      read: (object) => ({ ...readDeployment(object), namespace: textAt(object, 'metadata', 'namespace') ?? '' }),
    },
  );
  if (!deployments.ok) return deployments;
  const [first, ...others] = await Promise.all(deployments.value.map((each) => describe(api, config, each)));
  return ok({ ...(first ?? { chart: null, server: [] }), others });
}

// --- internal ---

async function describe(
  api: Api,
  config: KubeConfig,
  found: DeploymentFacts & { namespace: string },
): Promise<InstalledVersions> {
  const label = (name: string) => shortened(found.labels[name] ?? 'unknown', 100);
  const chart = {
    namespace: found.namespace,
    release: label('app.kubernetes.io/instance'),
    chart: label('helm.sh/chart'),
    appVersion: label('app.kubernetes.io/version'),
    image: shortened(found.image, 300),
  };
  const labelSelector = ['name', 'instance']
    .map((name) => `app.kubernetes.io/${name}=${found.podLabels[`app.kubernetes.io/${name}`]}`)
    .join(',');
  const pods = await listAll(api, { resource: 'pods', namespace: found.namespace }, { labelSelector, read: readPod });
  if (!pods.ok) return { chart, server: [{ pod: 'all pods', problem: pods.problem.message }] };
  const server = await Promise.all(
    listReplicas(config, found.namespace, pods.value).map(async (replica) => {
      const version = await askVersion(replica);
      return { pod: replica.pod, ...(version.ok ? { version: version.value } : { problem: version.problem.message }) };
    }),
  );
  return { chart, server };
}
