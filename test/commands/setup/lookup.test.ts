/** The lookup as `clockout serve` sets it up, behind the webhook itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { admitReview } from '../../../src/admission/review.ts';
import { createSelfSignedCertificate } from '../../../src/certificates/self-signed.ts';
import { openLookup } from '../../../src/commands/setup/lookup.ts';
import { type Flags, parseConfig } from '../../../src/config/parse.ts';
import type { Pod } from '../../../src/pod/schema.ts';
import { makeImage } from '../../oci/content.ts';
import { sendError, serveImages, startServer, type TestServer } from '../../oci/fake-registry.ts';
import { createApps, review } from '../../server/helpers.ts';
import { app, classicPod, settings } from '../../support/pods.ts';

const image = makeImage({ entrypoint: ['/bin/app'], cmd: ['serve'] });
const folder = mkdtempSync(join(tmpdir(), 'clockout-'));
let registry: TestServer;
beforeAll(async () => {
  const serve = serveImages({ '1.0': image });
  const login = `Basic ${Buffer.from('robot:secret').toString('base64')}`;
  registry = await startServer((request, response) => {
    if (request.url?.startsWith('/v2/hangs/')) return;
    if (!request.url?.startsWith('/v2/private/') || request.headers.authorization === login)
      return serve(request, response);
    response.setHeader('www-authenticate', 'Basic realm="r"');
    return sendError(response, 401, 'UNAUTHORIZED', 'log in');
  });
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

const closings: (() => unknown)[] = [];
afterEach(() => Promise.all(closings.splice(0).map((close) => close())));

async function open(flags: Flags = {}) {
  const parsed = parseConfig({ CLOCKOUT_REGISTRY_PLAIN_HTTP: '127.0.0.1' }, flags);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  const told: { outcome: string }[] = [];
  const events = { answered: (event: { outcome: string }) => told.push(event), asked: () => {}, failed: () => {} };
  const opened = await openLookup(parsed.value, events, {});
  if (opened.ok) closings.push(opened.value.close);
  return { opened, told };
}

/** Its one app has no command. */
const podOf = (name: string, spec: Partial<Pod['spec']> = {}) =>
  classicPod({
    spec: { containers: [app({ command: null, args: null, image: `${registry.host}/${name}` })], ...spec },
  });

async function mutate(name: string, flags: Flags = {}, spec: Partial<Pod['spec']> = {}, query = '?timeout=5s') {
  const { opened, told } = await open(flags);
  if (!opened.ok) throw new Error(opened.problem.join());
  const certificate = await createSelfSignedCertificate(['localhost'], new Date());
  const { lookup } = opened.value;
  let left: number | undefined;
  const { webhook, operations } = createApps(certificate, {
    admitReview: (body, circumstances) => {
      left = circumstances.milliseconds;
      return admitReview(body, { settings, onUnwrappable: 'admit', lookup }, circumstances);
    },
  });
  closings.push(() => Promise.all([webhook.close(), operations.close()]));
  const headers = { 'content-type': 'application/json' };
  const payload = JSON.stringify(review(podOf(name, spec)));
  const began = performance.now();
  const answer = await webhook.inject({ method: 'POST', url: `/mutate${query}`, headers, payload });
  const took = performance.now() - began;
  const { patch, warnings = [] } = answer.json().response;
  return { patch: patch && Buffer.from(patch, 'base64').toString(), warnings, told, left, took };
}

describe('a pod without a command', () => {
  it('is wrapped by what its image runs', async () => {
    const { patch, warnings, told } = await mutate('org/app:1.0');
    expect(patch).toContain('"/bin/app","serve"');
    expect(patch).toContain(image.manifest.digest);
    expect({ warnings, told }).toEqual({ warnings: [], told: [expect.objectContaining({ outcome: 'pulled' })] });
  });

  it('is told that its pull secrets are not read, where that is so', async () => {
    const { patch, warnings } = await mutate('private/app:1.0', {}, { imagePullSecrets: [{ name: 'regcred' }] });
    expect(patch).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringContaining('set its command in the manifest, or annotate the pod'),
      expect.stringContaining('asks for credentials'),
      expect.stringContaining('registry.pullSecrets'),
    ]);
  });

  it("is wrapped by the install's own credentials", async () => {
    const file = join(folder, 'config.json');
    const auths = { [registry.host]: { username: 'robot', password: 'secret' } };
    writeFileSync(file, JSON.stringify({ auths }));
    const { patch } = await mutate('private/app:1.0', { registryDockerConfig: file });
    expect(patch).toContain('"/bin/app","serve"');
  });

  it('is answered before the webhook has no time left', async () => {
    const patient = { registryTimeout: '20s' };
    const { patch, warnings, left, took } = await mutate('hangs/app:1.0', patient, {}, '?timeout=1s');
    expect(patch).toBeUndefined();
    expect(warnings[1]).toContain('did not answer in time');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(500);
    // Of 20 seconds; for a machine that is busy.
    expect(took).toBeLessThan(10_000);
  });
});

describe('at the start', () => {
  it.each<[string, Flags, string]>([
    [
      'a CA',
      { registryCaFile: '/none' },
      'CLOCKOUT_REGISTRY_CA_FILE: The CA certificate file /none cannot be read (ENOENT).',
    ],
    [
      'a docker config',
      { registryDockerConfig: '/none' },
      'CLOCKOUT_REGISTRY_DOCKER_CONFIG: the docker config /none cannot be read (ENOENT).',
    ],
  ])('%s that is not there is a problem', async (_, flags, problem) =>
    expect((await open(flags)).opened).toEqual({ ok: false, problem: [problem] }),
  );

  it('clouds are not asked', async () =>
    expect((await open({ registryClouds: 'ecr,google,azure' })).opened.ok).toBe(true));
});
