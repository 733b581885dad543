/** `clockout policy` on kube-apiserver 1.36 alone: what its policies of the version v1 make of pods, against what Clockout makes of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admitPod } from '../../../src/admission/admit.ts';
import type { Pod } from '../../../src/pod/schema.ts';
import { createPolicies } from '../../../src/policy/policies.ts';
import { withStrategy } from '../../support/pods.ts';
import type { KubeObject } from '../cluster/api.ts';
import { eventually } from '../cluster/progress.ts';
import { type ApiServer, buildApiServer, startApiServer } from './api-server.ts';

const recorded = new URL('../../testdata/pods/', import.meta.url);
const names = readdirSync(recorded).map((file) => file.replace(/\.json$/, ''));

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer(await buildApiServer());
  const metadata = { name: 'jobs', labels: { 'clockout.dev/inject': 'enabled' } };
  await server.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  // No controller does this here.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await server.post('/api/v1/namespaces/jobs/serviceaccounts', account);
  for (const { object } of createPolicies({ apiVersion: 'v1', sidecars: [] })) {
    const { kind } = object as KubeObject;
    const plural = kind === 'MutatingAdmissionPolicy' ? 'mutatingadmissionpolicies' : 'mutatingadmissionpolicybindings';
    await server.post(`/apis/admissionregistration.k8s.io/v1/${plural}`, object);
  }
  await eventually('the policies are in force', 60, async () => {
    const { metadata, spec } = await stored(tried);
    const isAsked = metadata.annotations?.['sidecar.istio.io/nativeSidecar'] === 'true';
    await stored(stripped);
    return isAsked && spec.initContainers?.some(({ restartPolicy }: KubeObject) => restartPolicy === 'Always');
  });
}, 2_400_000);
afterAll(() => server?.stop());

const container = { name: 'app', image: 'app:1' };
const tried: Pod = {
  metadata: { generateName: 'tried-', labels: { 'job-name': 'tried' } },
  spec: { restartPolicy: 'Never', containers: [container, { ...container, name: 'istio-proxy' }] },
};

/** The API server refuses it until a policy gives `side` its restartPolicy back. */
const stripped: Pod = {
  ...tried,
  spec: {
    restartPolicy: 'Never',
    containers: [container],
    initContainers: [
      { ...container, name: 'init' },
      { ...container, name: 'side', startupProbe: { exec: { command: ['/ready'] } } },
    ],
  },
};

/** What the API server would store. */
const stored = ({ metadata, spec }: Pod): Promise<KubeObject> =>
  server.post('/api/v1/namespaces/jobs/pods?dryRun=All', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, namespace: 'jobs' },
    spec,
  });

const optedOut = ({ metadata, spec }: Pod): Pod => ({
  metadata: { ...metadata, labels: { ...metadata?.labels, 'clockout.dev/inject': 'false' } },
  spec,
});

it('is of a release in which the version v1 is on by default', () => expect(server.version).toMatch(/^v1\.36\./));

describe('a recorded pod becomes what Clockout makes of it', () => {
  it.each(names)('%s', async (name) => {
    const pod: Pod = JSON.parse(readFileSync(new URL(`${name}.json`, recorded), 'utf8')).request.object;
    const outcome = await admitPod(pod, { from: 'server' }, withStrategy('native'));
    const byClockout = await stored(optedOut(outcome.kind === 'patched' ? outcome.patched : pod));
    const byPolicies = await stored(pod);
    expect(byPolicies.spec).toEqual(byClockout.spec);
  });
});

it('a native sidecar without its restartPolicy gets it back, and an init container stays one', async () => {
  const { spec } = await stored(stripped);
  const found = spec.initContainers.map(({ name, restartPolicy }: KubeObject) => [name, restartPolicy]);
  expect(found).toEqual([
    ['init', undefined],
    ['side', 'Always'],
  ]);
});
