import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

export type Listening = { ok: true; port: number; url: string } | { ok: false; problem: string };

/** @param variable setting of the port, for the sentence about a conflict */
export async function listen(app: FastifyInstance, host: string, port: number, variable: string): Promise<Listening> {
  try {
    await listenOnAny(app, host, port);
  } catch (error) {
    return { ok: false, problem: describe(error as NodeJS.ErrnoException, host, port, variable) };
  }
  const address = app.server.address() as AddressInfo;
  const everywhere = address.address === '::' || address.address === '0.0.0.0';
  const name = everywhere ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const protocol = 'setSecureContext' in app.server ? 'https' : 'http';
  return { ok: true, port: address.port, url: `${protocol}://${name}:${address.port}` };
}

/**
 * How many new connections the kernel keeps until they are taken, which is one in each turn of the event loop. A client
 * whose connection found no place there tries again after a second.
 */
const backlog = 4096;

/** `::` takes IPv4 too, but does not exist where the kernel was started without IPv6. */
async function listenOnAny(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    // One address, and so one server: Fastify would open another for the second address of `localhost`.
    await app.listen({ host: (await lookup(host)).address, port, backlog });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (host !== '::' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error;
    await app.listen({ host: '0.0.0.0', port, backlog });
  }
}

function describe({ code, message }: NodeJS.ErrnoException, host: string, port: number, variable: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program; stop that, or set ${variable} to another port.`;
    case 'EACCES':
      return `Port ${port} is not open to this user; set ${variable} to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine has no address ${host} to listen on; set CLOCKOUT_LISTEN_ADDRESS to one it has, or to ::.`;
    default:
      return `Cannot listen on ${host}, port ${port}: ${message}.`;
  }
}
