import { lookup } from 'node:dns/promises';
import type { FastifyInstance } from 'fastify';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';
import { fail, ok, type Result } from '../util/result.ts';

/** `url` has no path. */
export type Listening = { port: number; url: string };

/** @param variable the setting of the port, for the sentence about a conflict */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
  variable: string,
): Promise<Result<Listening, string>> {
  try {
    await listenOnAny(app, host, port);
  } catch (error) {
    return fail(describe(error, host, port, variable));
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a server that listens on a port');
  const isEverywhere = address.address === '::' || address.address === '0.0.0.0';
  const name = isEverywhere ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const protocol = 'setSecureContext' in app.server ? 'https' : 'http';
  return ok({ port: address.port, url: `${protocol}://${name}:${address.port}` });
}

/**
 * How many new connections the kernel keeps until the server accepts them, one in each turn of the event loop. A client that
 * finds no place in this queue tries again after a second.
 */
const backlog = 4096;

/** `::` includes IPv4, but does not exist if the kernel was started without IPv6. */
async function listenOnAny(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    // One address, and so one server: Fastify would open another server for the second address of `localhost`.
    await app.listen({ host: (await lookup(host)).address, port, backlog });
  } catch (error) {
    const code = readErrorCode(error);
    if (host !== '::' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error;
    await app.listen({ host: '0.0.0.0', port, backlog });
  }
}

function describe(error: unknown, host: string, port: number, variable: string): string {
  switch (readErrorCode(error)) {
    case 'EADDRINUSE':
      return `Port ${port} is used by another program; stop that, or set ${variable} to another port.`;
    case 'EACCES':
      return `Port ${port} is not open to this user; set ${variable} to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine has no address ${host} to listen on; set CLOCKOUT_LISTEN_ADDRESS to one it has, or to ::.`;
    default:
      return `Cannot listen on ${host}, port ${port}: ${readErrorMessage(error)}.`;
  }
}
