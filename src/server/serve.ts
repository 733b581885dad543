/** The server as a process: signals, the log of its life, its exit code. */
import closeWithGrace from 'close-with-grace';
import type { Settings } from '../admission/admit.ts';
import { admitReview } from '../admission/review.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../telemetry/logger.ts';
import { start } from './start.ts';

/** Comes back only when the server could not start, with every reason; else the process ends with the server. */
export async function serve(config: Config, settings: Settings): Promise<string[]> {
  const { version } = settings;
  const logger = createLogger(config.logLevel);
  const admission = { settings, onUnwrappable: config.onUnwrappable };
  const started = await start(config, { admitReview: (body) => admitReview(body, admission), logger, version });
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
