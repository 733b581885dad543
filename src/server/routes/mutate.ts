/**
 * `POST /mutate`: reads a review, answers it, logs one line and counts the outcome. It never sheds load. `/mutate/native` and the
 * like are the same for pods of a namespace with the label `clockout.dev/strategy`: the API server does not send such labels. With
 * `/mutate/unknown`, the label's value is no strategy. `/mutate/observe` and below are for namespaces that Clockout only observes.
 * `/mutate/ask-istio` and below are for the webhook before Istio's.
 */
import type { FastifyInstance } from 'fastify';
import type { AskedReview } from '../../admission/ask-istio.ts';
import {
  type AnsweredReview,
  type Circumstances,
  type NamespaceStrategy,
  reviewToJson,
  strategies,
} from '../../admission/review.ts';
import { type AccountDeps, createAccount } from '../../telemetry/account.ts';
import { logAsked } from '../../telemetry/logger.ts';
import type { Result } from '../../util/result.ts';
import { releaseRoom } from '../body/read-bounded.ts';
import { sendSentence } from '../errors.ts';

export type MutateDeps = AccountDeps & {
  /** Throws only for bugs in Clockout: the answer is then 500, and the webhook's failurePolicy decides. */
  admitReview: (body: unknown, circumstances: Circumstances) => Promise<Result<AnsweredReview, string>>;
  /** For the webhook that is called before Istio's. */
  askReview: (body: unknown, strategy?: NamespaceStrategy) => Result<AskedReview, string>;
};

export function addMutateRoutes(app: FastifyInstance, deps: MutateDeps): void {
  const account = createAccount(deps);
  const answer = async (body: unknown, circumstances: Circumstances) => {
    const answered = await deps.admitReview(body, circumstances);
    if (answered.ok) account(answered.value);
    return answered;
  };
  for (const [path, strategy] of paths) {
    addRoute(app, deps, `/mutate${path}`, (body, milliseconds) => answer(body, { milliseconds, strategy }));
    addRoute(app, deps, `/mutate/observe${path}`, (body, milliseconds) =>
      answer(body, { milliseconds, strategy, isObserved: true }),
    );
    addRoute(app, deps, `/mutate/ask-istio${path}`, async (body) => ask(deps, body, strategy));
  }
}

// --- internal ---

const paths: readonly [path: string, NamespaceStrategy | undefined][] = [
  ['', undefined],
  ...strategies.map((strategy): [string, NamespaceStrategy] => [`/${strategy}`, strategy]),
  ['/unknown', null],
];

function ask({ askReview, logger, metrics }: MutateDeps, body: unknown, strategy: NamespaceStrategy | undefined) {
  const asked = askReview(body, strategy);
  if (!asked.ok || !asked.value.isAsked) return asked;
  metrics.countAsked();
  logAsked(logger, asked.value.request);
  return asked;
}

function addRoute(
  app: FastifyInstance,
  { metrics }: MutateDeps,
  path: string,
  handle: (body: unknown, milliseconds?: number) => Promise<Result<Pick<AnsweredReview, 'review'>, string>>,
): void {
  app.post(path, {
    handler: async (request, reply) => {
      try {
        const milliseconds = readMillisecondsLeft(request.query, reply.elapsedTime);
        const answered = await handle(request.body, milliseconds);
        if (!answered.ok) return sendSentence(reply, 400, `Invalid request: ${answered.problem}.`);
        return reply.type('application/json; charset=utf-8').send(reviewToJson(answered.value.review));
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
