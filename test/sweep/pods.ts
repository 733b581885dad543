/** Pods as the API server lists them. */
import type { Pod } from '../../src/pod/schema.ts';
import { classicPod } from '../support/pods.ts';

type State = 'running' | 'waiting' | number;

/** @param states of its containers: a number is an exit code */
export function withStatus(pod: Pod, states: Record<string, State>): Record<string, unknown> {
  const containerStatuses = Object.entries(states).map(([name, state]) => ({
    name,
    state: typeof state === 'number' ? { terminated: { exitCode: state } } : { [state]: {} },
  }));
  return { ...pod, status: { phase: 'Running', containerStatuses } };
}

export const hangingPod = (namespace: string): Record<string, unknown> =>
  withStatus(classicPod({ metadata: { namespace, name: 'report-x7k2p' } }), { app: 0, 'istio-proxy': 'running' });
