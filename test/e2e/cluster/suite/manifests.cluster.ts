/** What the real API server says of the chart's manifests, and what a GitOps tool would see of what is installed. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseManifests, valuesFile, valuesFiles } from '../../chart/manifests.ts';
import { kubectl } from '../clients.ts';
import { attempt, run } from '../exec.ts';
import { chart, helm, installClockout, release, releaseNamespace } from '../install.ts';
import { root } from '../paths.ts';
import { api } from './kube.ts';

const accept = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--filename', '-'];

/** For the Roles that a value puts into namespaces which must be there. */
const others = ['shop', 'reports'].map((name) => ({ path: `/api/v1/namespaces/${name}`, name }));

beforeAll(async () => {
  await installClockout();
  for (const { path, name } of others)
    await api.apply(path, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
});
afterAll(async () => {
  for (const { path } of others) await api.delete(path);
});

/** Kinds of others (Prometheus Operator, cert-manager), which the API server here does not know. */
const isKnown = ({ apiVersion }: { apiVersion: string }) =>
  !/^(monitoring\.coreos\.com|cert-manager\.io)\//.test(apiVersion);

it.each(valuesFiles)('the API server takes every manifest of the values %s', async (name) => {
  // Of a release that is not there; without the pod of `helm test`, whose service account would have to be.
  const rendered = await helm(['template', 'other', chart, '--skip-tests', '--values', valuesFile(name)]);
  const items = parseManifests(rendered).filter(isKnown);
  const said = await run([...kubectl, ...accept], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  expect(said.trim().split('\n')).toHaveLength(items.length);
});

it('the API server takes deploy/ as it is', async () => {
  // Its namespace is there, as the release has the same.
  const built = await run([...kubectl, 'kustomize', join(root, 'deploy')]);
  const said = await run([...kubectl, ...accept], { input: built });
  expect(said).toMatch(/^deployment\.apps\/clockout serverside-applied \(server dry run\)$/m);
});

it('nothing of what is installed differs from its manifests, so no GitOps tool has anything to repair', async () => {
  const manifest = await helm(['get', 'manifest', release]);
  const diff = [
    ...kubectl,
    'diff',
    '--server-side',
    '--force-conflicts',
    '--namespace',
    releaseNamespace,
    '--filename',
    '-',
  ];
  const { code, stdout, stderr } = await attempt(diff, { input: manifest });
  expect(`${stdout}${stderr}`).toBe('');
  expect(code).toBe(0);
});
