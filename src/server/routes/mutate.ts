/** `POST /mutate`: body in, answered review out, one line of log and the counters. Never sheds load. */

import type { FastifyInstance } from 'fastify';
import { type AnsweredReview, reviewToJson } from '../../admission/review.ts';
import { type Logger, logOutcome } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { giveBackRoom } from '../body/read.ts';
import { sendSentence } from '../errors.ts';

export type MutateDeps = {
  /** Throws for bugs of ours only: the answer is then 500, and the webhook's failurePolicy decides. */
  admitReview: (body: unknown, milliseconds?: number) => Promise<AnsweredReview | { ok: false; problem: string }>;
  logger: Logger;
  metrics: Metrics;
};

export function addMutateRoute(app: FastifyInstance, { admitReview, logger, metrics }: MutateDeps): void {
  app.post('/mutate', {
    handler: async (request, reply) => {
      try {
        const answer = await admitReview(request.body, timeLeft(request.query, reply.elapsedTime));
        if (!answer.ok) return sendSentence(reply, 400, `This cannot be answered: ${answer.problem}.`);
        const refused = !answer.review.response.allowed;
        metrics.countOutcome(answer.outcome, refused);
        logOutcome(logger, answer.request, answer.outcome, refused);
        return reply.type('application/json; charset=utf-8').send(reviewToJson(answer.review));
      } finally {
        giveBackRoom(request, reply);
      }
    },
    // Here rather than in the handler, as a body that cannot be read never gets there.
    onResponse: (_request, reply, next) => {
      metrics.observeDuration(reply.elapsedTime);
      if (reply.statusCode >= 400) metrics.countUnanswered(reply.statusCode < 500 ? 'invalid' : 'failed');
      next();
    },
  });
}

/** For the way there and back, and for the other steps. */
const margin = 500;

/**
 * The API server says how long it waits, as in `?timeout=5s`.
 * @returns milliseconds; undefined where nothing was said
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
 */
function timeLeft(query: unknown, elapsed: number): number | undefined {
  const [, seconds] = /^(\d+)s$/.exec(`${(query as { timeout?: unknown }).timeout}`) ?? [];
  return seconds === undefined ? undefined : Math.max(0, Number(seconds) * 1000 - elapsed - margin);
}
