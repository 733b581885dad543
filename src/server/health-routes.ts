import type { FastifyInstance } from 'fastify';
import { sendSentence } from './errors.ts';

export type Readiness = { ready: true } | { ready: false; because: string };

/**
 * Alive means that the process answers, nothing more: a restart would cure nothing else.
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function addHealthRoutes(app: FastifyInstance, readiness: () => Readiness): void {
  app.get('/livez', async (_request, reply) => sendSentence(reply, 200, 'ok'));
  app.get('/readyz', async (_request, reply) => {
    const state = readiness();
    return state.ready ? sendSentence(reply, 200, 'ok') : sendSentence(reply, 503, `Not ready: ${state.because}.`);
  });
}
