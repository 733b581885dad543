/** Creates pods as a dry run, and looks at what the webhooks of the cluster make of them. No pod is started. */

import type { Api, KubeObject } from '../../kubernetes/api/api.ts';
import { labelsOfJobPod, type SeenPod } from '../../mesh/webhooks.ts';
import { injectLabel, istioStatus, proxyContainerName } from '../../pod/names.ts';
import { fail, ok } from '../../util/result.ts';
import type { Facts, Known, ProbeAnswer, Probes } from '../facts.ts';
import { asksIstio, isIstios } from '../read/configuration.ts';
import { sees } from '../seen.ts';

type Probe = { labels: SeenPod['labels']; annotations?: Record<string, string>; spec: KubeObject };

type Circumstances = Pick<Facts, 'configurations' | 'namespaces' | 'installation'> & { minor: number };

/** @param circumstances which say in which namespaces the pods are of use; `minor` is the API server's */
export async function askProbes(api: Api, circumstances: Circumstances): Promise<Probes> {
  const { sample, istio } = choose(circumstances);
  const [sampled, injected, dropped] = await Promise.all([
    circumstances.installation && sample ? ask(api, sample.name, samplePod) : undefined,
    istio ? ask(api, istio.name, plainPod) : undefined,
    // Before, the API server itself drops the field of native sidecars.
    sample && circumstances.minor >= firstNative ? ask(api, sample.name, nativePod) : undefined,
  ]);
  return { sample: sampled, istio: injected, native: dropped };
}

// --- internal ---

const firstNative = 29;

/** Finds a namespace whose pods Clockout sees, and one in which Istio injects. */
function choose({ configurations, namespaces, installation }: Circumstances) {
  const all = namespaces.ok ? namespaces.value : [{ name: 'default', labels: {} }];
  const outside = all.filter(({ name }) => !name.startsWith('kube-') && name !== installation?.service.namespace);
  const defaultFirst = outside.toSorted((a, b) => Number(b.name === 'default') - Number(a.name === 'default'));
  const own = installation?.configurations.filter((each) => !asksIstio(each)).flatMap(({ webhooks }) => webhooks) ?? [];
  const injectors = configurations.ok ? configurations.value.filter(isIstios).flatMap(({ webhooks }) => webhooks) : [];
  const meshed = outside.filter((each) => sees(injectors, each));
  return {
    sample:
      outside.find((each) => sees(own, each)) ??
      defaultFirst.find((each) => sees(own, each, { [injectLabel]: 'true' })) ??
      defaultFirst[0],
    istio: meshed.find((each) => sees(own, each)) ?? meshed[0],
  };
}

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
const samplePod: Probe = {
  labels: { [injectLabel]: 'true', 'sidecar.istio.io/inject': 'false' },
  annotations: { [istioStatus]: '{}' },
  spec: { containers: [container('app'), container(proxyContainerName)] },
};

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
  if (answer.ok) return ok({ namespace, answer });
  const { kind, message } = answer.problem;
  // A pod that a webhook or a policy refuses is an answer; a missing right is none. Both may have the status 403.
  const isRight = kind === 'forbidden' && / cannot create resource "pods" /.test(message);
  if (kind === 'refused' || (kind === 'forbidden' && !isRight)) return ok({ namespace, answer: fail(message) });
  return fail(answer.problem);
}
