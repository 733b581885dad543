/** When something is wrong, log, readiness and a metric say one clear sentence, and what is mended heals. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { helm as helmAsAdmin, runKubectl } from '../clients.ts';
import { attempt } from '../exec.ts';
import {
  ask,
  chart,
  configuration,
  counterOf,
  deployment,
  distrustInstallation,
  helm,
  installClockout,
  release,
  releaseNamespace,
  replicas,
  restartClockout,
} from '../install.ts';
import { eventually, sleep } from '../progress.ts';
import {
  anew,
  api,
  isWrapped,
  shortJob as job,
  logOf,
  makeNamespace,
  meshed,
  removeNamespaces,
  runJob,
} from './kube.ts';

afterAll(async () => {
  distrustInstallation();
  await removeNamespaces();
});

beforeAll(() => installClockout());

/** What the newest replica says; it need not be ready. */
const newest = async () => {
  const all = (await replicas(api)).filter(({ status }) => status.podIP);
  return all.sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];
};
const says = (pattern: RegExp) =>
  eventually(`a replica says ${pattern}`, 40, async () => {
    const pod = await newest();
    return pod && pattern.test(await ask(pod, '/readyz')) && pod;
  });
/** Lines come a moment later, together. */
const writes = (pod: KubeObject, pattern: RegExp) =>
  eventually(`the log has ${pattern}`, 30, async () => pattern.test(await logOf(pod, 'clockout')));
const areReady = async () => {
  const all = await replicas(api);
  const answers = await Promise.all(all.map((each) => ask(each, '/readyz')));
  return all.length === 2 && answers.every((answer) => answer === 'ok\n');
};
/** Not for so long that the kubelet would have noticed by its probes. */
const stayReady = async () => {
  await sleep(8000);
  expect((await api.get(deployment)).status.readyReplicas).toBe(2);
};
const failures = (pods: KubeObject[]) => counterOf(pods, 'clockout_certificate_events_total', { event: 'failed' });

it('no right to read the Secret; it heals when the right is there', async () => {
  const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${releaseNamespace}/rolebindings/clockout`;
  const binding = await api.get(role);
  await api.delete(role);
  try {
    await restartClockout();
    const pod = await says(/clockout-ca.*403|403.*clockout-ca/s);
    await writes(pod, /"level":"(warn|error)".*clockout-ca/);
    expect(await failures([pod])).toBeGreaterThan(0);
    // The replicas that were there before go on.
    const namespace = await makeNamespace(meshed);
    expect(isWrapped((await runJob(namespace, 'goes-on', job)).pod)).toBe(true);
  } finally {
    await api.create(anew(binding));
  }
  await runKubectl('-n', releaseNamespace, 'rollout', 'status', 'deployment/clockout', '--timeout=60s');
});

it('no webhook configuration: nobody calls, and it heals when it is there again', async () => {
  const found = await api.get(configuration);
  await api.delete(configuration);
  try {
    const pod = await says(/^Ready, with a warning: .*MutatingWebhookConfiguration was not found/);
    await writes(pod, /MutatingWebhookConfiguration was not found/);
    await stayReady();
  } finally {
    await api.create(anew(found));
  }
  await eventually('the replicas are ready again', 40, areReady);
  const namespace = await makeNamespace(meshed);
  expect(isWrapped((await runJob(namespace, 'again', job)).pod)).toBe(true);
});

it('a Secret of the CA that was damaged: what is served by stays good, and it heals when the Secret is deleted', async () => {
  const secret = `/api/v1/namespaces/${releaseNamespace}/secrets/clockout-ca`;
  await api.merge(secret, { data: { 'tls.crt': Buffer.from('damaged').toString('base64') } });
  const namespace = await makeNamespace(meshed);
  try {
    const pod = await says(
      /^Ready, with a warning: .*the Secret clockout\/clockout-ca cannot be used: .*tls\.crt.*kubectl delete secret/,
    );
    await writes(pod, /the Secret clockout\/clockout-ca cannot be used/);
    await stayReady();
    expect(isWrapped((await runJob(namespace, 'damaged', job)).pod)).toBe(true);
  } finally {
    await api.delete(secret);
  }
  await eventually('the replicas are ready again', 40, areReady);
  expect(isWrapped((await runJob(namespace, 'healed', job)).pod)).toBe(true);
});

it('a Secret of the CA that was deleted: the log names it, and Jobs go on', async () => {
  const pods = await replicas(api);
  await api.delete(`/api/v1/namespaces/${releaseNamespace}/secrets/clockout-ca`);
  for (const pod of pods) await writes(pod, /"problem":"the Secret clockout\/clockout-ca was (deleted|replaced)/);
  await eventually('the replicas are ready again', 40, areReady);
  const namespace = await makeNamespace(meshed);
  expect(isWrapped((await runJob(namespace, 'goes-on', job)).pod)).toBe(true);
});

it("a webhook configuration that is another installation's, whose caBundle it leaves alone", async () => {
  const { webhooks } = await api.get(configuration);
  const moved = webhooks.map((webhook: KubeObject) => {
    const { caBundle: _, service, ...clientConfig } = webhook.clientConfig;
    return { ...webhook, clientConfig: { ...clientConfig, service: { ...service, namespace: 'elsewhere' } } };
  });
  const before = await failures(await replicas(api));
  await api.merge(configuration, { webhooks: moved });
  try {
    const pod = await says(/another installation's: it calls clockout\.elsewhere\.svc/);
    await writes(pod, /another installation's/);
    expect(await failures(await replicas(api))).toBeGreaterThan(before);
    expect((await api.get(configuration)).webhooks[0].clientConfig.caBundle).toBeUndefined();
  } finally {
    await api.merge(configuration, { webhooks });
  }
  await eventually('the replicas are ready again', 40, areReady);
});

it('a second release with other names changes nothing twice', async () => {
  const second = ['--namespace', 'second'];
  const { image } = JSON.parse(await helm(['get', 'values', release, '--output', 'json']));
  const set = Object.entries(image).flatMap(([key, value]) => ['--set', `image.${key}=${value}`]);
  await helm(['install', 'second', chart, ...second, '--create-namespace', '--wait', '--timeout', '90s', ...set]);
  try {
    const namespace = await makeNamespace(meshed);
    const { result, pod } = await runJob(namespace, 'twice', job);
    expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
    const names = pod.spec.initContainers.map(({ name }: KubeObject) => name);
    expect(names.filter((name: string) => name === 'clockout-init')).toHaveLength(1);
  } finally {
    await helm(['uninstall', 'second', ...second]);
    await api.delete('/api/v1/namespaces/second');
  }
});

it('a wrapper image that no node can pull: `helm test` fails, and its output says why', {
  timeout: 300_000,
}, async () => {
  await installClockout({ wrapper: { image: 'localhost/not-there:1', pullPolicy: 'Never' } });
  await expect(helm(['test', release, '--timeout', '180s'])).rejects.toThrow(
    /expected the node \S+ to pull localhost\/not-there:1 without pull secrets of the release; found ErrImageNeverPull/,
  );
});

it('a good installation: `helm test` says which node it has tested', async () => {
  await installClockout();
  // Helm 4 prints the logs of tests on stderr.
  const { code, stdout, stderr } = await attempt([...helmAsAdmin, '-n', releaseNamespace, 'test', release]);
  expect([code, stdout + stderr]).toEqual([
    0,
    expect.stringMatching(/the node \S+ has pulled \S+ without pull secrets of the release, or had it already/),
  ]);
});
