/**
 * Decides which callers are answered. With a client CA, a caller must present a certificate of that CA with one of the configured
 * names. Others get 403 and a sentence. A refusal in the handshake would be as safe, but Node.js ends such a handshake without
 * a message, and the API server shows the text of an answer to the pod's creator.
 */
import { finished } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ClientCas } from '../certificates/files/client-ca.ts';
import type { Logger } from '../telemetry/logger.ts';
import { sendSentence } from './errors.ts';

export type Callers = {
  clientCas: () => ClientCas;
  /** Common names, as Kubernetes itself reads them from client certificates. */
  names: readonly string[];
};

/** Judges each connection once, after its handshake. The server must request certificates, and must not reject them itself. */
export function refuseOthers(app: FastifyInstance, { clientCas, names }: Callers, logger: Logger): void {
  const judged = new WeakMap<object, { found?: string; under: ClientCas }>();
  // Before Node.js' own listener, which reads requests.
  app.server.prependListener('secureConnection', (socket: TLSSocket) => {
    const found = findProblem(socket, names);
    judged.set(socket, { ...(found && { found }), under: clientCas() });
  });
  const complain = limitToOncePerMinute((problem) =>
    logger.warn({ problem }, 'refused a caller; more refusals in this minute are not logged'),
  );

  app.addHook('onRequest', async (request, reply) => {
    const caller = judged.get(request.raw.socket);
    if (caller && caller.found === undefined) {
      // The CA of its certificate may have been removed: the caller has to present one again, and no review is lost.
      if (caller.under !== clientCas()) reply.header('connection', 'close');
      return;
    }
    const problem = `This caller is not answered: expected a certificate of the CA in CLOCKOUT_CLIENT_CA_FILE with one of the names in CLOCKOUT_CLIENT_NAMES, found ${caller?.found ?? 'none'}; let the API server present one (docs/callers.md).`;
    complain(problem);
    await discardBody(request);
    reply.header('connection', 'close');
    return sendSentence(reply, 403, problem);
  });
}

// --- internal ---

/** @returns what was found instead of a good certificate */
function findProblem(socket: TLSSocket, names: readonly string[]): string | undefined {
  const { subject } = socket.getPeerCertificate();
  // Node.js returns an empty object if the client presented no certificate.
  if (subject === undefined) return 'none';
  if (!socket.authorized) return `one that is not accepted (${socket.authorizationError})`;
  // An array if there are several, which no name is equal to.
  const name: unknown = subject.CN;
  return names.some((each) => each === name) ? undefined : `the name ${JSON.stringify(name ?? '')}`;
}

/** The largest body that is read before a refusal. */
const maxDiscardedBytes = 256 * 1024;

/**
 * Reads the body and keeps nothing of it. If the server closes a connection with unread data, the client gets a reset, which may
 * overtake the answer. Bodies larger than a usual review are not worth the time.
 * @see https://datatracker.ietf.org/doc/html/rfc9112#section-9.6
 */
async function discardBody({ raw, headers }: FastifyRequest): Promise<void> {
  if (Number(headers['content-length'] ?? Number.POSITIVE_INFINITY) > maxDiscardedBytes) return;
  await finished(raw.resume()).catch(() => {});
}

function limitToOncePerMinute(call: (text: string) => void): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (now - last < 60_000) return;
    last = now;
    call(text);
  };
}
