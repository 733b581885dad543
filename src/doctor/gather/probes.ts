/** Creates pods as a dry run, and looks at what the webhooks of the cluster make of them. No pod is started. */

import type { Api, KubeObject } from '../../kubernetes/api/api.ts';
import { labelsOfJobPod, type SeenPod, type Webhook } from '../../mesh/webhooks.ts';
import { injectLabel, istioStatus, proxyContainerName } from '../../pod/names.ts';
import { fail, ok } from '../../util/result.ts';
import type { Facts, Known, NamespaceFacts, ProbeAnswer, Probes } from '../facts.ts';
import { isIstios } from '../read/configuration.ts';
import { webhooksOf, webhooksOfOthers } from '../read/own-webhooks.ts';
import { sees } from '../seen.ts';

type Probe = { labels: SeenPod['labels']; annotations?: Record<string, string>; spec: KubeObject };

type Circumstances = Pick<Facts, 'configurations' | 'namespaces' | 'installation'> & { minor: number };

/** @param circumstances which say in which namespaces the pods are of use; `minor` is the API server's */
export async function askProbes(api: Api, circumstances: Circumstances): Promise<Probes> {
  const { samples, native, istio } = choose(circumstances);
  const [sampled, injected, dropped] = await Promise.all([
    Promise.all(
      samples.map(({ namespace, isByLabel }) => ask(api, namespace.name, createSample(isByLabel), isByLabel)),
    ),
    istio ? ask(api, istio.name, plainPod) : undefined,
    // Before, the API server itself drops the field of native sidecars.
    native && circumstances.minor >= firstNative ? ask(api, native.name, nativePod) : undefined,
  ]);
  return { samples: sampled, istio: injected, native: dropped };
}

// --- internal ---

const firstNative = 29;

/** A namespace, and whether only pods with a label of their own are sent to Clockout from there. */
type Sample = { namespace: NamespaceFacts; isByLabel: boolean };

/** Finds namespaces whose pods Clockout sees, and one in which Istio injects. */
function choose({ configurations, namespaces, installation }: Circumstances) {
  const all = namespaces.ok ? namespaces.value : [{ name: 'default', labels: {} }];
  const outside = all.filter(({ name }) => !name.startsWith('kube-') && name !== installation?.service.namespace);
  const defaultFirst = outside.toSorted((a, b) => Number(b.name === 'default') - Number(a.name === 'default'));
  const known = configurations.ok ? configurations.value : [];
  const own = installation ? webhooksOf(installation) : [];
  const others = installation ? webhooksOfOthers(known, installation) : [];
  const injectors = known.filter(isIstios).flatMap(({ webhooks }) => webhooks);
  const meshed = outside.filter((each) => sees(injectors, each));
  const samples = installation ? chooseSamples(own, others, defaultFirst) : [];
  return {
    samples,
    native: samples[0]?.namespace ?? defaultFirst[0],
    istio: meshed.find((each) => sees(own, each)) ?? meshed[0],
  };
}

/** A sample for each webhook that changes pods; if another installation sees them, too, it could be the one that wraps them. */
function chooseSamples(
  own: readonly Webhook[],
  others: readonly Webhook[],
  namespaces: readonly NamespaceFacts[],
): Sample[] {
  const find = (webhook: Webhook): Sample | undefined => {
    const seen = [false, true].flatMap((isByLabel) =>
      namespaces
        .filter((each) => sees([webhook], each, labelsFor(isByLabel)))
        .map((namespace) => ({ namespace, isByLabel })),
    );
    return seen.find(({ namespace, isByLabel }) => !sees(others, namespace, labelsFor(isByLabel))) ?? seen[0];
  };
  const found = own.filter(({ name }) => !name.startsWith('observe')).flatMap((webhook) => find(webhook) ?? []);
  const different = new Map(found.map((each) => [`${each.isByLabel} ${each.namespace.name}`, each]));
  const [first] = namespaces;
  if (different.size === 0 && first) return [{ namespace: first, isByLabel: true }];
  return [...different.values()].slice(0, mostSamples);
}

/** The chart has a webhook for namespaces and one for pods, each for up to four strategies. */
const mostSamples = 8;

const labelsFor = (isByLabel: boolean): SeenPod['labels'] => (isByLabel ? { [injectLabel]: 'true' } : {});

const image = 'clockout-doctor:0';

/** It meets the Pod Security level restricted, and fits into any quota. */
const container = (name: string, fields: KubeObject = {}) => ({
  name,
  image,
  command: ['/sample'],
  resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { cpu: '100m', memory: '16Mi' } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  ...fields,
});

/** Its second container stands for the sidecar, so that the answer does not depend on Istio. */
const createSample = (isByLabel: boolean): Probe => ({
  labels: { ...labelsFor(isByLabel), 'sidecar.istio.io/inject': 'false' },
  annotations: { [istioStatus]: '{}' },
  spec: { containers: [container('app'), container(proxyContainerName)] },
});

/** Only Istio looks at it. */
const plainPod: Probe = { labels: { [injectLabel]: 'false' }, spec: { containers: [container('app')] } };

/** The API server refuses the probe if a webhook has dropped restartPolicy. */
const nativePod: Probe = {
  labels: { [injectLabel]: 'true', 'sidecar.istio.io/inject': 'false' },
  spec: {
    initContainers: [
      container('helper', { restartPolicy: 'Always', startupProbe: { exec: { command: ['/sample'] } } }),
    ],
    containers: [container('app')],
  },
};

async function ask(
  api: Api,
  namespace: string,
  { labels, annotations = {}, spec }: Probe,
  isByLabel = false,
): Promise<Known<ProbeAnswer>> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'clockout-doctor-',
      namespace,
      labels: { ...labelsOfJobPod('clockout-doctor'), ...labels },
      annotations,
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      ...spec,
    },
  };
  const answer = await api.create({ resource: 'pods', namespace }, pod, { dryRun: true });
  if (answer.ok) return ok({ namespace, isByLabel, answer });
  const { kind, message } = answer.problem;
  // A pod that a webhook or a policy refuses is an answer; a missing right is none. Both may have the status 403.
  const isRight = kind === 'forbidden' && / cannot create resource "pods" /.test(message);
  if (kind === 'refused' || (kind === 'forbidden' && !isRight))
    return ok({ namespace, isByLabel, answer: fail(message) });
  return fail(answer.problem);
}
