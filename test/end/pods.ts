/** Pods with a status, as the API server has them. */
import type { Container, Pod } from '../../src/pod/schema.ts';
import { app, classicPod } from '../support/pods.ts';

export const now = Date.parse('2026-11-21T12:00:00Z');
export const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

export const running = (name: string) => ({ name, state: { running: { startedAt: ago(720) } } });
export const waiting = (name: string) => ({ name, state: { waiting: { reason: 'CrashLoopBackOff' } } });
export const exited = (name: string, exitCode = 0, seconds = 600) => ({
  name,
  state: { terminated: { exitCode, finishedAt: ago(seconds) } },
});

export type Changes = {
  name?: string;
  namespace?: string;
  uid?: string;
  job?: string | null;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Besides istio-proxy. */
  containers?: Container[];
  spec?: Partial<Pod['spec']>;
  /** By default, the first container has exited with code 0, and the others run. */
  statuses?: object[];
  status?: object;
  metadata?: object;
};

/** A pod that hangs, unless the changes say something else. */
export function hungPod({
  name = 'report-x7k2p',
  namespace = 'shop',
  uid = `uid-of-${name}`,
  job = 'report',
  labels = {},
  annotations = {},
  containers = [app()],
  spec = {},
  statuses,
  status = {},
  metadata = {},
}: Changes = {}) {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', controller: true, name: job, uid: `uid-of-${job}` };
  const pod = classicPod({ labels, annotations, spec: { ...spec, containers } });
  const names = [...containers.slice(1).map((each) => each.name), 'istio-proxy'];
  return {
    ...pod,
    metadata: { ...pod.metadata, name, namespace, uid, ownerReferences: job === null ? [] : [owner], ...metadata },
    status: {
      phase: 'Running',
      containerStatuses: statuses ?? [exited(containers[0]?.name ?? ''), ...names.map(running)],
      ...status,
    },
  };
}
