/**
 * The policy that asks Istio to inject its proxy as a native sidecar. Istio obeys the annotation since 1.24.
 * @see https://github.com/istio/istio/blob/1.24.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
 */
import { istioNative } from '../pod/names.ts';
import { type Policy, quote } from './schema.ts';

const annotation = quote(istioNative);

export const askIstio: Policy = {
  name: 'clockout-ask-istio',
  about: `Asks Istio 1.24 or newer for a native sidecar. Policies run before webhooks, so that Istio's webhook sees the
annotation. An older Istio ignores it.`,
  reinvocationPolicy: 'Never',
  conditions: [
    {
      name: 'says-nothing-itself',
      expression: `!has(object.metadata.annotations) || !(${annotation} in object.metadata.annotations)`,
    },
  ],
  variables: [],
  mutation: {
    patchType: 'ApplyConfiguration',
    applyConfiguration: {
      expression: `Object{metadata: Object.metadata{annotations: {${annotation}: 'true'}}}`,
    },
  },
};
