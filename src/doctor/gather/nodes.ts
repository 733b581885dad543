/** Starts a pod on each node, waits for what it says, and deletes it, whatever happens. */
import type { Api, KubeObject, Target } from '../../kubernetes/api/api.ts';
import { textAt } from '../../util/find-value.ts';
import { findNearest } from '../../util/nearest.ts';
import { inParallel } from '../../util/parallel.ts';
import { pause } from '../../util/pause.ts';
import { fail, ok } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';
import type { NodeProbe } from '../facts.ts';
import { createNodePod, explainSilence, longestSeconds, type NodePod, readNodePod } from '../node-pod.ts';

export type NodeProbeOptions = Omit<NodePod, 'node'> & {
  api: Api;
  nodes: readonly string[];
  /** The names of all nodes that are ready, for a name that is not there. */
  all: readonly string[];
  /** Ends the wait; the pods are deleted anyway. */
  signal: AbortSignal;
  /** Called with each node that has an answer. */
  onNode?: () => void;
};

/** At a time. */
const most = 8;
const pollMilliseconds = 1000;

export async function probeNodes({ nodes, onNode, ...options }: NodeProbeOptions): Promise<NodeProbe[]> {
  const probed = await inParallel(nodes, most, async (node) => {
    const probe = await probeNode(node, options);
    onNode?.();
    return ok(probe);
  });
  return probed.ok ? probed.value : [];
}

// --- internal ---

async function probeNode(
  node: string,
  { api, all, signal, ...wanted }: Omit<NodeProbeOptions, 'nodes' | 'onNode'>,
): Promise<NodeProbe> {
  const target = { resource: 'pods', namespace: wanted.namespace };
  const unsure = (message: string): NodeProbe => ({ node, outcome: fail({ isSure: false, message }) });
  if (signal.aborted) return unsure('interrupted');
  const found = await api.get({ resource: 'nodes', name: node });
  // A pod for it would wait until its time is up.
  if (!found.ok && found.problem.kind === 'missing') {
    const nearest = findNearest(node, all);
    return unsure(`there is no such node${nearest === undefined ? '' : `; did you mean ${shortened(nearest, 253)}?`}`);
  }
  const created = await api.create(target, createNodePod({ node, ...wanted }));
  if (!created.ok) return unsure(created.problem.message);
  const name = textAt(created.value, 'metadata', 'name') ?? '';
  const probe = await watch(node, { ...target, name }, { api, signal, created: created.value });
  const removed = await api.remove({ ...target, name }, { gracePeriodSeconds: 0 });
  if (removed.ok || removed.problem.kind === 'missing') return probe;
  return { ...probe, left: { pod: name, namespace: wanted.namespace, message: removed.problem.message } };
}

async function watch(
  node: string,
  target: Target,
  { api, signal, created }: { api: Api; signal: AbortSignal; created: KubeObject },
): Promise<NodeProbe> {
  let pod = created;
  const until = performance.now() + longestSeconds * 1000;
  while (performance.now() < until && !signal.aborted) {
    await pause(pollMilliseconds, signal);
    const read = await api.get(target);
    if (!read.ok) return { node, outcome: fail({ isSure: false, message: read.problem.message }) };
    pod = read.value;
    const probe = readNodePod(node, pod);
    if (probe) return probe;
  }
  return signal.aborted
    ? { node, outcome: fail({ isSure: false, message: 'interrupted' }) }
    : explainSilence(node, pod);
}
