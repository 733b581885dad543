/** What the webhook would do with the pods of a manifest: it sees them when Istio has added its sidecar. Pure, except for the lookup. */
import { admitPod, type Origin } from '../admission/admit.ts';
import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import type { AdmitDeps } from '../manifests/admit-manifests.ts';
import type { PodTemplate } from '../manifests/find-pods.ts';
import { istioStatus, proxyContainerName } from '../pod/names.ts';
import type { Pod } from '../pod/schema.ts';

/**
 * @param pod as it stands in the manifest
 * @param outcome of that pod
 * @param origin with the namespace's labels, if they are known
 */
export async function admitAsWebhook(
  pod: Pod,
  outcome: Outcome,
  origin: Origin,
  { settings, lookup }: AdmitDeps,
): Promise<Outcome> {
  return admitPod(expectsProxy(outcome) ? withProxy(pod) : pod, origin, settings, lookup);
}

/** @param template whose pod was admitted before */
export function readPod(template: PodTemplate): Pod {
  const decoded = decodePod(template.pod);
  if (!decoded.ok) throw new Error(`expected a pod that decodes: ${decoded.problem}`);
  return decoded.value;
}

/** Would Istio add its sidecar after `clockout inject`? */
export const expectsProxy = (outcome: Outcome): boolean =>
  outcome.kind !== 'skipped' && outcome.plan.strategy === 'wrap' && outcome.plan.sidecar === 'expected';

/** As Istio leaves the pod, in all that Clockout reads. A container istio-proxy that its author wrote becomes the sidecar. */
export function withProxy({ metadata, spec, ...rest }: Pod): Pod {
  const annotations = { ...metadata?.annotations, [istioStatus]: JSON.stringify({ containers: [proxyContainerName] }) };
  const hasOwn = spec.containers.some(({ name }) => name === proxyContainerName);
  const containers = hasOwn
    ? spec.containers
    : [...spec.containers, { name: proxyContainerName, args: ['proxy', 'sidecar'] }];
  return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, containers } };
}

/** The same with a native sidecar, which Kubernetes ends by itself. */
export function withNativeProxy({ metadata, spec, ...rest }: Pod): Pod {
  const annotations = {
    ...metadata?.annotations,
    [istioStatus]: JSON.stringify({ initContainers: [proxyContainerName] }),
  };
  const initContainers = [{ name: proxyContainerName, restartPolicy: 'Always' }, ...(spec.initContainers ?? [])];
  return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, initContainers } };
}
