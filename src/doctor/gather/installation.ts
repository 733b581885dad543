/** Reads the objects of the installation that is checked. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Api, KubeObject, ListOptions, Target } from '../../kubernetes/api/api.ts';
import { type Labels, readSelector, type Selector, selects } from '../../mesh/label-selector.ts';
import { findValue, listAt, numberAt } from '../../util/find-value.ts';
import { inParallel } from '../../util/parallel.ts';
import { fail, mapValue, ok } from '../../util/result.ts';
import type {
  Configuration,
  ControlPlane,
  DeploymentFacts,
  Installation,
  Known,
  NamespaceFacts,
  NodeFacts,
  ReplicaFacts,
  Right,
  ServiceName,
} from '../facts.ts';
import { readPolicy } from '../read/network-policy.ts';
import {
  readAddresses,
  readBudget,
  readDeployment,
  readEndpoints,
  readPod,
  readServicePorts,
} from '../read/workloads.ts';
import { sees } from '../seen.ts';
import { readIssued } from './cert-manager.ts';
import { askReplica, listReplicas, type Replica } from './replicas.ts';
import { askRights, listServerRights, pullSecretRight, readsPullSecrets } from './rights.ts';

export type Inside = {
  env: Readonly<Record<string, string | undefined>>;
  replica: Replica;
  /** As its certificate names it. */
  service: ServiceName | undefined;
};

export type Reading = {
  api: Api;
  config: KubeConfig;
  namespaces: Known<NamespaceFacts[]>;
  nodes: Known<(NodeFacts & { addresses: readonly string[] })[]>;
  /** Where the program runs inside of a replica: its variables, and itself. */
  inside: Inside | undefined;
};

export async function readInstallation(
  service: ServiceName,
  configurations: readonly Configuration[],
  reading: Reading,
): Promise<Installation> {
  const { api, config, inside } = reading;
  const { namespace, name } = service;
  const found = await api.get({ resource: 'services', namespace, name });
  const selector = found.ok ? readSelector({ matchLabels: findValue(found.value, 'spec', 'selector') }) : [];
  const list = <T>(target: Target, read: ListOptions<T>['read']) => listAll(api, { ...target, namespace }, { read });
  const [endpoints, deployments, allPods, budgets, networkPolicies, controlPlane] = await Promise.all([
    readSlices(api, service),
    list({ group: 'apps', resource: 'deployments' }, readDeployment),
    list({ resource: 'pods' }, readPod),
    list({ group: 'policy', resource: 'poddisruptionbudgets' }, readBudget),
    list({ group: 'networking.k8s.io', resource: 'networkpolicies' }, (policy) => policy),
    readControlPlane(reading),
  ]);
  const deployment = mapValue(deployments, (all) => findDeployment(all, selector, configurations));
  const labels = (deployment.ok && deployment.value?.podLabels) || {};
  // Not by the Service, whose selector may be wrong.
  const ofDeployment = readSelector({ matchLabels: labels });
  const pods = mapValue(allPods, (all) =>
    all.filter((pod) => selectsSome(ofDeployment.length > 0 ? ofDeployment : selector, pod.labels)),
  );
  return {
    service,
    configurations,
    ports: found.ok || found.problem.kind !== 'missing' ? mapValue(found, readServicePorts) : ok(undefined),
    endpoints: mapValue(endpoints, readEndpoints),
    deployment,
    pods,
    budgets,
    policies: mapValue(networkPolicies, (all) => all.flatMap((policy) => readPolicy(policy, labels) ?? [])),
    controlPlane,
    replicas: await askReplicas(
      inside ? ok([inside.replica]) : mapValue(pods, (all) => listReplicas(config, namespace, all)),
      service,
      configurations,
    ),
    issued: await readIssued(api, configurations),
    rights: await readRights(service, configurations, deployment, reading),
  };
}

/** @returns all items, or the problem, even if some were read */
export async function listAll<T>(api: Api, target: Target, options: ListOptions<T>): Promise<Known<T[]>> {
  const { items, problem } = await api.list(target, options);
  return problem ? fail(problem) : ok(items);
}

