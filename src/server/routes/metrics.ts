import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../telemetry/metrics.ts';

/** Reading them takes milliseconds: all who ask while somebody is told are told the same. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  let underway: Promise<string> | undefined;
  app.get('/metrics', async (_request, reply) => {
    underway ??= metrics.read().finally(() => {
      underway = undefined;
    });
    return reply.type(metrics.contentType).send(await underway);
  });
}
