/**
 * Who may ask. With a client CA, only callers are answered that present a certificate of that CA with one of the configured names.
 * Others get 403 and a sentence. To refuse them in the handshake would be as safe, but Node.js ends such a handshake without a
 * word, while the API server shows the text of an answer to whoever created the pod.
 */
import { finished } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ClientAuthority } from '../certificates/files/client-ca.ts';
import type { Logger } from '../telemetry/logger.ts';
import { sendSentence } from './errors.ts';

export type Callers = {
  authority: () => ClientAuthority;
  /** Common names, as Kubernetes itself takes them from client certificates. */
  names: readonly string[];
};

/** Judges each connection once, after its handshake; the server must request certificates, and not reject by itself. */
export function refuseOthers(app: FastifyInstance, { authority, names }: Callers, logger: Logger): void {
  const judged = new WeakMap<object, { found?: string; under: ClientAuthority }>();
  // Before Node.js' own listener, which reads requests.
  app.server.prependListener('secureConnection', (socket: TLSSocket) => {
    const found = findFault(socket, names);
    judged.set(socket, { ...(found && { found }), under: authority() });
  });
  const complain = oncePerMinute((problem) =>
    logger.warn({ problem }, 'refused a caller; further ones of this minute are not logged'),
  );

  app.addHook('onRequest', async (request, reply) => {
    const caller = judged.get(request.raw.socket);
    if (caller && caller.found === undefined) {
      // Its certificate may be of a CA that is no longer trusted: it has to present one again, and no review is lost.
      if (caller.under !== authority()) reply.header('connection', 'close');
      return;
    }
    const problem = `This caller is not answered: expected a certificate of the CA in CLOCKOUT_CLIENT_CA_FILE with one of the names in CLOCKOUT_CLIENT_NAMES, found ${caller?.found ?? 'none'}; let the API server present one (docs/install.md, "Who may ask").`;
    complain(problem);
    await passOver(request);
    reply.header('connection', 'close');
    return sendSentence(reply, 403, problem);
  });
}

// --- internal ---

/** @returns what was found instead of a good certificate */
function findFault(socket: TLSSocket, names: readonly string[]): string | undefined {
  const { subject } = socket.getPeerCertificate();
  // Node.js gives an empty object where no certificate was presented.
  if (subject === undefined) return 'none';
  if (!socket.authorized) return `one that is not accepted (${socket.authorizationError})`;
  // An array where there are several, which no name is equal to.
  const name: unknown = subject.CN;
  return names.some((each) => each === name) ? undefined : `the name ${JSON.stringify(name ?? '')}`;
}

/** The largest body that is read before a refusal. */
const smallBody = 256 * 1024;

/**
 * Reads the body, and keeps nothing of it. A connection that is closed with something left to read is reset, and a reset may
 * overtake the answer. More than a usual review is not worth that.
 * @see https://datatracker.ietf.org/doc/html/rfc9112#section-9.6
 */
async function passOver({ raw, headers }: FastifyRequest): Promise<void> {
  if (Number(headers['content-length'] ?? Number.POSITIVE_INFINITY) > smallBody) return;
  await finished(raw.resume()).catch(() => {});
}

function oncePerMinute(call: (text: string) => void): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (now - last < 60_000) return;
    last = now;
    call(text);
  };
}
