/**
 * Resources of the init container: those of an app container. It runs before the app, so what the pod requests, its
 * quota use and its QoS class stay as they were, and a LimitRange that admits the app admits it.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
import type { Container, Pod, Resources } from '../pod/schema.ts';
import { parseQuantity } from './quantity.ts';

type Quantities = Record<string, string | number>;

const storage = 'ephemeral-storage';

/**
 * What the copy needs. Its page cache counts as its memory: limits of 8 to 25 MiB were seen to get it killed. The copy itself is in
 * an emptyDir, which counts against the pod's limit of ephemeral storage: the largest of any init container, or the sum of the others.
 * @see https://kubernetes.io/docs/concepts/storage/ephemeral-storage/#how-pods-with-ephemeral-storage-limits-run
 */
const needed = { memory: '32Mi', [storage]: '16Mi' } as const;

const least: Resources = { requests: { cpu: '10m', memory: needed.memory }, limits: { memory: needed.memory } };

/** Everything else (GPUs, huge pages) would be taken from the node for nothing. */
const copied = ['cpu', 'memory', storage];

/** @param containers the app containers of that pod, at least one */
export function initResources({ spec }: Pod, containers: Container[]): Resources {
  const requested = containers.map(({ resources }) => memoryRequest(resources));
  const largest = containers[requested.indexOf(Math.max(...requested))]?.resources;
  const requests = pick(largest?.requests);
  const limits = pick(largest?.limits);
  const resources = {
    ...(requests ? { requests: raised(requests) } : {}),
    ...(limits ? { limits: raised(limits) } : {}),
  };
  const alone = isBestEffort(spec) ? {} : least;
  return withStorage(spec, requests || limits ? resources : alone);
}

/** One container with a limit of storage makes it one of the pod, and the largest other container need not be that one. */
function withStorage({ containers }: Pod['spec'], resources: Resources): Resources {
  const isLimited = containers.some(({ resources }) => resources?.limits?.[storage] != null);
  if (!isLimited || resources.limits?.[storage] != null) return resources;
  return { ...resources, limits: { ...resources.limits, [storage]: needed[storage] } };
}

/**
 * As Kubernetes sees it: by CPU and memory alone, of whatever runs in the pod.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/core/v1/helper/qos/qos.go
 */
const isBestEffort = ({ containers, initContainers, resources }: Pod['spec']) =>
  [{ resources }, ...containers, ...(initContainers ?? [])].every(
    ({ resources: of }) => isFree(of?.requests) && isFree(of?.limits),
  );

const isFree = (quantities: Quantities | null | undefined) => quantities?.cpu == null && quantities?.memory == null;

// A limit without a request is the request, too.
const memoryRequest = (resources: Resources | null | undefined) =>
  parseQuantity(resources?.requests?.memory ?? resources?.limits?.memory ?? 0);

function pick(quantities: Quantities | null | undefined): Quantities | undefined {
  const entries = copied.flatMap((name) => (quantities?.[name] != null ? [[name, quantities[name]] as const] : []));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function raised(quantities: Quantities): Quantities {
  const raise = ([name, quantity]: [string, string | number]) => {
    const least = needed[name as keyof typeof needed] ?? quantity;
    return [name, parseQuantity(quantity) < parseQuantity(least) ? least : quantity] as const;
  };
  return Object.fromEntries(Object.entries(quantities).map(raise));
}