// --- internal ---

const readSlices = (api: Api, { namespace, name }: ServiceName): Promise<Known<KubeObject[]>> =>
  listAll(
    api,
    { group: 'discovery.k8s.io', resource: 'endpointslices', namespace },
    { labelSelector: `kubernetes.io/service-name=${name}`, read: (slice) => slice },
  );

const selectsSome = (selector: Selector, labels: Labels) => selector.length > 0 && selects(selector, labels);

/** The one behind the Service; where the selector of the Service is wrong, the one of the same release. */
function findDeployment(
  deployments: readonly DeploymentFacts[],
  selector: Selector,
  configurations: readonly Configuration[],
): DeploymentFacts | undefined {
  const selected = deployments.find(({ podLabels }) => selectsSome(selector, podLabels));
  if (selected) return selected;
  const own = deployments.filter(({ labels }) => labels['app.kubernetes.io/part-of'] === 'clockout');
  const release = configurations[0]?.labels['app.kubernetes.io/instance'];
  return own.find(({ labels }) => labels['app.kubernetes.io/instance'] === release) ?? own[0];
}

async function askReplicas(
  replicas: Known<Replica[]>,
  { namespace, name }: ServiceName,
  configurations: readonly Configuration[],
): Promise<Known<ReplicaFacts[]>> {
  const bundles = configurations.flatMap(({ targets }) => targets.map(({ caBundle }) => caBundle));
  // Without a configuration, nothing is known of it; with an empty one, nothing is trusted.
  const caBundle = bundles.find((bundle) => bundle !== '') ?? bundles[0];
  if (!replicas.ok) return replicas;
  return ok(
    await Promise.all(replicas.value.map((replica) => askReplica(replica, `${name}.${namespace}.svc`, caBundle))),
  );
}

/** @see https://kubernetes.io/docs/reference/networking/service-protocols/ for the Service `kubernetes` of the API server */
async function readControlPlane({ api, nodes }: Reading): Promise<Known<ControlPlane>> {
  const slices = await readSlices(api, { namespace: 'default', name: 'kubernetes' });
  return mapValue(slices, (all) => ({
    addresses: readAddresses(all),
    port: all.flatMap((slice) => listAt(slice, 'ports')).map((each) => numberAt(each, 'port'))[0] ?? 443,
    nodes: nodes.ok ? nodes.value.flatMap(({ addresses }) => addresses) : [],
  }));
}

async function readRights(
  { namespace }: ServiceName,
  configurations: readonly Configuration[],
  deployment: Installation['deployment'],
  { api, namespaces, inside }: Reading,
): Promise<Known<Right[]>> {
  if (!inside && !deployment.ok) return deployment;
  const found = deployment.ok ? deployment.value : undefined;
  const env = inside?.env ?? found?.env ?? {};
  const subject = inside ? undefined : { namespace, name: found?.serviceAccount ?? 'default' };
  const rights = await askRights(api, subject, listServerRights(env));
  if (!rights.ok || !readsPullSecrets(env)) return rights;
  const everywhere = await askRights(api, subject, [pullSecretRight()]);
  if (!everywhere.ok || everywhere.value.every(({ isAllowed }) => isAllowed)) return join(rights, everywhere);
  // registry.pullSecretNamespaces: at least one of those that are selected has to be among them.
  const selected = (namespaces.ok ? namespaces.value : [])
    .filter((each) => configurations.some(({ webhooks }) => sees(webhooks, each)))
    .slice(0, mostNamespaces);
  const each = await inParallel(selected, 4, ({ name }) => askRights(api, subject, [pullSecretRight(name)]));
  if (!each.ok) return each;
  const allowed = each.value.flat().filter(({ isAllowed }) => isAllowed);
  return join(rights, allowed.length > 0 ? ok(allowed) : everywhere);
}

const mostNamespaces = 20;

const join = (one: Known<Right[]>, other: Known<Right[]>): Known<Right[]> =>
  one.ok && other.ok ? ok([...one.value, ...other.value]) : one.ok ? other : one;
