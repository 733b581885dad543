/** The bundle as a user starts it. `npm test` builds it first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeClientCa } from '../certificates/client-certificates.ts';
import { createClient, type LogLine, review } from './helpers.ts';

const bundle = join(import.meta.dirname, '../../dist/clockout.mjs');
const folder = mkdtempSync(join(tmpdir(), 'clockout-bundle-'));
const caFile = join(folder, 'ca.pem');
const children: ChildProcess[] = [];

beforeAll(() => {
  if (!existsSync(bundle)) throw new Error(`expected ${bundle}; run "npm run build" first`);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(...flags: string[]) {
  const loopback = ['--listen-address', '127.0.0.1', '--listen-port', '0', '--metrics-listen-port', '0'];
  const args = [bundle, 'serve', ...loopback, '--tls-ca-out', caFile, ...flags];
  // Nothing of ours in its environment, as on a fresh machine.
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const log: LogLine[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => log.push(JSON.parse(line)));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  // When its output has been read, too.
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  const started = await Promise.race([once(lines, 'line'), exited]);
  if (!Array.isArray(started)) throw new Error(`the server did not start: ${complaint}`);
  const { webhook, metrics } = log[0] as unknown as { webhook: string; metrics: string };
  return { child, log, webhook, metrics, exited };
}

describe('clockout serve', () => {
  it('makes its own certificate, and answers a caller that trusts its CA', async () => {
    const { webhook, metrics, log } = await serve();
    const client = createClient(webhook, readFileSync(caFile, 'utf8'));
    const answer = await client.post(JSON.stringify(review()));
    client.close();
    expect(JSON.parse(answer.text).response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect((await fetch(new URL('/readyz', metrics))).status).toBe(200);
    expect(await (await fetch(metrics)).text()).toContain('clockout_admission_reviews_total{outcome="patched"} 1');
    const logged = expect.poll(() => log.at(-1), { timeout: 20_000 });
    await logged.toMatchObject({ level: 'info', msg: 'wrapped the pod', uid: 'review-1' });
  });

  it('answers callers by their certificates, where it has a client CA', async () => {
    const ca = await makeClientCa();
    const file = join(folder, 'client-ca.pem');
    writeFileSync(file, ca.cert);
    const { webhook } = await serve('--client-ca-file', file, '--client-names', 'kube-apiserver');
    const client = createClient(webhook, readFileSync(caFile, 'utf8'));
    expect((await client.post(JSON.stringify(review()))).status).toBe(403);
    client.close();
    const known = createClient(
      webhook,
      readFileSync(caFile, 'utf8'),
      1,
      await ca.issue({ subject: 'CN=kube-apiserver' }),
    );
    expect((await known.post(JSON.stringify(review()))).status).toBe(200);
    known.close();
  });

  it('does not start with a client CA that cannot be used, and says why', async () => {
    await expect(serve('--client-ca-file', `${caFile}x`, '--client-names', 'a')).rejects.toThrow(
      /the server did not start: clockout: The CA certificate file .*x cannot be read \(ENOENT\)\.\n$/,
    );
  });

  it('drains on SIGTERM and ends with 0', async () => {
    const { child, webhook, metrics, log, exited } = await serve('--drain-seconds', '8');
    const client = createClient(webhook, readFileSync(caFile, 'utf8'));
    await client.post(JSON.stringify(review()));
    const start = performance.now();
    child.kill('SIGTERM');
    const readyz = async () => (await fetch(new URL('/readyz', metrics))).status;
    await expect.poll(readyz, { timeout: 7000 }).toBe(503);
    const answer = await client.post(JSON.stringify(review()));
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    client.close();
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - start).toBeGreaterThan(8000);
    expect(log.map(({ msg }) => msg)).toEqual(['serving', 'wrapped the pod', 'draining', 'wrapped the pod', 'stopped']);
  });

  it('ends at once on Ctrl-C', async () => {
    const { child, exited } = await serve('--drain-seconds', '60');
    const start = performance.now();
    child.kill('SIGINT');
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('can be started as a program, and carries the licences of what is in it', () => {
    expect(statSync(bundle).mode & 0o111).toBe(0o111);
    expect(readFileSync(bundle, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(readFileSync(join(bundle, '../LICENSES.txt'), 'utf8')).toMatch(/^fastify 5\.\d+\.\d+ \(MIT\)$/m);
  });
});
