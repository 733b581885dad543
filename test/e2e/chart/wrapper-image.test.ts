/** The script of `helm test` that pulls the wrapper image, with a stand-in API server. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sendJson, startApiServer } from '../../kubernetes/api-server.ts';

const script = readFileSync(new URL('../../../charts/clockout/files/wrapper-image.mjs', import.meta.url), 'utf8');

const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });
const ended = (exitCode: number) => ({ terminated: { exitCode } });

/** @param states of the container, one for each look at the pod; the last one stays. @returns what the script prints */
async function test(...states: object[]) {
  const left = [...states];
  const api = await startApiServer((request, response) => {
    const state = request.method === 'GET' && left.length > 1 ? left.shift() : left[0];
    const status = { phase: 'Pending', containerStatuses: [{ state }] };
    sendJson(response, 200, { metadata: { name: 'sample' }, spec: { nodeName: 'node-1' }, status });
  });
  const folder = mkdtempSync(join(tmpdir(), 'clockout-helm-test-'));
  const token = join(folder, 'token');
  writeFileSync(token, 'secret-token');
  // As in a cluster, except for the token's place, TLS, and how long a pull may fail.
  const text = script
    .replace('/var/run/secrets/kubernetes.io/serviceaccount/token', token)
    .replace('https://', 'http://')
    .replace('pull: 30_000', 'pull: 0');
  const { hostname, port } = new URL(api.config.getCurrentCluster()?.server ?? '');
  const sample = { metadata: {}, spec: { containers: [{ image: 'mirror/busybox:1' }] } };
  const env = {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    NAMESPACE: 'mesh-jobs',
    OWNER: 'clockout-test-wrapper-image',
    OWNER_UID: 'uid',
    SAMPLE: JSON.stringify(sample),
  };
  try {
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', text], { env });
    const { code, stdout } = await run.then(
      (done) => ({ code: 0, stdout: done.stdout }),
      (failed) => ({ code: failed.code, stdout: failed.stdout }),
    );
    return { code, stdout, last: api.requests.at(-1) };
  } finally {
    await api.close();
    rmSync(folder, { recursive: true });
  }
}

describe('the test of the wrapper image', () => {
  it('succeeds if a pull fails, and the next one does not', async () => {
    const { code, stdout, last } = await test(waiting('ErrImagePull'), { running: {} }, ended(0));
    expect(stdout).toMatch(/^the node node-1 has pulled mirror\/busybox:1 without pull secrets of the release, /);
    expect([code, last]).toEqual([0, 'DELETE /api/v1/namespaces/mesh-jobs/pods/sample']);
  });

  it.each([
    ['that lasts', waiting('ImagePullBackOff', 'no such tag')],
    ['that no further try can mend', waiting('InvalidImageName', 'no such tag')],
  ])('says why a pull fails, for a failure %s', async (_, state) => {
    const { code, stdout, last } = await test(state);
    expect(stdout).toContain(`found ${state.waiting.reason}: no such tag. Set wrapper.image`);
    expect([code, last]).toEqual([1, 'DELETE /api/v1/namespaces/mesh-jobs/pods/sample']);
  });

  it('says with which code the busybox ended', async () => {
    const { code, stdout } = await test(ended(126));
    expect([code, stdout]).toEqual([1, expect.stringContaining('found exit code 126. See docs/doctor.md')]);
  });
});
