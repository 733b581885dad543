/** What keeps Istio from making all sidecars native. Pure. */
import { isIstio } from '../mesh/istio-injection.ts';
import type { OldestNode } from '../mesh/native-choice.ts';
import { isAsking, isOwn } from '../mesh/own-webhooks.ts';
import type { Webhook } from '../mesh/webhooks.ts';
import { firstWithSafeNative } from '../pod/sidecars/native.ts';
import { plural } from '../util/count.ts';
import { groupBy } from '../util/group-by.ts';
import { listed, shortened } from '../util/text.ts';
import { type ControlPlane, type Mesh, makesNative } from './expect-sidecar.ts';
import type { PodRecord } from './pod-record.ts';
import { readText } from './read-text.ts';
import type { JobRecord } from './records.ts';
import type { Row } from './rows.ts';

/** A Linux node. */
export type KnownNode = OldestNode;

export type NativeState = {
  /** Undefined if they could not be read. */
  kubelets: { version: string; nodes: number; isOld: boolean }[] | undefined;
  controlPlanes: (ControlPlane & { makesNative: boolean; tags: string[] })[] | undefined;
  /** How many Jobs and CronJobs ask for a classic sidecar. */
  declining: number;
  /** How many Jobs, CronJobs and pods have a native sidecar without its restartPolicy, or were refused for it. */
  stripped: number;
  /** Other webhooks that see new pods, one of which may be the cause; none if nothing is stripped. */
  suspects: string[];
};

/** Of istiod, to a tag that namespaces name. */
export type Tag = { tag: string; revision: string };

export function readTag(configuration: unknown): Tag | undefined {
  const tag = readLabel(configuration, 'istio.io/tag');
  if (tag === undefined) return undefined;
  return { tag: shortened(tag, 63), revision: readLabel(configuration, 'istio.io/rev') ?? 'default' };
}

export function describeNative(
  { webhooks, controlPlanes, oldestNode }: Mesh,
  nodes: readonly KnownNode[] | undefined,
  tags: readonly Tag[],
  { jobs, rows }: { jobs: readonly JobRecord[]; rows: readonly Row[] },
): NativeState {
  const stripped = rows.filter(({ fate, message }) => fate === 'stripped' || isStripped(message)).length;
  return {
    kubelets: nodes && countKubelets(nodes),
    controlPlanes: controlPlanes?.map((plane) => ({
      ...plane,
      makesNative: makesNative(plane, oldestNode),
      tags: tags.filter(({ revision }) => revision === plane.revision).map(({ tag }) => tag),
    })),
    declining: jobs.filter(({ declinesNative }) => declinesNative).length,
    stripped,
    suspects: stripped > 0 ? listSuspects(webhooks ?? []) : [],
  };
}

export type NativeLine = { kind: 'ok' | 'no' | 'unknown'; text: string };

/** What Istio needs to make all sidecars native, a line for each thing, and whether it is so. */
export function describeNativeLines({
  kubelets,
  controlPlanes,
  declining,
  stripped,
  suspects,
}: NativeState): NativeLine[] {
  const suspected = suspects.length > 0 ? `; it may be one of ${listed(suspects, 5).join(', ')}` : '';
  return [
    ...(kubelets ?? []).map(describeKubelets),
    ...(controlPlanes ?? []).map(describeControlPlane),
    ...(controlPlanes?.length === 0
      ? [
          {
            kind: 'unknown',
            text: 'no Deployment has the label app=istiod, so the setting of Istio is not known',
          } as const,
        ]
      : []),
    ...(declining > 0
      ? [{ kind: 'no', text: `${plural(declining, 'template')} with sidecar.istio.io/nativeSidecar: "false"` } as const]
      : []),
    ...(stripped > 0
      ? [
          {
            kind: 'no',
            text: `another webhook drops restartPolicy from ${plural(stripped, 'native sidecar')}${suspected}`,
          } as const,
        ]
      : []),
  ];
}

/** A sidecar that something other than Istio adds to the pods of Jobs. */
export type AddedSidecar = {
  name: string;
  image: string;
  ended: 'clockout' | 'itself' | 'nobody';
  pods: number;
  namespaces: number;
};

/** @returns the sidecars, first those that nothing ends */
export function countAdded(pods: readonly PodRecord[]): AddedSidecar[] {
  const found = pods.flatMap(({ namespace, injected }) => injected.map((each) => ({ namespace, ...each })));
  const groups = groupBy(found, ({ name, image, ended }) => JSON.stringify([name, image, ended]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const { name, image, ended } = first;
      return [
        { name, image, ended, pods: group.length, namespaces: new Set(group.map(({ namespace }) => namespace)).size },
      ];
    })
    .sort((a, b) => endOrder.indexOf(a.ended) - endOrder.indexOf(b.ended) || b.pods - a.pods);
}

/** Whether the API server refused a pod because a webhook has dropped `restartPolicy` from its native sidecar: it says so of a probe or hook. */
export const isStripped = (message: string | undefined): boolean =>
  message?.includes('without restartPolicy=Always') === true;

// --- internal ---

function describeKubelets({ version, nodes, isOld }: NonNullable<NativeState['kubelets']>[number]): NativeLine {
  const old = isOld ? `, older than 1.${firstWithSafeNative}` : '';
  return {
    kind: isOld ? 'no' : 'ok',
    text: `${plural(nodes, 'node')} with kubelet ${version || 'of no version'}${old}`,
  };
}

function describeControlPlane(plane: NonNullable<NativeState['controlPlanes']>[number]): NativeLine {
  const { namespace, name, revision, version, native, tags } = plane;
  const setting = native === null ? 'not known' : (native ?? 'not set');
  const named = `${namespace}/${name}, revision ${[revision, ...tags.map((tag) => `tag ${tag}`)].join(', ')}, ${version}`;
  const form = plane.makesNative ? 'native' : 'classic';
  const text = `istiod ${named}: makes sidecars ${form} (ENABLE_NATIVE_SIDECARS is ${setting})`;
  return { kind: plane.makesNative ? 'ok' : 'no', text: shortened(text, 400) };
}

const endOrder = ['nobody', 'clockout', 'itself'];

const readLabel = (object: unknown, label: string) => readText(object, 'metadata', 'labels', label);

function countKubelets(nodes: readonly KnownNode[]): NonNullable<NativeState['kubelets']> {
  return [...groupBy(nodes, ({ version }) => version)]
    .map(([version, group]) => ({
      version: shortened(version, 60),
      nodes: group.length,
      isOld: (group[0]?.minor ?? 0) < firstWithSafeNative,
      minor: group[0]?.minor ?? 0,
    }))
    .sort((a, b) => a.minor - b.minor)
    .map(({ minor: _, ...kubelets }) => kubelets);
}

const listSuspects = (webhooks: readonly Webhook[]): string[] => [
  ...new Set(
    webhooks
      .filter((each) => !isIstio(each) && !isOwn(each) && !isAsking(each))
      .map(({ configuration }) => shortened(configuration, 100)),
  ),
];

/** The nodes' kubelets, as an object of the API has them. */
export const readKubeletVersion = (node: unknown): string =>
  readText(node, 'status', 'nodeInfo', 'kubeletVersion') ?? '';
