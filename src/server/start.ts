/** Starts both servers and stops them again. Knows no signals and no exit codes: see serve.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCertificateSource } from '../certificates/source.ts';
import { writeCa } from '../certificates/write-ca.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { buildOperations, buildWebhook } from './app.ts';
import type { Readiness } from './health-routes.ts';
import { listen } from './listen.ts';
import type { MutateDeps } from './mutate-route.ts';

export type StartDeps = { admitReview: MutateDeps['admitReview']; logger: Logger; version: string };

type RunningServer = {
  webhookUrl: string;
  metricsUrl: string;
  /** Goes on serving for the drain, with readiness off, then closes. */
  stop: (drainMilliseconds: number) => Promise<void>;
};

export type Started = { ok: true; server: RunningServer } | { ok: false; problems: string[] };

/** Longer than any review takes; what is open after that is cut. */
const closeMilliseconds = 5000;

export async function start(config: Config, { admitReview, logger, version }: StartDeps): Promise<Started> {
  const opened = await openCertificateSource(config, new Date());
  if (!opened.ok) return opened;
  const certificate = opened.source.current();
  const caProblem = await writeCaOut(config.tlsCaOut, certificate.ca);
  if (caProblem) return { ok: false, problems: [caProblem] };

  let phase: 'starting' | 'serving' | 'draining' = 'starting';
  const metrics = createMetrics({ version, certificateExpiry: () => opened.source.current().notAfter });
  const webhook = buildWebhook({ admitReview, logger, metrics, certificate, isDraining: () => phase === 'draining' });
  const readiness = (): Readiness => {
    if (phase !== 'serving') return { ready: false, because: `the server is ${phase}` };
    const expired = new Date() > opened.source.current().notAfter;
    return expired ? { ready: false, because: 'the certificate has expired' } : { ready: true };
  };
  const operations = buildOperations({ logger, metrics, readiness });
  const close = () => Promise.all([webhook.close(), operations.close()]);

  const { listenAddress, listenPort, metricsListenPort } = config;
  const webhookPort = await listen(webhook, listenAddress, listenPort, 'CLOCKOUT_LISTEN_PORT');
  const metricsPort = await listen(operations, listenAddress, metricsListenPort, 'CLOCKOUT_METRICS_LISTEN_PORT');
  if (!webhookPort.ok || !metricsPort.ok) {
    await close();
    return { ok: false, problems: [webhookPort, metricsPort].flatMap((port) => (port.ok ? [] : [port.problem])) };
  }
  phase = 'serving';

  const stop = async (drainMilliseconds: number) => {
    phase = 'draining';
    await sleep(drainMilliseconds);
    await Promise.race([close(), sleep(closeMilliseconds, undefined, { ref: false })]);
    webhook.server.closeAllConnections();
    operations.server.closeAllConnections();
  };
  return {
    ok: true,
    server: { webhookUrl: `${webhookPort.url}/mutate`, metricsUrl: `${metricsPort.url}/metrics`, stop },
  };
}

async function writeCaOut(file: string | undefined, ca: string | undefined): Promise<string | undefined> {
  if (!file || !ca) return undefined;
  try {
    await writeCa(file, ca);
    return undefined;
  } catch (error) {
    return `The CA cannot be written to ${file} (${(error as NodeJS.ErrnoException).code}).`;
  }
}
