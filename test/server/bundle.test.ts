/** The bundle as a user starts it. `npm test` builds it first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const started = await Promise.race([once(lines, 'line'), exited]);
  if (!Array.isArray(started)) throw new Error(`the server did not start: ${child.stderr.read()}`);
  const { webhook, metrics } = log[0] as unknown as { webhook: string; metrics: string };
  return { child, log, webhook, metrics, exited };
}

describe('clockout serve', () => {
  it('makes its own certificate, and answers whoever has its CA', async () => {
    const { webhook, metrics, log } = await serve();
    const client = createClient(webhook, readFileSync(caFile, 'utf8'));
    const answer = await client.post(JSON.stringify(review()));
    client.close();
    expect(JSON.parse(answer.text).response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect((await fetch(new URL('/readyz', metrics))).status).toBe(200);
    expect(await (await fetch(metrics)).text()).toContain('clockout_admission_reviews_total{outcome="patched"} 1');
    expect(log.at(-1)).toMatchObject({ level: 'info', msg: 'wrapped the pod', uid: 'review-1' });
  });

  it('drains on SIGTERM and ends with 0', async () => {
    const { child, webhook, metrics, log, exited } = await serve('--drain-seconds', '3');
    const client = createClient(webhook, readFileSync(caFile, 'utf8'));
    await client.post(JSON.stringify(review()));
    const start = performance.now();
    child.kill('SIGTERM');
    const readyz = async () => (await fetch(new URL('/readyz', metrics))).status;
    await expect.poll(readyz, { timeout: 2000 }).toBe(503);
    const answer = await client.post(JSON.stringify(review()));
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    client.close();
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - start).toBeGreaterThan(3000);
    expect(log.map(({ msg }) => msg)).toEqual(['serving', 'wrapped the pod', 'stopping', 'wrapped the pod', 'stopped']);
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
