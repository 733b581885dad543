import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hasApiServer, holdClusterVersions } from '../../../src/commands/setup/cluster-versions.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import type { FollowedVersions } from '../../../src/kubernetes/cluster-versions.ts';
import { startNodeServer } from '../../kubernetes/node-server.ts';

let server: Awaited<ReturnType<typeof startNodeServer>>;
let directory: string;
let followed: FollowedVersions | undefined;
beforeEach(async () => {
  server = await startNodeServer([{ name: 'a', version: 'v1.33.1' }]);
  directory = await mkdtemp(join(tmpdir(), 'clockout-'));
  const file = join(directory, 'kubeconfig');
  await writeFile(file, server.config.exportConfig());
  vi.stubEnv('KUBECONFIG', file);
});
afterEach(async () => {
  followed?.stop();
  vi.unstubAllEnvs();
  await server.close();
  await rm(directory, { recursive: true });
});

const selected = (selector: string) =>
  `GET /api/v1/nodes?includeObject=None&limit=500&labelSelector=${selector}&resourceVersion=0`;

it.each<[object, object, string[]]>([
  [{ CLOCKOUT_STRATEGY: 'native' }, { apiServer: 35 }, []],
  [{ CLOCKOUT_STRATEGY: 'auto' }, { apiServer: 35, oldestNode: 33 }, [selected('kubernetes.io/os!=windows')]],
  [
    { CLOCKOUT_STRATEGY: 'auto', CLOCKOUT_NATIVE_NODES: 'pool in (jobs)' },
    { apiServer: 35, oldestNode: 33 },
    [selected('pool+in+(jobs)')],
  ],
])('with %j, %j is known of the cluster', async (env, versions, requests) => {
  const parsed = parseConfig({ ...env });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  const held = holdClusterVersions(parsed.value);
  expect(held.current()).toEqual({});
  followed = await held.follow({ read: () => {}, changed: () => {}, failed: () => {} });
  await expect.poll(held.current, { timeout: 20_000 }).toEqual(versions);
  expect(server.requests).toEqual(['GET /version', ...requests]);
});

it.each<[boolean, Record<string, string>, boolean]>([
  [true, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, true],
  [false, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, false],
  [false, { KUBECONFIG: '/config' }, true],
  [true, {}, false],
])('with a token: %s, and %j, there is an API server to ask: %s', (hasToken, env, expected) =>
  expect(hasApiServer(env, () => hasToken)).toBe(expected),
);
