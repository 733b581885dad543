/**
 * `POST /mutate`: reads a review, answers it, logs one line and counts the outcome. It never sheds load. `/mutate/native` and the
 * like are the same for pods of a namespace with the label `clockout.dev/strategy`: the API server does not send such labels.
 */
import type { FastifyInstance } from 'fastify';
import { type AnsweredReview, reviewToJson, type Strategy, strategies } from '../../admission/review.ts';
import { type Logger, logOutcome } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Result } from '../../util/result.ts';
import { releaseRoom } from '../body/read.ts';
import { sendSentence } from '../errors.ts';

export type MutateDeps = {
  /** Throws only for bugs in Clockout: the answer is then 500, and the webhook's failurePolicy decides. */
  admitReview: (body: unknown, milliseconds?: number, strategy?: Strategy) => Promise<Result<AnsweredReview, string>>;
  logger: Logger;
  metrics: Metrics;
};

export function addMutateRoutes(app: FastifyInstance, deps: MutateDeps): void {
  addRoute(app, deps, '/mutate', undefined);
  for (const strategy of strategies) addRoute(app, deps, `/mutate/${strategy}`, strategy);
}

// --- internal ---

function addRoute(
  app: FastifyInstance,
  { admitReview, logger, metrics }: MutateDeps,
  path: string,
  strategy: Strategy | undefined,
): void {
  app.post(path, {
    handler: async (request, reply) => {
      try {
        const milliseconds = readMillisecondsLeft(request.query, reply.elapsedTime);
        const answer = await admitReview(request.body, milliseconds, strategy);
        if (!answer.ok) return sendSentence(reply, 400, `Invalid request: ${answer.problem}.`);
        const { review, request: reviewed, outcome } = answer.value;
        const isRefused = !review.response.allowed;
        metrics.countOutcome(outcome, isRefused);
        logOutcome(logger, reviewed, outcome, isRefused);
        return reply.type('application/json; charset=utf-8').send(reviewToJson(review));
      } finally {
        releaseRoom(request, reply);
      }
    },
    // Here rather than in the handler, because a request whose body cannot be read never reaches the handler.
    onResponse: (_request, reply, next) => {
      metrics.observeDuration(reply.elapsedTime);
      if (reply.statusCode >= 400) metrics.countUnanswered(reply.statusCode < 500 ? 'invalid' : 'failed');
      next();
    },
  });
}

/** For the network, and for the steps other than the lookup. */
const marginMilliseconds = 500;

/**
 * The API server says how long it waits, as in `?timeout=5s`.
 * @returns undefined if it says nothing
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
 */
function readMillisecondsLeft(query: unknown, elapsedMilliseconds: number): number | undefined {
  const [, seconds] = /^(\d+)s$/.exec(`${(query as { timeout?: unknown }).timeout}`) ?? [];
  if (seconds === undefined) return undefined;
  return Math.max(0, Number(seconds) * 1000 - elapsedMilliseconds - marginMilliseconds);
}
