/** Starts both servers and stops them again. Knows no signals and no exit codes: see serve.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientCaSource } from '../certificates/files/client-ca.ts';
import { writeCa } from '../certificates/files/write-ca.ts';
import type { CertificateSource } from '../certificates/source.ts';
import type { Config } from '../config/parse.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createOperations, createWebhook, useCertificate } from './app.ts';
import { listen } from './listen.ts';
import type { MutateDeps } from './routes/mutate.ts';
import { checkReadiness } from './routes/readiness.ts';

export type StartDeps = {
  admitReview: MutateDeps['admitReview'];
  logger: Logger;
  metrics: Metrics;
  source: CertificateSource;
  /** Who signs the certificates of callers; left out where they need none. */
  clientAuthority?: ClientCaSource;
};

type RunningServer = {
  webhookUrl: string;
  metricsUrl: string;
  /** Goes on serving for the drain, with readiness off, then closes. */
  stop: (drainMilliseconds: number) => Promise<void>;
};

export type Started = { ok: true; server: RunningServer } | { ok: false; problems: string[] };

/** Longer than any review takes; what is open after that is cut. */
const closeMilliseconds = 5000;

export async function start(
  config: Config,
  { admitReview, logger, metrics, source, clientAuthority }: StartDeps,
): Promise<Started> {
  const closeSources = () => {
    source.close();
    clientAuthority?.close();
  };
  const caProblem = await writeCaOut(config.tlsCaOut, source.current().ca);
  if (caProblem) {
    closeSources();
    return { ok: false, problems: [caProblem] };
  }

  let phase: 'starting' | 'serving' | 'draining' = 'starting';
  const webhook = createWebhook({
    admitReview,
    logger,
    metrics,
    certificate: source.current(),
    isDraining: () => phase === 'draining',
    ...(clientAuthority && { callers: { clientCas: clientAuthority.current, names: config.clientNames ?? [] } }),
  });
  const renew = () => useCertificate(webhook, source.current(), clientAuthority?.current().certificates);
  source.onRenewal(renew);
  clientAuthority?.onChange(renew);
  const readiness = () => checkReadiness({ phase, source, clientCas: clientAuthority }, new Date());
  const operations = createOperations({ logger, metrics, readiness });
  const close = () => Promise.all([webhook.close(), operations.close()]);

  const { listenAddress, listenPort, metricsListenPort } = config;
  const webhookPort = await listen(webhook, listenAddress, listenPort, 'CLOCKOUT_LISTEN_PORT');
  const metricsPort = await listen(operations, listenAddress, metricsListenPort, 'CLOCKOUT_METRICS_LISTEN_PORT');
  if (!webhookPort.ok || !metricsPort.ok) {
    closeSources();
    await close();
    return { ok: false, problems: [webhookPort, metricsPort].flatMap((port) => (port.ok ? [] : [port.problem])) };
  }
  phase = 'serving';

  const stop = async (drainMilliseconds: number) => {
    phase = 'draining';
    await sleep(drainMilliseconds);
    closeSources();
    await Promise.race([close(), sleep(closeMilliseconds, undefined, { ref: false })]);
    webhook.server.closeAllConnections();
    operations.server.closeAllConnections();
  };
  return {
    ok: true,
    server: { webhookUrl: `${webhookPort.value.url}/mutate`, metricsUrl: `${metricsPort.value.url}/metrics`, stop },
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
