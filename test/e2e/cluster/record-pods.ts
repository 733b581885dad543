/**
 * Makes the pods of test/testdata/pods anew: Jobs are created on the running cluster, and a webhook after Istio's keeps
 * the AdmissionReviews of their pods just as the API server sends them. Names and ids that differ each time are replaced.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { istiodPort, nodeAddress } from './addresses.ts';
import { type Api, connect, type KubeObject } from './api.ts';
import { root } from './paths.ts';
import { eventually } from './progress.ts';
import { startRecorder } from './recorder.ts';

const target = join(root, 'test', 'testdata', 'pods');
const namespace = 'jobs';
const image = 'registry.example.com/team/report:1.4.2';

type Template = { annotations?: Record<string, string>; labels?: Record<string, string>; spec: KubeObject };

const app = (fields: KubeObject = {}): KubeObject => ({ name: 'report', image, ...fields });
const one = (fields: KubeObject = {}, spec: KubeObject = {}): KubeObject => ({
  restartPolicy: 'Never',
  containers: [app({ command: ['/report'], ...fields })],
  ...spec,
});

/** One pod a file, each with one thing that sets it apart. */
const templates: Record<string, Template> = {
  'classic-never-args': {
    spec: one({ command: ['/report', '--month', 'today'], args: ['--to', '$(HOME)/out put', ''] }),
  },
  'classic-no-command': { spec: one({ command: undefined }) },
  'classic-args-only': { spec: one({ command: undefined, args: ['--verbose'] }) },
  'classic-onfailure': { spec: one({}, { restartPolicy: 'OnFailure' }) },
  'classic-two-containers': {
    spec: {
      restartPolicy: 'Never',
      containers: [app({ name: 'load', command: ['/load'] }), app({ command: ['/report'] })],
    },
  },
  'classic-hold-application': {
    annotations: { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' },
    spec: one(),
  },
  'classic-other-port': { annotations: { 'status.sidecar.istio.io/port': '15099' }, spec: one() },
  'classic-proxy-config-port': { annotations: { 'proxy.istio.io/config': 'statusPort: 15098\n' }, spec: one() },
  'classic-istio-init': { annotations: { 'sidecar.istio.io/interceptionMode': 'REDIRECT' }, spec: one() },
  'classic-probes': {
    spec: one({
      ports: [{ containerPort: 8080 }],
      startupProbe: { httpGet: { path: '/started', port: 8080 }, failureThreshold: 30, periodSeconds: 2 },
      livenessProbe: { exec: { command: ['/report', 'alive'] }, initialDelaySeconds: 10 },
      readinessProbe: { tcpSocket: { port: 8080 } },
    }),
  },
  'classic-post-start': { spec: one({ lifecycle: { postStart: { exec: { command: ['/report', 'hello'] } } } }) },
  'classic-init-containers': {
    spec: one({}, { initContainers: [app({ name: 'migrate', command: ['/migrate'] })] }),
  },
  'classic-no-token': { spec: one({}, { automountServiceAccountToken: false }) },
  'classic-resources': {
    spec: one(
      {
        resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
      { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } } },
    ),
  },
  native: { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' }, spec: one() },
  'not-injected': { labels: { 'sidecar.istio.io/inject': 'false' }, spec: one() },
};

/** Also a pod without a Job that asks for Clockout itself. */
const bare: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'smoke-test', namespace, labels: { 'clockout.dev/inject': 'true' } },
  spec: one({ command: ['/smoke-test'] }),
};

async function record(api: Api): Promise<void> {
  await api.delete(`/api/v1/namespaces/${namespace}`); // of a run that was ended
  await eventually(`namespace ${namespace} is made`, 60, () =>
    api.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'istio-injection': 'enabled' } },
    }),
  );
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await eventually('its service account is made', 30, () => api.get(account));
  const recorder = await startRecorder(api, namespace);
  try {
    for (const file of readdirSync(target, { withFileTypes: true })) if (file.isFile()) rmSync(join(target, file.name));
    for (const [name, template] of Object.entries(templates)) {
      const job = await api.create(jobOf(template));
      save(name, await reviewOf(recorder.reviews, job.metadata.uid));
      await api.delete(`/apis/batch/v1/namespaces/${namespace}/jobs/${job.metadata.name}`);
      await eventually('the Job is gone', 60, () => isGone(api, `/apis/batch/v1/namespaces/${namespace}/jobs/report`));
    }
    await api.create(bare);
    save('classic-bare-pod', await reviewOf(recorder.reviews));
  } finally {
    await recorder.close();
  }
}

function jobOf({ annotations = {}, labels = {}, spec }: Template): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'report', namespace },
    spec: { backoffLimit: 0, template: { metadata: { annotations, labels }, spec } },
  };
}

/** The first review of a Job's pod, or of one that no Job made. (A deleted Job may get another pod before it is gone.) */
function reviewOf(reviews: KubeObject[], job?: string): Promise<KubeObject> {
  const fits = ({ request }: KubeObject) => request.object.metadata.ownerReferences?.[0].uid === job;
  return eventually('the API server asked', 30, async () => reviews.find(fits));
}

const isGone = (api: Api, path: string): Promise<boolean> =>
  api.get(path).then(
    () => false,
    () => true,
  );

/** Writes a review with the same names, ids and times each time. */
function save(name: string, review: KubeObject): void {
  const { metadata } = review.request.object;
  const differing: [string | RegExp | undefined, string][] = [
    [review.request.uid, '5f1d7a52-9f3e-4a36-8c1c-0d6f0f3b7a10'],
    [metadata.ownerReferences?.[0].uid, '0b5f3c9e-9f0f-4c46-8d2c-3c7f0c1f6a11'],
    [review.request.userInfo.uid, '7e0c8d44-1b52-4d0e-9a57-3f8f6b9a2c12'],
    [new RegExp(`\\b${nodeAddress}:${istiodPort}\\b`, 'g'), `istiod.istio-system.svc:${istiodPort}`],
    [/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-x7k2p'],
    [/(?<="JTI=)[^"]+/g, 'c2b1a7f0-6d3e-4f7b-8e59-1a4d5c6b7e13'],
    [/(?<="X509SHA256=)[^"]+/g, '0'.repeat(64)],
    [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '2026-01-01T00:00:00Z'],
  ];
  let text = JSON.stringify(review, null, 2);
  for (const [old, fixed] of differing) if (old) text = text.replaceAll(old, fixed);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${name}.json`), `${text}\n`);
  console.error(`  ${name}`);
}

const api = connect();
try {
  await record(api);
} finally {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
}
