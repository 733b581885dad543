/**
 * Resources of the init container: those of an app container. It runs before the app, so what the pod requests, its
 * quota use and its QoS class stay as they were, and a LimitRange that admits the app admits it.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
import type { Container, Pod, Resources } from '../types.ts';
import { parseQuantity } from './quantity.ts';

type Quantities = Record<string, string | number>;

/** The copy's page cache counts as its memory: limits of 8 to 25 MiB were seen to get it killed. */
const leastMemory = '32Mi';

const least: Resources = { requests: { cpu: '10m', memory: leastMemory }, limits: { memory: leastMemory } };

/** Everything else (GPUs, huge pages) would be taken from the node for nothing. */
const copied = ['cpu', 'memory', 'ephemeral-storage'];

/** @param containers the app containers of that pod, at least one */
export function initResources({ spec }: Pod, containers: Container[]): Resources {
  const requested = containers.map(({ resources }) => memoryRequest(resources));
  const largest = containers[requested.indexOf(Math.max(...requested))]?.resources;
  const requests = pick(largest?.requests);
  const limits = pick(largest?.limits);
  if (!requests && !limits) return isBestEffort(spec) ? {} : least;
  return { ...(requests ? { requests: raised(requests) } : {}), ...(limits ? { limits: raised(limits) } : {}) };
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
  const { memory } = quantities;
  return memory != null && parseQuantity(memory) < parseQuantity(leastMemory)
    ? { ...quantities, memory: leastMemory }
    : quantities;
}
