/**
 * What a webhook answers that is called before Istio's: it asks Istio to inject its sidecar as a native one. The review after Istio's
 * then finds nothing to convert. If Istio is older than 1.24, or injects a classic sidecar anyway, that review converts it.
 */
import { decide } from '../decide/decide.ts';
import type { Origin } from '../decide/origin.ts';
import { setAnnotations } from '../inject/patch/annotations.ts';
import { patchToBase64 } from '../inject/patch/patch-base64.ts';
import type { Facts } from '../pod/facts.ts';
import { istioNative, prefix } from '../pod/names.ts';
import type { Pod } from '../pod/schema.ts';
import { ok, type Result } from '../util/result.ts';
import { readFacts, type Settings } from './admit.ts';
import type { AdmissionResponse } from './response.ts';
import { type AdmissionRequest, type DefaultsOf, decodeReview, type NamespaceStrategy } from './review.ts';

export type AskedReview = {
  review: { apiVersion: 'admission.k8s.io/v1'; kind: 'AdmissionReview'; response: AdmissionResponse };
  request: AdmissionRequest;
  /** Whether Istio is asked. */
  isAsked: boolean;
};

/**
 * It never refuses a pod, and never warns: the other review does.
 * @param strategy that of the pod's namespace, if it has one
 */
export function askReview(
  body: unknown,
  settings: Settings,
  strategy?: NamespaceStrategy,
  defaultsOf?: DefaultsOf,
): Result<AskedReview, string> {
  const decoded = decodeReview(body);
  if (!decoded.ok) return decoded;
  const { request, pod } = decoded.value;
  const isAsked = asksIstio(pod, settings, { strategy, namespaceDefaults: defaultsOf?.(request.namespace ?? '') });
  const patch = isAsked ? setAnnotations(pod.metadata, { [istioNative]: 'true' }) : [];
  const response: AdmissionResponse = {
    uid: request.uid,
    allowed: true,
    ...(isAsked && { patchType: 'JSONPatch', patch: patchToBase64(patch) }),
    auditAnnotations: { 'ask-istio': `${isAsked}` },
  };
  return ok({ review: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }, request, isAsked });
}

/** Would the strategy native be taken for this pod, and is it the same whether Istio or Clockout makes the sidecar native? */
export function asksIstio(
  pod: Pod,
  settings: Settings,
  namespace: Pick<Origin, 'strategy' | 'namespaceDefaults'> = {},
): boolean {
  const facts = readFacts(pod, namespace, settings);
  if (differsWhenAsked(facts)) return false;
  const decision = decide(facts, { from: 'server', isBeforeIstio: true, ...namespace }, settings.strategies);
  return decision.strategy === 'native' && decision.asksIstio;
}

// --- internal ---

/**
 * Istio puts its native sidecar before the pod's own init containers. Their network would become that of the mesh, and the pod could
 * request more than its namespace allows. And Istio does not know the annotation quit-delay.
 */
const differsWhenAsked = ({ annotations, initContainers, options }: Facts): boolean =>
  annotations[istioNative] != null ||
  annotations[`${prefix}quit-delay`] != null ||
  options['quit-delay'] > 0 ||
  initContainers.some(({ restartPolicy }) => restartPolicy !== 'Always');
