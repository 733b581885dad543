/** Both applications with the real admission, and a client that trusts only the certificate of a test. */
import { Agent, request as httpsRequest } from 'node:https';
import { askReview } from '../../src/admission/ask-istio.ts';
import { admitReview } from '../../src/admission/review.ts';
import type { ServingCertificate } from '../../src/certificates/certificate.ts';
import { createOperations, createWebhook, type WebhookDeps } from '../../src/server/app.ts';
import type { Readiness } from '../../src/server/routes/readiness.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { classicPod, settings } from '../support/pods.ts';

export const review = (object: unknown = classicPod(), request = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'review-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'team',
    operation: 'CREATE',
    object,
    ...request,
  },
});

export type LogLine = { level: string; msg: string; err?: { message: string; stack: string } } & Record<
  string,
  unknown
>;

export function createApps(certificate: ServingCertificate, changes: Partial<WebhookDeps> = {}) {
  const log: LogLine[] = [];
  const logger = createLogger('debug', { write: (line) => void log.push(JSON.parse(line)) });
  const metrics = createMetrics({ version: '0.0.0-test', certificateExpiry: () => certificate.notAfter });
  let readiness: Readiness = { isReady: true };
  const webhook = createWebhook({
    askReview: (body) => askReview(body, settings),
    admitReview: (body) => admitReview(body, { settings, onUnwrappable: 'admit' }),
    logger,
    metrics,
    certificate,
    isDraining: () => false,
    ...changes,
  });
  const operations = createOperations({ logger, metrics, readiness: () => readiness });
  const setReadiness = (of: Readiness) => {
    readiness = of;
  };
  return { webhook, operations, log, setReadiness };
}

export type Answer = { status: number; headers: Record<string, unknown>; text: string; reusedSocket: boolean };

/**
 * A client that keeps its connections, as the API server's does.
 * @param pair the certificate that it presents, if any
 */
export function createClient(url: string, ca: string, maxSockets = 25, pair: { cert?: string; key?: string } = {}) {
  const agent = new Agent({ ca, keepAlive: true, maxSockets, ...pair });
  const post = (body: string | Buffer) =>
    new Promise<Answer>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const request = httpsRequest(url, { agent, method: 'POST', headers, timeout: 20_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text, reusedSocket: request.reusedSocket });
        });
      });
      request.on('timeout', () => request.destroy(new Error('no answer within 20 s')));
      request.on('error', reject);
      request.end(body);
    });
  return { post, close: () => agent.destroy() };
}
