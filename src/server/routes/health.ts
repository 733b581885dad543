import type { FastifyInstance } from 'fastify';
import { sendSentence } from '../errors.ts';
import type { Readiness } from './readiness.ts';

/**
 * Alive means that the process answers, nothing more: a restart would cure nothing else.
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function addHealthRoutes(app: FastifyInstance, readiness: () => Readiness): void {
  app.get('/livez', async (_request, reply) => sendSentence(reply, 200, 'ok'));
  app.get('/readyz', async (_request, reply) => {
    const state = readiness();
    if (!state.ready) return sendSentence(reply, 503, `Not ready: ${ended(state.because)}`);
    return sendSentence(reply, 200, state.but === undefined ? 'ok' : `Ready, but not all is well: ${ended(state.but)}`);
  });
}

const ended = (sentence: string) => (sentence.endsWith('.') ? sentence : `${sentence}.`);
