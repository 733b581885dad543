/** Starts a pod on each node, waits for what it says, and deletes it, whatever happens. */
import { setTimeout } from 'node:timers/promises';
import type { Api, KubeObject } from '../../kubernetes/api/api.ts';
import { textAt } from '../../util/find-value.ts';
import { inParallel } from '../../util/parallel.ts';
import { fail, ok } from '../../util/result.ts';
import type { NodeProbe } from '../facts.ts';
import { createNodePod, explainSilence, longestSeconds, type NodePod, readNodePod } from '../node-pod.ts';

export type NodeProbeOptions = Omit<NodePod, 'node'> & {
  api: Api;
  nodes: readonly string[];
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
  { api, signal, ...wanted }: Omit<NodeProbeOptions, 'nodes' | 'onNode'>,
): Promise<NodeProbe> {
  const target = { resource: 'pods', namespace: wanted.namespace };
  const unsure = (message: string): NodeProbe => ({ node, outcome: fail({ isSure: false, message }) });
  if (signal.aborted) return unsure('interrupted');
  const found = await api.get({ resource: 'nodes', name: node });
  // A pod for it would wait until its time is up.
  if (!found.ok && found.problem.kind === 'missing')
    return { node, outcome: fail({ isSure: true, message: 'there is no such node' }) };
  const created = await api.create(target, createNodePod({ node, ...wanted }));
  if (!created.ok) return unsure(created.problem.message);
  const name = textAt(created.value, 'metadata', 'name') ?? '';
  let pod: KubeObject = created.value;
  try {
    const until = performance.now() + longestSeconds * 1000;
    while (performance.now() < until && !signal.aborted) {
      await setTimeout(pollMilliseconds, undefined, { signal }).catch(() => {});
      const read = await api.get({ ...target, name });
      if (!read.ok) return unsure(read.problem.message);
      pod = read.value;
      const probe = readNodePod(node, pod);
      if (probe) return probe;
    }
    return signal.aborted ? unsure('interrupted') : explainSilence(node, pod);
  } finally {
    await api.remove({ ...target, name }, { gracePeriodSeconds: 0 });
  }
}
