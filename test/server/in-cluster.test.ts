/** The webhook over HTTPS, with an API server at hand: what it reads of namespaces, and the Events that it writes. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { askReview } from '../../src/admission/ask-istio.ts';
import { admitReview } from '../../src/admission/review.ts';
import { openCertificateSource } from '../../src/certificates/source.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { followNamespaceDefaults } from '../../src/kubernetes/namespace-defaults.ts';
import { createEventWriter } from '../../src/kubernetes/write-event.ts';
import { logEventProblems, logNamespaceEvents } from '../../src/server/log-events.ts';
import { startServer } from '../../src/server/start-server.ts';
import { createEventQueue } from '../../src/telemetry/event-queue.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { startWatchServer } from '../kubernetes/watch-server.ts';
import { app, classicPod, settings } from '../support/pods.ts';
import { createClient, type LogLine, review } from './helpers.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const namespaces = '/api/v1/namespaces';
const events = '/api/v1/namespaces/team/events';
const namespace = (name: string, annotations: object) => ({ metadata: { uid: name, name, annotations } });

async function start() {
  const api = await startWatchServer();
  cleanups.push(api.close);
  const folder = await mkdtemp(join(tmpdir(), 'clockout-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const parsed = parseConfig({
    CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
    CLOCKOUT_LISTEN_PORT: '0',
    CLOCKOUT_METRICS_LISTEN_PORT: '0',
    CLOCKOUT_TLS_CA_OUT: join(folder, 'ca.pem'),
  });
  if (!parsed.ok) throw new Error('expected a configuration');
  const log: LogLine[] = [];
  const logger = createLogger('info', { write: (line) => void log.push(JSON.parse(line)) });
  const opened = await openCertificateSource(parsed.value, {
    renewed: () => {},
    repaired: () => {},
    noticed: () => {},
    failed: () => {},
  });
  if (!opened.ok) throw new Error('expected a certificate');
  const metrics = createMetrics({ version: '0', certificateExpiry: () => new Date() });
  const now = () => performance.now();
  const followed = followNamespaceDefaults(api.config, { now, events: logNamespaceEvents(logger) });
  cleanups.push(followed.stop);
  const write = createEventWriter(api.config, logEventProblems(logger));
  const queue = createEventQueue({ write, onResult: metrics.countEvent, now, sleep });
  cleanups.push(queue.stop);
  const { defaultsOf } = followed;
  const started = await startServer(parsed.value, {
    admitReview: (body, circumstances) =>
      admitReview(body, { settings, onUnwrappable: 'admit', defaultsOf }, circumstances),
    askReview: (body, strategy) => askReview(body, settings, strategy, defaultsOf),
    logger,
    metrics,
    source: opened.value,
    namespaces: followed,
    events: queue,
  });
  if (!started.ok) throw new Error(started.problem.join());
  const { webhookUrl, metricsUrl, stop } = started.value;
  cleanups.push(() => stop(0));
  const clients = ['', '/observe'].map((path) =>
    createClient(`${webhookUrl}${path}`, readFileSync(join(folder, 'ca.pem'), 'utf8')),
  );
  for (const client of clients) cleanups.push(client.close);
  const send =
    (client = clients[0]) =>
    async (pod: object, request = {}) =>
      JSON.parse((await client?.post(JSON.stringify(review(pod, request))))?.text ?? '').response;
  const readyz = async () => (await fetch(new URL('/readyz', metricsUrl))).text();
  const metric = async (row: string) =>
    (await (await fetch(metricsUrl)).text())
      .split('\n')
      .find((line) => line.startsWith(row))
      ?.split(' ')
      .at(-1);
  const written = () => api.requests.filter((request) => request === `POST ${events}`).length;
  return { api, log, ask: send(), observe: send(clients[1]), readyz, metric, written };
}

const owned = {
  ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1', controller: true }],
};
const wrapped = classicPod({ metadata: owned });
const bare = classicPod({ metadata: owned, spec: { containers: [app({ command: null })] } });

describe('in a cluster', () => {
  it("takes a namespace's defaults, and goes on with them when the API server is away", async () => {
    const { api, ask, readyz, log } = await start();
    expect(await readyz()).toMatch(/not been read yet|ok/);
    await expect.poll(readyz).toBe('ok\n');
    const plain = await ask(wrapped);
    api.put(namespaces, namespace('team', { 'clockout.dev/wait-timeout': '77s', 'clockout.dev/quit': 'x' }));
    const text = async () => Buffer.from((await ask(wrapped)).patch, 'base64').toString();
    await expect.poll(text).toContain('77');
    expect(Buffer.from(plain.patch, 'base64').toString()).not.toContain('77');
    expect((await ask(wrapped)).warnings).toEqual([
      expect.stringContaining("of the pod's namespace has no effect: quit: expected"),
    ]);
    const told = log.filter(({ level, namespace: of }) => level === 'warn' && of === 'team');
    expect(told).toMatchObject([{ problems: [expect.stringContaining('quit: expected')] }]);
    await api.close();
    expect(await text()).toContain('77');
    expect(await readyz()).toBe('ok\n');
  });

  it('writes one Event for all pods of a Job, and none for a dry run or an observed pod', async () => {
    const { api, ask, observe, metric, written } = await start();
    await observe(wrapped);
    await ask(bare, { dryRun: true });
    for (let i = 0; i < 3; i++) await ask(wrapped);
    for (let i = 0; i < 3; i++) await ask(bare);
    await expect.poll(written).toBe(2);
    await ask(wrapped);
    await expect.poll(() => metric('clockout_events_total{outcome="written"}')).toBe('2');
    expect(api.requests.filter((request) => request.startsWith('POST'))).toHaveLength(2);
  });

  it('answers anyway without the right to write Events, and says so in one line', async () => {
    const { api, ask, log, metric } = await start();
    api.refuse(events);
    expect((await ask(bare)).allowed).toBe(true);
    const lines = () => log.filter(({ msg }) => msg === 'could not write an Event');
    await expect.poll(lines).toHaveLength(1);
    for (let i = 0; i < 3; i++) expect((await ask(wrapped)).allowed).toBe(true);
    expect(lines()).toMatchObject([
      {
        level: 'error',
        problem: expect.stringContaining('the chart gives it the right with `events`, unless `rbac.create` is false'),
      },
    ]);
    expect(await metric('clockout_events_total{outcome="dropped"}')).toBe('3');
  });
});
