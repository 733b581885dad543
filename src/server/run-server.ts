/** The life of the process that serves: it opens what the server uses, serves until a signal, drains, and stops. */
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Settings } from '../admission/admit.ts';
import { askReview } from '../admission/ask-istio.ts';
import { admitReview, type DefaultsOf, type ReviewDeps } from '../admission/review.ts';
import { openClientCas } from '../certificates/files/client-ca.ts';
import type { CertificateEvents, CertificateSource, OpenedSource } from '../certificates/source.ts';
import type { Config } from '../config/parse.ts';
import { createEventQueue } from '../telemetry/event-queue.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Result } from '../util/result.ts';
import {
  type LookupEvents,
  logCertificateEvents,
  logClientCaEvents,
  logEventProblems,
  logLookupEvents,
  logNamespaceEvents,
  logStrategy,
  logSweepEvents,
  logVersionEvents,
  type NamespaceEvents,
  type SweepEvents,
  type VersionEvents,
} from './log-events.ts';
import type { Followed } from './routes/readiness.ts';
import { startServer } from './start-server.ts';

export type { LookupEvents };

export type OpenedLookup = { lookup: NonNullable<ReviewDeps['lookup']>; close: () => void };

/** What the server uses, opened once its log and metrics exist. */
export type Openers = {
  source: (events: CertificateEvents) => Promise<OpenedSource>;
  /** Left out if Clockout must not ask registries. */
  lookup?: (events: LookupEvents) => Promise<Result<OpenedLookup, string[]>>;
  /** Begins to follow the versions of the cluster. Left out if no pod's answer depends on them. */
  versions?: (events: VersionEvents) => Promise<Followed & { stop: () => void }>;
  /** Begins to follow what namespaces set for their pods. Left out if that has no effect. */
  namespaces?: (events: NamespaceEvents) => Promise<FollowedNamespaces & { stop: () => void }>;
  /** Counts the pods that hang, again and again. Left out if it is off. */
  sweep?: (events: SweepEvents) => Promise<{ stop: () => void }>;
  /** Left out if Clockout writes no Events. */
  eventWriter?: (onProblem: (problem: string) => void) => Promise<EventWriter>;
};

type FollowedNamespaces = Followed & { defaultsOf: DefaultsOf };
type EventWriter = Parameters<typeof createEventQueue>[0]['write'];

/** @returns why the server could not start, with every reason. If it starts, the process ends with it. */
export async function runServer(config: Config, settings: Settings, open: Openers): Promise<string[]> {
  const { version } = settings;
  const logger = createLogger(config.logLevel);
  let source: CertificateSource | undefined;
  const metrics = createMetrics({
    version,
    certificateExpiry: () => source?.current().notAfter ?? new Date(0),
    namespaces: config.metricsNamespaces,
  });
  const registries = await open.lookup?.(logLookupEvents(logger, metrics));
  if (registries?.ok === false) return registries.problem;
  const lookup = registries?.value;
  const callers = config.clientCaFile ? await openClientCas(config.clientCaFile, logClientCaEvents(logger)) : undefined;
  /** What is still open would keep the process alive. */
  const giveUp = (problems: string[]) => {
    lookup?.close();
    if (callers?.ok) callers.value.close();
    return problems;
  };
  if (callers?.ok === false) return giveUp(callers.problem);
  const opened = await open.source(logCertificateEvents(logger, metrics));
  if (!opened.ok) return giveUp(opened.problem);
  source = opened.value;
  const versions = await open.versions?.(logVersionEvents(logger, metrics));
  const namespaces = await open.namespaces?.(logNamespaceEvents(logger));
  const write = await open.eventWriter?.(logEventProblems(logger));
  const events =
    write && createEventQueue({ write, onResult: metrics.countEvent, now: () => performance.now(), sleep });
  const defaultsOf = namespaces?.defaultsOf;
  const deps = { settings, defaultsOf, onUnwrappable: config.onUnwrappable, ...(lookup && { lookup: lookup.lookup }) };
  const started = await startServer(config, {
    admitReview: (body, circumstances) => admitReview(body, deps, circumstances),
    askReview: (body, strategy) => askReview(body, settings, strategy, defaultsOf),
    logger,
    metrics,
    source,
    ...(callers && { clientCas: callers.value }),
    ...(versions && { versions }),
    ...(namespaces && { namespaces }),
    ...(events && { events }),
  });
  const stopFollowing = () => {
    versions?.stop();
    namespaces?.stop();
    events?.stop();
  };
  if (!started.ok) {
    stopFollowing();
    return giveUp(started.problem);
  }
  const { webhookUrl, metricsUrl, stop } = started.value;
  const sweep = await open.sweep?.(logSweepEvents(logger, metrics, events?.offer));

  const drainMilliseconds = config.drainSeconds * 1000;
  closeWithGrace({ delay: drainMilliseconds + 10_000, logger }, async ({ err, signal }) => {
    if (err) {
      logger.fatal({ err }, 'stopping after an error that nothing handled');
      return;
    }
    // Kubernetes sends SIGTERM, and needs time to remove this replica from the Service. Ctrl-C should not take as long.
    const drain = signal === 'SIGTERM' ? drainMilliseconds : 0;
    logger.info({ signal, drainSeconds: drain / 1000 }, 'draining');
    await stop(drain);
    lookup?.close();
    sweep?.stop();
    stopFollowing();
    logger.info('stopped');
  });
  logger.info({ version, webhook: webhookUrl, metrics: metricsUrl, pid: process.pid }, 'serving');
  logStrategy(logger, config.strategy);
  return new Promise(() => {});
}
