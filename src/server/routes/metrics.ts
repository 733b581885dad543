import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../telemetry/metrics.ts';
import { createSingleFlight } from '../../util/single-flight.ts';

/** Reading the metrics takes milliseconds, so requests that come at the same time share one reading. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  const fly = createSingleFlight<string>();
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await fly('metrics', metrics.read)),
  );
}
