/**
 * Every answer that is not an AdmissionReview is one sentence of plain text: the API server shows a webhook's answer to the
 * pod's creator only if it is plain text.
 * @see https://github.com/kubernetes/client-go/blob/v0.35.0/rest/request.go (newUnstructuredResponseError)
 */
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from '../telemetry/logger.ts';

export function sendSentence(reply: FastifyReply, status: number, sentence: string) {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`);
}

/** Makes an error whose message is the sentence to answer with. */
export const createRequestError = (
  statusCode: number,
  sentence: string,
): Error & { statusCode: number; code: string } =>
  Object.assign(new Error(sentence), { statusCode, code: requestErrorCode });

export const createTooManyBytesError = (most: number) =>
  createRequestError(
    413,
    `The body is larger than ${most / 1024 / 1024} MiB, which is more than the API server ever sends.`,
  );

/** Tells the caller what is wrong with the request. Logs Clockout's own errors, with their stack. */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500 || error.code === requestErrorCode) return sendSentence(reply, status, describe(error));
    const uid = (request.body as { request?: { uid?: unknown } } | undefined)?.request?.uid;
    logger.error({ err: error, uid, method: request.method, url: request.url }, 'failed to answer a request');
    return sendSentence(reply, 500, "Internal error; see Clockout's log.");
  });
}

/** For Fastify's `frameworkErrors`: no hook sees a path that cannot be decoded. */
export function answerBadPath(_error: FastifyError, _request: unknown, reply: FastifyReply): void {
  sendSentence(reply, 400, 'The path of the request is not valid: it has a % without two hexadecimal digits after it.');
}

/** @param available what the caller can ask for instead, as a part of a sentence */
export function answerUnknownRoutes(app: FastifyInstance, available: string): void {
  // A hook, because Fastify calls a handler only after the body has been read and parsed.
  app.addHook('onRequest', (request, reply, next) => {
    // Node.js would answer with the status alone.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      return void sendSentence(reply, 400, 'The request has no Host header, which HTTP/1.1 requires.');
    if (!request.is404) return next();
    const url = request.url.replace(/\?.*/s, '');
    const allowed = (['GET', 'HEAD', 'POST'] as const).filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0) return void sendSentence(reply, 404, `Not found; ${available}.`);
    reply.header('allow', allowed.join(', '));
    sendSentence(reply, 405, `${request.method} is not allowed here; ${available}.`);
  });
}

// --- internal ---

const requestErrorCode = 'CLOCKOUT_BAD_REQUEST';

function describe(error: FastifyError): string {
  switch (error.code) {
    case requestErrorCode:
      return error.message;
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'The body must be JSON, with the header Content-Type: application/json.';
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'The body is empty; expected an AdmissionReview as JSON.';
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'The body is not valid JSON, is compressed, or has a key __proto__ or constructor.prototype; expected an AdmissionReview as plain JSON.';
    default:
      return `The request cannot be read: ${error.message.replace(/\.$/, '')}.`;
  }
}
