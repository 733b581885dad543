/**
 * The resources of the init container: those of an app container. It runs before the app, so the pod's requests, quota use and
 * QoS class do not change, and a LimitRange that admits the app admits the init container.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
import type { ContainerAt, PodSpec, Resources } from '../pod/schema.ts';
import { parseQuantity } from './quantity.ts';

type Quantities = Record<string, string | number>;

const storage = 'ephemeral-storage';

/**
 * What the copy needs. Its page cache counts as its memory: with limits of 8 to 25 MiB it was killed. The copy is in an emptyDir,
 * which counts against the pod's limit of ephemeral storage: the largest of any init container, or the sum of the containers.
 * @see https://kubernetes.io/docs/concepts/storage/ephemeral-storage/#how-pods-with-ephemeral-storage-limits-run
 */
const needed = { memory: '32Mi', [storage]: '16Mi' } as const;

const least: Resources = { requests: { cpu: '10m', memory: needed.memory }, limits: { memory: needed.memory } };

/** Other resources (GPUs, huge pages) would be taken from the node without need. */
const copied = ['cpu', 'memory', storage];

/** @param apps the app containers of the pod, at least one */
export function initResources(spec: PodSpec, apps: readonly ContainerAt[]): Resources {
  const largest = apps
    .map(({ container: { resources } }) => ({ resources, memory: memoryRequest(resources) }))
    .reduce((most, each) => (each.memory > most.memory ? each : most)).resources;
  const requests = pick(largest?.requests);
  const limits = pick(largest?.limits);
  const resources = {
    ...(requests ? { requests: raised(requests) } : {}),
    ...(limits ? { limits: raised(limits) } : {}),
  };
  const alone = isBestEffort(spec) ? {} : least;
  return withStorage(spec, requests || limits ? resources : alone);
}

// --- internal ---

/** A limit of one container is a limit of the pod, and the app with the most memory need not be that container. */
function withStorage({ containers }: PodSpec, resources: Resources): Resources {
  const isLimited = containers.some(({ resources }) => resources?.limits?.[storage] != null);
  if (!isLimited || resources.limits?.[storage] != null) return resources;
  return { ...resources, limits: { ...resources.limits, [storage]: needed[storage] } };
}

/**
 * Kubernetes' rule: it counts CPU and memory only, of all containers and of the pod itself.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/core/v1/helper/qos/qos.go
 */
const isBestEffort = (spec: PodSpec) =>
  [spec, ...spec.containers, ...(spec.initContainers ?? [])].every(
    ({ resources }) => isFree(resources?.requests) && isFree(resources?.limits),
  );

const isFree = (quantities: Quantities | null | undefined) => quantities?.cpu == null && quantities?.memory == null;

// Kubernetes takes a limit without a request as the request, too.
const memoryRequest = (resources: Resources | null | undefined) =>
  parseQuantity(resources?.requests?.memory ?? resources?.limits?.memory ?? 0) ?? 0n;

function pick(quantities: Quantities | null | undefined): Quantities | undefined {
  const entries = copied.flatMap((name) => (quantities?.[name] != null ? [[name, quantities[name]] as const] : []));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function raised(quantities: Quantities): Quantities {
  const result = { ...quantities };
  for (const [name, least, amount] of neededAmounts) {
    const quantity = quantities[name];
    if (quantity != null && (parseQuantity(quantity) ?? 0n) < amount) result[name] = least;
  }
  return result;
}

const neededAmounts = Object.entries(needed).map(([name, least]) => [name, least, parseQuantity(least) ?? 0n] as const);
