import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../telemetry/metrics.ts';

/** Reading the metrics takes milliseconds, so requests that come at the same time share one reading. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  let underway: Promise<string> | undefined;
  app.get('/metrics', async (_request, reply) => {
    underway ??= metrics.read().finally(() => {
      underway = undefined;
    });
    return reply.type(metrics.contentType).send(await underway);
  });
}
