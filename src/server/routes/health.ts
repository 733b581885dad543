import type { FastifyInstance } from 'fastify';
import { sendSentence } from '../errors.ts';
import type { Readiness } from './readiness.ts';

/**
 * Alive means only that the process answers: a restart would repair nothing else.
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function addHealthRoutes(app: FastifyInstance, readiness: () => Readiness): void {
  app.get('/livez', async (_request, reply) => sendSentence(reply, 200, 'ok'));
  app.get('/readyz', async (_request, reply) => {
    const state = readiness();
    if (!state.isReady) return sendSentence(reply, 503, `Not ready: ${endSentence(state.reason)}`);
    const { warning } = state;
    return sendSentence(reply, 200, warning === undefined ? 'ok' : `Ready, with a warning: ${endSentence(warning)}`);
  });
}

const endSentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);
