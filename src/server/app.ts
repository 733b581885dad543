/** The two HTTP applications, without a port: the webhook, and what operators ask for. Tests build them and inject requests. */
import type { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import { type FastifyInstance, fastify } from 'fastify';
import { createTlsOptions, type ServingCertificate } from '../certificates/certificate.ts';
import type { Logger } from '../telemetry/logger.ts';
import { BoundedMessage } from './body/pieces.ts';
import { readJsonBodies } from './body/read-bounded.ts';
import { type Callers, refuseOthers } from './callers.ts';
import { beginTls, boundTls } from './connections/begin-tls.ts';
import { boundConnections } from './connections/bound-connections.ts';
import { answerBadPath, answerErrors, answerUnknownRoutes } from './errors.ts';
import { operationsConnections, webhookConnections } from './limits.ts';
import { answerConnectAndExpect, answerParserError } from './parser-errors.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addMutateRoutes, type MutateDeps } from './routes/mutate.ts';
import type { Readiness } from './routes/readiness.ts';

const options = {
  // The API server keeps idle connections for 90 s. It does not repeat a POST, so it must be the one to close first.
  keepAliveTimeout: 120_000,
  // The longest timeoutSeconds that Kubernetes allows for a webhook: after that the API server no longer waits.
  requestTimeout: 30_000,
  // While the server closes, it still answers requests: a 503 would count as a failure of the webhook.
  return503OnClosing: false,
  // No route has a schema yet. A route that gets one must see the input as it came, and not turn 5 into "5".
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  onProtoPoisoning: 'error',
  onConstructorPoisoning: 'error',
  clientErrorHandler: answerParserError,
  frameworkErrors: answerBadPath,
} as const;

export type WebhookDeps = MutateDeps & {
  certificate: ServingCertificate;
  /** While true, each answer closes its connection, so that the client connects again, to another replica. */
  isDraining: () => boolean;
  /** If left out, every caller is answered. */
  callers?: Callers;
};

/** Creates `POST /mutate` over HTTPS. HTTP/1.1 only, because the API server calls webhooks with nothing else. */
export function createWebhook(deps: WebhookDeps): FastifyInstance {
  const https = {
    ...createTlsOptions(deps.certificate, deps.callers?.clientCas().certificates),
    requestCert: deps.callers !== undefined,
    rejectUnauthorized: false,
    handshakeTimeout: 10_000,
    connectionsCheckingInterval: 5000,
    requireHostHeader: false,
    IncomingMessage: BoundedMessage,
  } as const;
  // Fastify's types keep HTTP and HTTPS apart, but a server of HTTPS is one of HTTP: hooks and routes are the same.
  const withTls = { ...options, https };
  const app = fastify<Server>(withTls);
  app.removeContentTypeParser('text/plain');
  boundTls(app.server);
  const connections = boundConnections(app.server, webhookConnections, beginTls);
  readJsonBodies(app, connections);
  app.addHook('onSend', ({ raw }, reply, _payload, next) => {
    // Node.js would go on parsing a body that the server does not read.
    if (deps.isDraining() || !raw.complete || connections.shouldClose(raw.socket)) reply.header('connection', 'close');
    next();
  });
  if (deps.callers) refuseOthers(app, deps.callers, deps.logger);
  answerInSentences(app, deps.logger, 'the webhook is POST /mutate, which expects an AdmissionReview');
  addMutateRoutes(app, deps);
  return app;
}

/** New connections use the new certificate and the new client CAs. Open connections go on as they are. */
export function useCertificate(
  webhook: FastifyInstance,
  certificate: ServingCertificate,
  clientCas?: readonly string[],
): void {
  if (!(webhook.server instanceof SecureServer)) throw new Error('expected the webhook, which serves HTTPS');
  webhook.server.setSecureContext(createTlsOptions(certificate, clientCas));
}

export type OperationsDeps = Pick<MutateDeps, 'logger' | 'metrics'> & { readiness: () => Readiness };

/** Creates `/metrics`, `/livez` and `/readyz` over plain HTTP. The API server does not need to reach their port. */
export function createOperations(deps: OperationsDeps): FastifyInstance {
  const app = fastify({ ...options, http: { requireHostHeader: false, IncomingMessage: BoundedMessage } });
  boundConnections(app.server, operationsConnections);
  app.addHook('onSend', ({ raw }, reply, _payload, next) => {
    if (!raw.complete) reply.header('connection', 'close');
    next();
  });
  answerInSentences(app, deps.logger, 'this port has GET /metrics, /livez and /readyz');
  addHealthRoutes(app, deps.readiness);
  addMetricsRoute(app, deps.metrics);
  return app;
}

/** @param available what the caller can ask for instead, as a part of a sentence */
function answerInSentences(app: FastifyInstance, logger: Logger, available: string): void {
  answerErrors(app, logger);
  answerUnknownRoutes(app, available);
  answerConnectAndExpect(app.server, available);
}
