/** All policies that together do what `strategy: native` does, and the objects that they consist of. */
import { proxyContainerName } from '../pod/names.ts';
import { askIstio } from './ask-istio.ts';
import { convert } from './convert.ts';
import { repair } from './repair.ts';
import type { Policy } from './schema.ts';
import { bindings, podConditions } from './selection.ts';

export const apiVersions = ['v1', 'v1beta1'] as const;
export type ApiVersion = (typeof apiVersions)[number];

export type PolicyOptions = {
  apiVersion: ApiVersion;
  /** Names of the sidecars to convert in addition to Istio's. */
  sidecars: readonly string[];
};

/** An object to print, and the comment above it. */
export type Described = { about: string; object: object };

export const createPolicies = ({ apiVersion, sidecars }: PolicyOptions): Described[] =>
  [askIstio, ...[...new Set([proxyContainerName, ...sidecars])].map(convert), repair].flatMap((policy) => [
    { about: policy.about, object: createPolicy(policy, apiVersion) },
    ...bindings.map(({ suffix, about, matchResources }) => ({
      about,
      object: {
        apiVersion: group(apiVersion),
        kind: 'MutatingAdmissionPolicyBinding',
        metadata: { name: `${policy.name}-${suffix}`, labels },
        spec: { policyName: policy.name, matchResources },
      },
    })),
  ]);

// --- internal ---

const group = (apiVersion: ApiVersion) => `admissionregistration.k8s.io/${apiVersion}`;

const labels = { 'app.kubernetes.io/name': 'clockout' };

const createPolicy = (
  { name, reinvocationPolicy, conditions, variables, mutation }: Policy,
  apiVersion: ApiVersion,
) => ({
  apiVersion: group(apiVersion),
  kind: 'MutatingAdmissionPolicy',
  metadata: { name, labels },
  spec: {
    // A pod that a policy cannot handle is not changed.
    failurePolicy: 'Ignore',
    reinvocationPolicy,
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
      ],
    },
    matchConditions: [...podConditions, ...conditions],
    ...(variables.length > 0 && { variables }),
    mutations: [mutation],
  },
});
