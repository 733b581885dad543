/** Writes Events on objects in the cluster. */
import crypto from 'node:crypto';
import { CoreV1Api, type CoreV1Event, type KubeConfig } from '@kubernetes/client-node';
import { explainError, readStatus } from './errors.ts';
import { createTimeout } from './request-timeout.ts';

type ClusterEvent = {
  namespace: string;
  owner: { apiVersion: string; kind: string; name: string; uid: string };
  type: string;
  reason: string;
  message: string;
};

/** All replicas give the Event of one key the same name, so that it is there once. */
export type WriteEvent = (event: ClusterEvent, key: string) => Promise<'written' | 'known' | 'refused' | 'failed'>;

/**
 * Needs `create` on events.
 * @param onProblem gets a sentence, once for the same problem until an Event is written
 */
export function createEventWriter(config: KubeConfig, onProblem: (problem: string) => void): WriteEvent {
  const core = config.makeApiClient(CoreV1Api);
  let told: string | undefined;

  const explain = (error: unknown) => {
    const status = readStatus(error);
    if (status === 409) return 'known';
    // The namespace is being deleted, or the names are none: that is of one pod, and no problem of Clockout's.
    if (status === 404 || status === 422) return 'failed';
    if (told !== `${status}`) onProblem(explainError('create an Event', error, remedy));
    told = `${status}`;
    return refusals.includes(status ?? 0) ? 'refused' : 'failed';
  };

  return async (event, key) => {
    try {
      const { namespace } = event;
      await core.createNamespacedEvent({ namespace, body: toBody(event, key, new Date()) }, createTimeout());
      told = undefined;
      return 'written';
    } catch (error) {
      return explain(error);
    }
  };
}

// --- internal ---

const remedy = 'the chart gives it the right with `events`, unless `rbac.create` is false';

const refusals: readonly number[] = [401, 403];

const toBody = ({ namespace, owner, type, reason, message }: ClusterEvent, key: string, time: Date): CoreV1Event => ({
  metadata: { name: nameOf(owner.name, key), namespace },
  involvedObject: { ...owner, namespace },
  type,
  reason,
  message,
  source: { component: 'clockout' },
  reportingComponent: 'clockout',
  firstTimestamp: time,
  lastTimestamp: time,
  count: 1,
});

/** As Kubernetes names Events: after the object, and something of its own. */
const nameOf = (owner: string, key: string) =>
  `${owner.slice(0, 200)}.${crypto.hash('sha256', key, 'hex').slice(0, 16)}`;
