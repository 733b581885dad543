/** The two HTTP applications, without a port: the webhook, and what operators ask. Tests build them and inject. */
import type { Server as SecureServer } from 'node:https';
import { type FastifyInstance, fastify } from 'fastify';
import { type ServingCertificate, tlsOptions } from '../certificates/certificate.ts';
import { BoundedMessage } from './body/pieces.ts';
import { readJsonBodies } from './body/read.ts';
import { type Callers, refuseOthers } from './callers.ts';
import { beginTls, boundTls } from './connections/begin-tls.ts';
import { boundConnections } from './connections/bound.ts';
import { answerBadPath, answerErrors, answerUnknownRoutes } from './errors.ts';
import { operationsConnections, webhookConnections } from './limits.ts';
import { answerConnectAndExpect, answerParserError } from './parser-errors.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addMutateRoute, type MutateDeps } from './routes/mutate.ts';
import type { Readiness } from './routes/readiness.ts';

const options = {
  // The API server keeps idle connections for 90 s. It does not repeat a POST, so it must be the one to close first.
  keepAliveTimeout: 120_000,
  // The longest timeoutSeconds that Kubernetes allows for a webhook; nobody waits for the answer after that.
  requestTimeout: 30_000,
  // While we close, requests are still answered: a 503 would count as a failure of the webhook.
  return503OnClosing: false,
  // No route has a schema today. One that gets one must see the input as it came, and not turn 5 into "5".
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  onProtoPoisoning: 'error',
  onConstructorPoisoning: 'error',
  clientErrorHandler: answerParserError,
  frameworkErrors: answerBadPath,
} as const;

export type WebhookDeps = MutateDeps & {
  certificate: ServingCertificate;
  /** From then on each answer asks its client to connect anew, which leads it to another replica. */
  isDraining: () => boolean;
  /** Left out where every caller is answered. */
  callers?: Callers;
};

/** `POST /mutate` over HTTPS. HTTP/1.1 only, as the API server calls webhooks with nothing else. */
export function buildWebhook(deps: WebhookDeps): FastifyInstance {
  const https = {
    ...tlsOptions(deps.certificate, deps.callers?.authority().certificates),
    requestCert: deps.callers !== undefined,
    rejectUnauthorized: false,
    handshakeTimeout: 10_000,
    connectionsCheckingInterval: 5000,
    requireHostHeader: false,
    IncomingMessage: BoundedMessage,
  } as const;
  // Fastify's types keep HTTP and HTTPS apart; hooks and routes are the same.
  const app = fastify({ ...options, https }) as unknown as FastifyInstance;
  app.removeContentTypeParser('text/plain');
  boundTls(app.server);
  const connections = boundConnections(app.server, webhookConnections, beginTls);
  readJsonBodies(app, connections);
  app.addHook('onSend', ({ raw }, reply, _payload, next) => {
    // What nobody reads of a body would still be parsed.
    if (deps.isDraining() || !raw.complete || connections.isToEnd(raw.socket)) reply.header('connection', 'close');
    next();
  });
  answerErrors(app, deps.logger);
  if (deps.callers) refuseOthers(app, deps.callers, deps.logger);
  const exists = 'the webhook is POST /mutate, which takes an AdmissionReview and answers it';
  answerUnknownRoutes(app, exists);
  answerConnectAndExpect(app.server, exists);
  addMutateRoute(app, deps);
  return app;
}

/** New connections meet the new certificate and the new client CAs; those that are open go on. */
export function useCertificate(
  webhook: FastifyInstance,
  certificate: ServingCertificate,
  clientCas?: readonly string[],
): void {
  (webhook.server as unknown as SecureServer).setSecureContext(tlsOptions(certificate, clientCas));
}

export type OperationsDeps = {
  logger: MutateDeps['logger'];
  metrics: MutateDeps['metrics'];
  readiness: () => Readiness;
};

/** `/metrics`, `/livez` and `/readyz` over plain HTTP, on a port that need not be reachable from the API server. */
export function buildOperations(deps: OperationsDeps): FastifyInstance {
  const app = fastify({ ...options, http: { requireHostHeader: false, IncomingMessage: BoundedMessage } });
  boundConnections(app.server, operationsConnections);
  app.addHook('onSend', ({ raw }, reply, _payload, next) => {
    if (!raw.complete) reply.header('connection', 'close');
    next();
  });
  answerErrors(app, deps.logger);
  const exists = 'there are GET /metrics, /livez and /readyz';
  answerUnknownRoutes(app, exists);
  answerConnectAndExpect(app.server, exists);
  addHealthRoutes(app, deps.readiness);
  addMetricsRoute(app, deps.metrics);
  return app;
}
