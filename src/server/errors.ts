/**
 * Every answer that is no AdmissionReview is one sentence of plain text. Plain, since the API server shows a webhook's
 * text to whoever created the pod, and no other type of content.
 * @see https://github.com/kubernetes/client-go/blob/v0.35.0/rest/request.go (newUnstructuredResponseError)
 */
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from '../telemetry/logger.ts';

export function sendSentence(reply: FastifyReply, status: number, sentence: string) {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`);
}

/** An error whose message is the sentence to answer with. */
export const badRequest = (statusCode: number, sentence: string): Error & { statusCode: number; code: string } =>
  Object.assign(new Error(sentence), { statusCode, code: ownCode });

/** What the request got wrong is told to the caller; what we got wrong goes to the log, with its stack. */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500 || error.code === ownCode) return sendSentence(reply, status, describeBadRequest(error));
    const uid = (request.body as { request?: { uid?: unknown } } | undefined)?.request?.uid;
    logger.error({ err: error, uid, method: request.method, url: request.url }, 'failed to answer a request');
    return sendSentence(reply, 500, 'Clockout failed on this request by an error of its own; its log has the details.');
  });
}

/** For Fastify's `frameworkErrors`: a path that cannot be decoded reaches no hook. */
export function answerBadPath(_error: FastifyError, _request: unknown, reply: FastifyReply): void {
  sendSentence(reply, 400, 'The path of the request is not valid: it has a % that no two hexadecimal digits follow.');
}

/** @param exists what there is instead, as a part of a sentence */
export function answerUnknownRoutes(app: FastifyInstance, exists: string): void {
  // In a hook, as a handler would be called only after the body has been read and found good.
  app.addHook('onRequest', (request, reply, next) => {
    // Node.js would answer with the status alone.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      return void sendSentence(reply, 400, 'The request has no header Host, which HTTP/1.1 demands.');
    if (!request.is404) return next();
    const url = request.url.replace(/\?.*/s, '');
    const allowed = (['GET', 'HEAD', 'POST'] as const).filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0) return void sendSentence(reply, 404, `There is nothing here; ${exists}.`);
    reply.header('allow', allowed.join(', '));
    sendSentence(reply, 405, `${request.method} is not possible here; ${exists}.`);
  });
}

// --- internal ---

const ownCode = 'CLOCKOUT_BAD_REQUEST';

function describeBadRequest(error: FastifyError): string {
  switch (error.code) {
    case ownCode:
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
