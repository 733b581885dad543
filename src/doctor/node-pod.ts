/** The pod that proves a node: what it runs, and what its answer means. Pure. */
import type { KubeObject } from '../kubernetes/api/api.ts';
import { listAt, textAt } from '../util/find-value.ts';
import { fail, ok } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import type { NodeProbe, NodeReport } from './facts.ts';

/** After that, the kubelet ends the pod, even if nobody deletes it. */
export const longestSeconds = 120;

const nodePodLabel = 'clockout.dev/doctor';

export type NodePod = { node: string; namespace: string; image: string; pullPolicy: string | undefined };

export const createNodePod = ({ node, namespace, image, pullPolicy }: NodePod): KubeObject => {
  const container = (name: string, script: string) => ({
    name,
    image,
    ...(pullPolicy && { imagePullPolicy: pullPolicy }),
    command: ['/bin/busybox', 'sh', '-c', script],
    resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { memory: '32Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'clockout-doctor-',
      namespace,
      labels: {
        [nodePodLabel]: 'node',
        'clockout.dev/inject': 'false',
        'sidecar.istio.io/inject': 'false',
        'istio.io/dataplane-mode': 'none',
      },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: longestSeconds,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      // The scheduler places it, as it places the pods of a DaemonSet.
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
          },
        },
      },
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ name: 'shared', emptyDir: {} }],
      initContainers: [container('prepare', prepare)],
      containers: [container('writer', writer), container('reader', reader)],
    },
  };
};

/** @returns undefined while it has not ended */
export function readNodePod(node: string, pod: unknown): NodeProbe | undefined {
  const phase = textAt(pod, 'status', 'phase');
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((list) => listAt(pod, 'status', list));
  if (phase === 'Succeeded') {
    const said = Object.fromEntries(
      statuses.map((status) => [textAt(status, 'name'), textAt(status, 'state', 'terminated', 'message') ?? '']),
    );
    return { node, outcome: ok(readReport(said)) };
  }
  if (phase === 'Failed') {
    const ended = statuses.map((status) => textAt(status, 'state', 'terminated', 'message')).find((message) => message);
    const reason = textAt(pod, 'status', 'reason') ?? 'its pod failed';
    return {
      node,
      outcome: fail({ isSure: true, message: `${reason}: ${ended ?? textAt(pod, 'status', 'message') ?? ''}` }),
    };
  }
  const waiting = statuses.find((status) => stuck.has(textAt(status, 'state', 'waiting', 'reason') ?? ''));
  if (!waiting) return undefined;
  const [reason, message] = ['reason', 'message'].map((key) => textAt(waiting, 'state', 'waiting', key) ?? '');
  return { node, outcome: fail({ isSure: true, message: shortened(`${reason}: ${message}`, 400) }) };
}

/** Why a pod has not ended in time. */
export function explainSilence(node: string, pod: unknown): NodeProbe {
  const unscheduled = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'status') === 'False');
  const message = textAt(unscheduled, 'message') ?? 'its pod did not end in time';
  return { node, outcome: fail({ isSure: false, message: shortened(message, 400) }) };
}

/**
 * Whether a program needs a loader of its own image: it then does not run in containers of other images.
 * @param head the first bytes of an ELF file
 * @see https://man7.org/linux/man-pages/man5/elf.5.html
 */
export function needsLoader(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 64 || view.getUint32(0) !== 0x7f454c46) return false;
  const [is64, isLittle] = [head[4] === 2, head[5] === 1];
  const offset = is64 ? Number(view.getBigUint64(32, isLittle)) : view.getUint32(28, isLittle);
  const [size, count] = [is64 ? 54 : 42, is64 ? 56 : 44].map((place) => view.getUint16(place, isLittle)) as [
    number,
    number,
  ];
  const starts = Array.from({ length: Math.min(count, 64) }, (_, index) => offset + index * size);
  return starts.some((start) => start + 4 <= head.length && view.getUint32(start, isLittle) === interpreter);
}

// --- internal ---

/** The type of the program header that names the loader: PT_INTERP. */
const interpreter = 3;

/** Reasons for which a container waits that do not go away by themselves. */
const stuck: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

const end = '/dev/termination-log';

/** The head of busybox tells whether it is static: readReport. */
const prepare = `b=/bin/busybox; $b cp $b /shared/busybox && $b mkfifo /shared/fifo && $b head -c 2048 $b | $b base64 >${end}`;

const writer = `b=/bin/busybox
/shared/busybox true && echo runs >${end}
$b timeout 20 $b sh -c 'echo hello >/shared/fifo' && echo wrote >>${end}
IFS=. read -r up rest </proc/uptime && [ -n "$up" ] && [ -r /proc/self/stat ] && [ -e /proc/self/fd/0 ] && echo proc >>${end}
true`;

const reader = `b=/bin/busybox
said=$($b timeout 20 $b cat /shared/fifo); [ "$said" = hello ] && echo read >${end}
true`;

function readReport({ prepare: head = '', writer: wrote = '', reader: read = '' }: Record<string, string>): NodeReport {
  const lines = new Set(`${wrote}\n${read}`.split('\n'));
  return {
    runs: lines.has('runs'),
    sharesFifo: lines.has('wrote') && lines.has('read'),
    readsProc: lines.has('proc'),
    isDynamic: needsLoader(Buffer.from(head, 'base64')),
  };
}
