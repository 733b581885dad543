/** Reads the objects of an installation: its Deployment, pods, Service, endpoints and disruption budgets. Pure. */
import { readLabels, readSelector } from '../../mesh/label-selector.ts';
import { findServerContainer, readVariables } from '../../mesh/server-container.ts';
import { findValue, listAt, numberAt, textAt, textsAt } from '../../util/find-value.ts';
import type { BudgetFacts, DeploymentFacts, EndpointFacts, NodeFacts, PodFacts, ServicePort } from '../facts.ts';

export function readDeployment(object: unknown): DeploymentFacts {
  const server = findServerContainer(object);
  return {
    name: textAt(object, 'metadata', 'name') ?? '',
    labels: readLabels(findValue(object, 'metadata', 'labels')),
    wanted: numberAt(object, 'spec', 'replicas') ?? 1,
    ready: numberAt(object, 'status', 'readyReplicas') ?? 0,
    podLabels: readLabels(findValue(object, 'spec', 'template', 'metadata', 'labels')),
    image: textAt(server, 'image') ?? '',
    serviceAccount: textAt(object, 'spec', 'template', 'spec', 'serviceAccountName') ?? 'default',
    env: readVariables(server),
  };
}

/** @returns undefined for a pod that is being deleted: another one has taken its place, or will */
export function readPod(object: unknown): PodFacts | undefined {
  if (isBeingDeleted(object)) return undefined;
  const containers = listAt(object, 'spec', 'containers');
  const waiting = listAt(object, 'status', 'containerStatuses').map((status) => findValue(status, 'state', 'waiting'));
  return {
    name: textAt(object, 'metadata', 'name') ?? '',
    labels: readLabels(findValue(object, 'metadata', 'labels')),
    isReady: hasCondition(object, 'Ready'),
    waiting: waiting.map((each) => textAt(each, 'reason')).find((reason) => reason !== undefined),
    ports: containers
      .flatMap((container) => listAt(container, 'ports'))
      .map((each) => ({ name: textAt(each, 'name') ?? '', port: numberAt(each, 'containerPort') ?? 0 })),
    usesHostNetwork: findValue(object, 'spec', 'hostNetwork') === true,
  };
}

/** Nothing more is created in a namespace that is being deleted. */
export const isBeingDeleted = (object: unknown): boolean =>
  findValue(object, 'metadata', 'deletionTimestamp') !== undefined;

export const readServicePorts = (service: unknown): ServicePort[] =>
  listAt(service, 'spec', 'ports').map((each) => {
    const port = numberAt(each, 'port') ?? 0;
    return { port, target: numberAt(each, 'targetPort') ?? textAt(each, 'targetPort') ?? port };
  });

/** @param slices EndpointSlices of one Service. @see https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
export function readEndpoints(slices: readonly unknown[]): EndpointFacts {
  const endpoints = slices.flatMap((slice) => listAt(slice, 'endpoints'));
  const ready = endpoints.filter((each) => findValue(each, 'conditions', 'ready') !== false).length;
  return {
    ready,
    notReady: endpoints.length - ready,
    ports: slices.flatMap((slice) => listAt(slice, 'ports')).map((each) => numberAt(each, 'port') ?? 0),
  };
}

export const readAddresses = (slices: readonly unknown[]): string[] =>
  slices.flatMap((slice) => listAt(slice, 'endpoints')).flatMap((each) => textsAt(each, 'addresses'));

export const readBudget = (object: unknown): BudgetFacts => ({
  name: textAt(object, 'metadata', 'name') ?? '',
  selector: readSelector(findValue(object, 'spec', 'selector')),
});

export const readNode = (object: unknown): NodeFacts => ({
  name: textAt(object, 'metadata', 'name') ?? '',
  version: textAt(object, 'status', 'nodeInfo', 'kubeletVersion') ?? '',
  os: textAt(object, 'status', 'nodeInfo', 'operatingSystem') ?? '',
  architecture: textAt(object, 'status', 'nodeInfo', 'architecture') ?? '',
  isReady: hasCondition(object, 'Ready'),
  images: listAt(object, 'status', 'images').flatMap((each) => textsAt(each, 'names')),
});

/** The addresses of a node in the cluster. */
export const readNodeAddresses = (object: unknown): string[] =>
  listAt(object, 'status', 'addresses')
    .filter((each) => textAt(each, 'type') === 'InternalIP')
    .flatMap((each) => textAt(each, 'address') ?? []);

// --- internal ---

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus */
const hasCondition = (value: unknown, type: string): boolean =>
  listAt(value, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
  );
