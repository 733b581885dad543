/** The server as a process: signals, the log of its life, its exit code. */
import closeWithGrace from 'close-with-grace';
import type { Settings } from '../admission/admit.ts';
import { admitReview } from '../admission/review.ts';
import type { CertificateEvents, CertificateSource, OpenedSource } from '../certificates/source.ts';
import type { Config } from '../config.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { start } from './start.ts';

export type OpenSource = (events: CertificateEvents) => Promise<OpenedSource>;

/** Comes back only when the server could not start, with every reason; else the process ends with the server. */
export async function serve(config: Config, settings: Settings, openSource: OpenSource): Promise<string[]> {
  const { version } = settings;
  const logger = createLogger(config.logLevel);
  const admission = { settings, onUnwrappable: config.onUnwrappable };
  let source: CertificateSource | undefined;
  const metrics = createMetrics({ version, certificateExpiry: () => source?.current().notAfter ?? new Date(0) });
  const opened = await openSource(certificateEvents(logger, metrics));
  if (!opened.ok) return opened.problems;
  source = opened.source;
  const review = (body: unknown) => admitReview(body, admission);
  const started = await start(config, { admitReview: review, logger, metrics, source });
  if (!started.ok) return started.problems;
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
