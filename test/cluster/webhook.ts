/** Clockout itself: the bundle as a program on this machine, and the configuration by which the API server asks it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webhookMetricsPort, webhookPort } from './addresses.ts';
import type { Api, KubeObject } from './api.ts';
import { run } from './exec.ts';
import { busyboxImage } from './images.ts';
import { hashOf, inState, root } from './paths.ts';
import { find, start, stop, tryRead, waitFor } from './processes.ts';

export type WebhookOptions = { failurePolicy: 'Fail' | 'Ignore'; wrapperImage: string };

export const webhookDefaults: WebhookOptions = { failurePolicy: 'Fail', wrapperImage: busyboxImage };

/** Sorts after istio-sidecar-injector, so that Istio's sidecar is in the pods it sees. */
const name = 'zz-clockout';
const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`;
const caFile = inState('webhook-ca.pem');
/** Tells which bundle runs, and with which options. */
const startedFile = inState('webhook-started');

/**
 * Builds the bundle, starts it (anew, if another runs), and registers it. A configuration that is there stays in force
 * until then, so that no pod slips through unseen.
 */
export async function startWebhook(api: Api, options: WebhookOptions): Promise<void> {
  await run([process.execPath, 'scripts/build.ts'], { cwd: root });
  const what = hashOf({ files: [join(root, 'dist')], values: [JSON.stringify(options)] });
  if (tryRead(startedFile) === what && find('webhook').length > 0) return;
  rmSync(startedFile, { force: true });
  await stop('webhook');
  rmSync(caFile, { force: true });
  start({
    name: 'webhook',
    argv: [process.execPath, join(root, 'dist', 'clockout.mjs'), 'serve'],
    env: {
      CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
      CLOCKOUT_LISTEN_PORT: String(webhookPort),
      CLOCKOUT_METRICS_LISTEN_PORT: String(webhookMetricsPort),
      CLOCKOUT_TLS_CA_OUT: caFile,
      CLOCKOUT_WRAPPER_IMAGE: options.wrapperImage,
      CLOCKOUT_DRAIN_SECONDS: '0',
      CLOCKOUT_LOG_LEVEL: 'debug',
    },
  });
  await waitFor(['webhook'], 'Clockout is ready', 15, async () => (await ask('/readyz')).ok);
  await api.apply(path, configuration(options));
  writeFileSync(startedFile, what);
}

/** A counter of the webhook's metrics, summed over the labels that aren't asked for. */
export async function counter(metric: string, labels: Record<string, string> = {}): Promise<number> {
  const text = await (await ask('/metrics')).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

const ask = (page: string): Promise<Response> => fetch(`http://127.0.0.1:${webhookMetricsPort}${page}`);

/** A pod of a Job, or one that asks for itself. */
const wanted = `
  has(object.metadata.ownerReferences) &&
    object.metadata.ownerReferences.exists(owner, owner.kind == 'Job' && owner.apiVersion.startsWith('batch/')) ||
  has(object.metadata.labels) &&
    ('batch.kubernetes.io/job-name' in object.metadata.labels ||
     'job-name' in object.metadata.labels ||
     'clockout.dev/inject' in object.metadata.labels)`;

/**
 * Opt-in: pods of Jobs in namespaces that say `enabled`, but those whose own label says no; and any pod, whatever its
 * namespace says, whose own label says yes. No pod fits both, so that none is reviewed twice.
 */
function configuration({ failurePolicy }: WebhookOptions): KubeObject {
  const shared = {
    clientConfig: {
      url: `https://localhost:${webhookPort}/mutate`,
      caBundle: readFileSync(caFile).toString('base64'),
    },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    admissionReviewVersions: ['v1'],
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 5,
    reinvocationPolicy: 'IfNeeded',
    failurePolicy,
  };
  const label = (operator: string, value: string) => ({
    matchExpressions: [{ key: 'clockout.dev/inject', operator, values: [value] }],
  });
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'namespace.clockout.dev',
        ...shared,
        namespaceSelector: label('In', 'enabled'),
        objectSelector: label('NotIn', 'false'),
        matchConditions: [{ name: 'job', expression: wanted.replace(/\s+/g, ' ').trim() }],
      },
      {
        name: 'pod.clockout.dev',
        ...shared,
        namespaceSelector: label('NotIn', 'enabled'),
        objectSelector: label('In', 'true'),
      },
    ],
  };
}
