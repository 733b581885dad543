/** Where a case on the cluster runs. */
import { makeNamespace, meshed } from '../../../cluster/suite/kube.ts';
import { type Observer, observe } from './watch-namespace.ts';

export type ClusterPlace = {
  /** Istio injects here, and Clockout wraps. */
  namespace: string;
  /** Sees all that happens to this namespace's Jobs and pods. */
  observer: Observer;
};

export async function makePlace(): Promise<ClusterPlace> {
  const namespace = await makeNamespace(meshed);
  return { namespace, observer: await observe(namespace) };
}
