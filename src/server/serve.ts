/** The server as a process: signals, the log of its life, its exit code. */
import closeWithGrace from 'close-with-grace';
import type { Settings } from '../admission/admit.ts';
import { admitReview, type ReviewDeps } from '../admission/review.ts';
import { type ClientCaEvents, openClientCas } from '../certificates/files/client-ca.ts';
import type { CertificateEvents, CertificateSource, OpenedSource } from '../certificates/source.ts';
import type { Config } from '../config/parse.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { start } from './start.ts';

/** What a lookup tells of itself: what a pod was answered, what a registry was asked, and a sentence on what is wrong. */
type LookupEvents = {
  answered: (event: { outcome: string; milliseconds: number }) => void;
  asked: (event: { registry: string; outcome: string; milliseconds: number }) => void;
  failed: (problem: string) => void;
};

type OpenedLookup =
  | { ok: true; lookup: NonNullable<ReviewDeps['lookup']>; close: () => void }
  | { ok: false; problems: string[] };

/** What the server is handed, opened once its log and metrics are there. */
export type Openers = {
  source: (events: CertificateEvents) => Promise<OpenedSource>;
  /** Left out where no registry may be asked. */
  lookup?: (events: LookupEvents) => Promise<OpenedLookup>;
};

/** Comes back only when the server could not start, with every reason; else the process ends with the server. */
export async function serve(config: Config, settings: Settings, open: Openers): Promise<string[]> {
  const { version } = settings;
  const logger = createLogger(config.logLevel);
  let source: CertificateSource | undefined;
  const metrics = createMetrics({ version, certificateExpiry: () => source?.current().notAfter ?? new Date(0) });
  const registries = await open.lookup?.(lookupEvents(logger, metrics));
  if (registries?.ok === false) return registries.problems;
  const callers = config.clientCaFile
    ? await openClientCas(config.clientCaFile, clientAuthorityEvents(logger))
    : undefined;
  /** What is still open would keep the process alive. */
  const giveUp = (problems: string[]) => {
    registries?.close();
    if (callers?.ok) callers.value.close();
    return problems;
  };
  if (callers?.ok === false) return giveUp(callers.problem);
  const opened = await open.source(certificateEvents(logger, metrics));
  if (!opened.ok) return giveUp(opened.problem);
  source = opened.value;
  const deps = { settings, onUnwrappable: config.onUnwrappable, ...(registries && { lookup: registries.lookup }) };
  const review = (body: unknown, milliseconds?: number) => admitReview(body, deps, milliseconds);
  const started = await start(config, {
    admitReview: review,
    logger,
    metrics,
    source,
    ...(callers && { clientAuthority: callers.value }),
  });
  if (!started.ok) return giveUp(started.problems);
  const { webhookUrl, metricsUrl, stop } = started.server;

  const drainMilliseconds = config.drainSeconds * 1000;
  closeWithGrace({ delay: drainMilliseconds + 10_000, logger }, async ({ err, signal }) => {
    if (err) {
      logger.fatal({ err }, 'stopping after an error that nothing handled');
      return;
    }
    // Kubernetes sends SIGTERM, and needs time to take this replica out of the Service. Ctrl-C should not take as long.
    const drain = signal === 'SIGTERM' ? drainMilliseconds : 0;
    logger.info({ signal, drainSeconds: drain / 1000 }, 'stopping');
    await stop(drain);
    registries?.close();
    logger.info('stopped');
  });
  logger.info({ version, webhook: webhookUrl, metrics: metricsUrl, pid: process.pid }, 'serving');
  return new Promise(() => {});
}

const certificateEvents = (logger: Logger, metrics: Metrics): CertificateEvents => ({
  renewed: ({ notAfter }) => {
    metrics.countCertificate('renewed');
    logger.info({ notAfter }, 'serving with a new certificate');
  },
  repaired: () => {
    metrics.countCertificate('repaired');
    logger.info('put the caBundle of the webhook configuration right');
  },
  failed: (problem) => {
    metrics.countCertificate('failed');
    logger.error({ problem }, 'the certificate could not be brought up to date');
  },
});

const clientAuthorityEvents = (logger: Logger): ClientCaEvents => ({
  changed: () => logger.info('trusting the new client CAs'),
  failed: (problem) => logger.error({ problem }, 'the client CAs could not be read again'),
});

const lookupEvents = (logger: Logger, metrics: Metrics): LookupEvents => ({
  answered: (event) => metrics.countLookup(event),
  asked: (event) => {
    metrics.countRegistryRequest(event);
    logger.debug(event, 'asked a registry what an image runs');
  },
  failed: (problem) => logger.error({ problem }, 'the lookup of what images run is impaired'),
});
