/** With a client CA, the API server is answered, which presents a certificate, and nobody else is. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { helm, installClockout, release, replicas } from '../install.ts';
import { frontProxy, pki } from '../pki.ts';
import { api, app, isWrapped, makeNamespace, meshed, removeNamespaces, runJob, shortJob } from './kube.ts';

const clientCA = () => readFileSync(pki(frontProxy.ca), 'utf8');

afterAll(removeNamespaces);

/** What a pod of the cluster could send; this machine reaches pods by their addresses. */
const askAsNeighbour = (pod: KubeObject, files: { cert?: string; key?: string } = {}) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const certificate = {
      ...(files.cert && { cert: readFileSync(pki(files.cert)) }),
      ...(files.key && { key: readFileSync(pki(files.key)) }),
    };
    const options = { method: 'POST', rejectUnauthorized: false, agent: false as const, ...certificate };
    const asked = request(`https://${pod.status.podIP}:8443/mutate`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end('{}');
  });

/** A Job's pod in a namespace that opted in, as a dry run. */
const samplePod = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'sample', namespace, labels: { 'batch.kubernetes.io/job-name': 'sample' } },
  spec: { restartPolicy: 'Never', containers: [app()] },
});

describe('with the CA and the name of what the API server presents', () => {
  beforeAll(() => installClockout({ webhook: { clientCA: clientCA(), clientNames: [frontProxy.name] } }));

  it('Jobs are wrapped and complete, and `helm test` passes', async () => {
    const namespace = await makeNamespace(meshed);
    const { result, pod } = await runJob(namespace, 'answered', shortJob);
    expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
    expect(await helm(['test', release, '--timeout', '60s'])).toMatch(/Phase: +Succeeded/);
  });

  it.each<[string, string, { cert?: string; key?: string }]>([
    ['without a certificate', 'found none', {}],
    ["with one of the cluster's own CA", 'found one that is not accepted', { cert: 'admin.crt', key: 'admin.key' }],
  ])('a neighbour %s is refused by each replica', async (_, found, files) => {
    for (const pod of await replicas(api)) {
      const { status, text } = await askAsNeighbour(pod, files);
      expect([status, text]).toEqual([403, expect.stringContaining(found)]);
    }
  });
});

describe('with another name', () => {
  beforeAll(() => installClockout({ webhook: { clientCA: clientCA(), clientNames: ['kube-apiserver'] } }));

  it('the API server is refused, and passes on the sentence to the creator of the pod', async () => {
    const namespace = await makeNamespace(meshed);
    await expect(api.tryOut(samplePod(namespace))).rejects.toThrow(
      `This caller is not answered: expected a certificate of the CA in CLOCKOUT_CLIENT_CA_FILE with one of the names in CLOCKOUT_CLIENT_NAMES, found the name "${frontProxy.name}"`,
    );
  });
});
